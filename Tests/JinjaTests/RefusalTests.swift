import Jinja
import Testing

@Suite("Refusing templates")
struct RefusalTests {
    @Test(
        "What is not supported is refused when compiling, by name and place",
        arguments: [
            ("a\nb {% macro f() %}{% endmacro %}", "macro", 2, 6),
            ("{% include 'x' %}", "include", 1, 4), ("{% import 'x' as y %}", "import", 1, 4),
            ("{% from 'x' import y %}", "from", 1, 4), ("{% extends 'x' %}", "extends", 1, 4),
            ("{% block x %}{% endblock %}", "block", 1, 4), ("{% call f() %}{% endcall %}", "call", 1, 4),
            ("{% filter upper %}{% endfilter %}", "filter", 1, 4), ("{% do x %}", "do", 1, 4),
            ("{% autoescape true %}{% endautoescape %}", "autoescape", 1, 4), ("{% nope %}", "nope", 1, 4),
            ("{{ x|urlize }}", "urlize", 1, 6), ("{{ x is callable }}", "callable", 1, 9),
            ("{{ x.append(1) }}", "append", 1, 5), ("{{ 'a'.format(1) }}", "format", 1, 7),
            ("{{ lipsum() }}", "lipsum", 1, 4), ("{{ f(1) }}", "f", 1, 4),
            ("{% for a in b recursive %}{% endfor %}", "recursive", 1, 15),
            ("{% for a in b %}{{ loop }}{% endfor %}", "loop", 1, 20),
            ("{{ x|map('nope') }}", "nope", 1, 6), ("{{ x|select('nope') }}", "nope", 1, 13),
            ("{% if false %}{{ x|nope }}{% endif %}", "nope", 1, 20), ("{% set a.b = 1 %}", "namespace", 1, 8),
        ])
    func unsupported(template: String, name: String, line: Int, column: Int) {
        let error = #expect(throws: TemplateError.self) { try Template(template) }
        #expect(error?.kind == .unsupported(name))
        #expect(error?.line == line)
        #expect(error?.column == column)
        #expect(error?.description.contains("`\(name)` is not supported") == true)
        #expect(error?.description.hasSuffix("; line \(line), column \(column)") == true)
    }

    @Test(
        "What is no template is refused with the place of the mistake",
        arguments: [
            ("{{ a b }}", 1, 6), ("x\n{{ 'open }}", 2, 4), ("{% if a %}", 1, 11), ("é{{ ) }}", 1, 5), ("{# open", 1, 1),
            ("{% endif %}", 1, 4), ("{{ 99999999999999999999 }}", 1, 4), ("{{ a|join(x=1) }}", 1, 6),
            ("{{ a|replace('x') }}", 1, 6), ("{{ 007 }}", 1, 6),
        ])
    func syntax(template: String, line: Int, column: Int) {
        let error = #expect(throws: TemplateError.self) { try Template(template) }
        #expect(error?.kind == .syntax)
        #expect([error?.line, error?.column] == [line, column])
    }

    @Test(
        "What goes wrong with values names the place in the template",
        arguments: [
            ("{{ user.name.first }}", "`user.name` is undefined, so it has no `.first`", 13),
            ("{{ missing.x }}", "`missing` is undefined, so it has no `.x`", 11),
            ("{{ 1 + 'a' }}", "`+` cannot work on int and str", 6),
            ("{{ 9223372036854775807 + 1 }}", "this number does not fit into 64 bits", 24),
            ("{{ 'a' % 1 }}", "formatting a string with `%` is not supported", 8),
        ])
    func runtime(template: String, message: String, column: Int) throws {
        let compiled = try Template(template)
        let error = #expect(throws: TemplateError.self) { try compiled.render(["user": .map([:])]) }
        #expect(error == TemplateError(kind: .runtime, message: message, line: 1, column: column))
    }
}

@Suite("Bounds of templates")
struct BoundTests {
    @Test("Loops stop at the limit of iterations, also when nested")
    func iterations() throws {
        var options = TemplateOptions()
        options.maximumIterations = 10
        let template = try Template(
            "{% for a in range(n) %}{% for b in range(n) %}.{% endfor %}{% endfor %}", options: options)
        #expect(try template.render(["n": .int(2)]) == "....")
        let error = #expect(throws: TemplateError.self) { try template.render(["n": .int(3)]) }
        #expect(error?.message == "the loops of this template run more than 10 times")
    }

    @Test(
        "Nothing larger than the limit is made",
        arguments: [
            "{% for a in range(99) %}0123456789{% endfor %}", "{{ 'ab' * 99 }}", "{{ 'ab' * 4611686018427387904 }}",
            "{{ (x|list * 99)|length }}", "{{ x|replace('', x) }}", "{{ [x, x, x]|join(x) ~ x ~ x ~ x ~ x }}",
            "{{ x|indent(99, true) ~ x }}", "{{ [x, x, x]|tojson ~ [x, x]|tojson }}",
            "{% set a = x ~ x %}{% set b = a ~ a %}{% set c = b ~ b %}{{ c }}", "{{ range(100001) }}",
        ])
    func size(source: String) throws {
        var options = TemplateOptions()
        options.maximumOutputBytes = 100
        let template = try Template(source, options: options)
        #expect(throws: TemplateError.self) { try template.render(["x": .string("0123456789012345678901")]) }
        #expect(throws: TemplateError.self) { try template.segments(["x": .string("0123456789012345678901")]) }
    }

    @Test(
        "Values that share their parts are not written out past the limit",
        arguments: ["{{ x }}", "{{ x|string }}", "{{ 'a' ~ x }}", "{{ [x]|join }}", "{{ x|tojson }}", "{{ x|upper }}"])
    func sharedParts(output: String) throws {
        let doubling = String(repeating: "{% set x = [x, x] %}", count: 60)
        var options = TemplateOptions()
        options.maximumOutputBytes = 10_000
        let template = try Template("{% set x = 1 %}" + doubling + output, options: options)
        #expect(throws: TemplateError.self) { try template.render([:]) }
    }

    @Test("Deep nesting is refused, not followed")
    func nesting() {
        let deep = [
            "{{ " + String(repeating: "(", count: 5000) + "1" + String(repeating: ")", count: 5000) + " }}",
            "{{ " + String(repeating: "-", count: 5000) + "1 }}",
            "{{ 1" + String(repeating: " + 1", count: 5000) + " }}",
            "{{ x" + String(repeating: "|string", count: 5000) + " }}",
            "{{ x" + String(repeating: ".a", count: 5000) + " }}",
            String(repeating: "{% if a %}", count: 5000), "{{ " + String(repeating: "[", count: 5000) + " }}",
            "{{ " + String(repeating: "not ", count: 5000) + "1 }}",
            "{% for " + String(repeating: "(", count: 5000) + "a in b %}",
        ]
        for source in deep { #expect(throws: TemplateError.self, "\(source.prefix(20))") { try Template(source) } }
    }

    @Test("Nesting within the limits renders")
    func allowedNesting() throws {
        let parentheses = "{{ " + String(repeating: "(", count: 50) + "1" + String(repeating: ")", count: 50) + " }}"
        #expect(try Template(parentheses).render([:]) == "1")
        #expect(try Template("{{ 1" + String(repeating: " + 1", count: 190) + " }}").render([:]) == "191")
        let conditions = String(repeating: "{% if a %}", count: 50) + "x" + String(repeating: "{% endif %}", count: 50)
        #expect(try Template(conditions).render(["a": .int(1)]) == "x")
    }
}

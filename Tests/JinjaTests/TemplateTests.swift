import Jinja
import Testing

@Suite("Rendering templates")
struct TemplateTests {
    @Test(
        "Values are written as Python writes them",
        arguments: [
            ("{{ yes }} {{ none }} {{ n }} {{ f }}", "True None 7 1.0"),
            ("{{ list }}", "[1, 'it\\'s \"x\"', [True]]"),
            ("{{ map }}", "{'b': 1, 'a': \"it's\"}"),
            ("{{ map.items() }}", "dict_items([('b', 1), ('a', \"it's\")])"),
            ("{{ missing }}|{{ [missing] }}", "|[Undefined]"),
        ])
    func values(template: String, text: String) throws {
        #expect(try render(template) == text)
    }

    @Test(
        "Blocks lose the newline that follows them, outputs do not",
        arguments: [
            ("{% if yes %}\nx\n{% endif %}\ny", "x\ny"),
            ("{% if yes +%}\nx{% endif %}", "\nx"),
            ("{{ n }}\n{# note #}\nx\n", "7\nx\n"),
            (" {%- if yes -%} x {%- endif -%} y", "xy"),
            ("{{ n -}} \n {{- n }}", "77"),
            ("{% raw %}{{ n }}{% endraw %}", "{{ n }}"),
        ])
    func whitespace(template: String, text: String) throws {
        #expect(try render(template) == text)
    }

    @Test("What a loop assigns stays in the loop, what a condition assigns does not stay in it")
    func scopes() throws {
        #expect(
            try render("{% set t = 0 %}{% for i in [1, 2] %}{% set t = t + i %}{{ t }}{% endfor %}{{ t }}") == "120")
        #expect(try render("{% if yes %}{% set t = 1 %}{% endif %}{{ t }}") == "1")
        #expect(try render("{% with n = 1 %}{{ n }}{% endwith %}{{ n }}") == "17")
    }

    @Test("A template may be rendered many times and remembers nothing")
    func rendersAgain() throws {
        let template = try Template("{% for i in list %}{% set seen = i %}{{ loop.changed(i) }}{% endfor %}{{ seen }}")
        let first = try template.render(Self.values)
        #expect(try template.render(Self.values) == first)
        #expect(try template.render([:]) == "")
    }

    @Test("Text is compared by code point, not by how it looks")
    func exactText() throws {
        let composed = "\u{E9}"
        let decomposed = "e\u{301}"
        let template = try Template("{{ a == b }} {{ a in [b] }} {{ m[a] }} {{ a|length }}{{ b|length }}")
        let text = try template.render([
            "a": .string(composed), "b": .string(decomposed),
            "m": .map(TemplateMap([(key: decomposed, value: .int(1)), (key: composed, value: .int(2))])),
        ])
        #expect(text == "False False 2 12")
    }

    @Test("A key that Python's dict has as a method is reached by subscript only")
    func methodKeys() throws {
        let values: [String: TemplateValue] = ["order": ["items": .list([.int(1)])]].mapValues { .map($0) }
        #expect(try Template("{{ order['items'] }}").render(values) == "[1]")
        let error = #expect(throws: TemplateError.self) { try Template("{{ order.items }}").render(values) }
        #expect(error?.message.contains("order") == false)
        #expect(error?.message.contains("['items']") == true)
    }

    private static let values: [String: TemplateValue] = [
        "yes": .bool(true), "none": .none, "n": .int(7), "f": .double(1),
        "list": .list([.int(1), .string("it's \"x\""), .list([.bool(true)])]),
        "map": .map(["b": .int(1), "a": .string("it's")]),
    ]

    private func render(_ template: String) throws -> String {
        try Template(template).render(Self.values)
    }
}

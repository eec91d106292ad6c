import Jinja
import Testing

@Suite("Writing values as Python does")
struct PythonTextTests {
    @Test(
        "Floats have the shortest digits, and an exponent where Python has one",
        arguments: [
            (1.0, "1.0"), (-0.0, "-0.0"), (0.1 + 0.2, "0.30000000000000004"), (1e15, "1000000000000000.0"),
            (9_999_999_999_999_998, "9999999999999998.0"), (1e16, "1e+16"), (1.5e16, "1.5e+16"), (1e-4, "0.0001"),
            (1e-5, "1e-05"), (1.25e-7, "1.25e-07"), (1e100, "1e+100"), (.leastNonzeroMagnitude, "5e-324"),
            (.infinity, "inf"),
            (-.infinity, "-inf"), (.nan, "nan"), (123_456_789.123, "123456789.123"),
        ])
    func floats(value: Double, text: String) {
        #expect(PythonText.str(.double(value)) == text)
        #expect(PythonText.repr(.double(value)) == text)
    }

    @Test(
        "Strings choose their quotes and escape what cannot be printed",
        arguments: [
            ("a", "'a'"), ("it's", "\"it's\""), ("\"", "'\"'"), ("'\"", "'\\'\"'"), ("\\\n\t\r", "'\\\\\\n\\t\\r'"),
            ("\u{0}\u{7F}\u{85}\u{A0}\u{AD}", "'\\x00\\x7f\\x85\\xa0\\xad'"),
            ("\u{200B}\u{2028}\u{E000}", "'\\u200b\\u2028\\ue000'"),
            ("\u{1F600}漢é", "'\u{1F600}漢é'"), ("\u{F0000}", "'\\U000f0000'"),
        ])
    func strings(value: String, text: String) {
        #expect(PythonText.repr(.string(value)) == text)
        #expect(PythonText.str(.string(value)) == value)
    }

    @Test("Containers write what they hold as repr")
    func containers() {
        #expect(PythonText.str(.tuple([.int(1)])) == "(1,)")
        #expect(PythonText.str(.tuple([])) == "()")
        #expect(PythonText.str(.list([.none, .bool(false), .string("x")])) == "[None, False, 'x']")
        #expect(PythonText.str(.map(["k": .list([.undefined])])) == "{'k': [Undefined]}")
        #expect(PythonText.str(.undefined) == "")
    }
}

@Suite("Mappings of templates")
struct TemplateMapTests {
    @Test("Keys keep the order they first came in, also when there are many")
    func order() {
        var map = TemplateMap((0..<100).map { (key: "k\($0)", value: .int($0)) })
        map.set("k50", to: .string("new"))
        map.set("last", to: .none)
        #expect(map.count == 101)
        #expect(map.entries[50].value == .string("new"))
        #expect(map["k99"] == .int(99))
        #expect(map["last"] == TemplateValue.none)
        #expect(map["nope"] == nil)
        #expect(map.entries.map(\.key).last == "last")
    }
}

@Suite("Variables of templates")
struct VariableTests {
    @Test(
        "Only what the caller gives counts, in order of first use",
        arguments: [
            ("{{ b }}{{ a.c }}{{ b }}", ["b", "a"]),
            ("{% for x in xs %}{{ x }}{{ y }}{{ loop.index }}{% endfor %}{{ x }}", ["xs", "x", "y"]),
            ("{% set a = b %}{{ a }}", ["b"]), ("{{ a }}{% set a = 1 %}", ["a"]),
            ("{% if c %}{% set a = 1 %}{% endif %}{{ a }}", ["c", "a"]),
            ("{{ range(n) }}{{ dict(a=m) }}", ["n", "m"]), ("{{ x|map('default', y) }}", ["x", "y"]), ("text", []),
        ])
    func variables(template: String, names: [String]) throws {
        #expect(try Set(Template(template).variables) == Set(names))
        #expect(try Template(template).variables.first == names.first)
    }
}

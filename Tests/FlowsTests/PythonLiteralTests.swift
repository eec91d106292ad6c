import Domain
import Testing

@testable import Flows

@Suite("Literals of Python")
struct PythonLiteralTests {
    private static let readsTable: [(String, JSONValue)] = [
        ("[]", []), ("[1, 2.5, -3]", [1, 2.5, -3]), ("(1, 2,)", [1, 2]), ("{'a': 1}", ["a": 1]),
        ("{\"a\": [True, False, None]}", ["a": [true, false, nil]]), ("'it\\'s'", "it's"),
        ("\"say \\\"hi\\\"\"", "say \"hi\""),
        ("'a\\nb\\tc\\\\d'", "a\nb\tc\\d"), ("'\\u00e9\\x41'", "éA"), ("  [ 'x' , 'y' ]  ", ["x", "y"]),
        ("{'a': {'b': [{}]}}", ["a": ["b": [[:]]]]), ("[{\"json\": null}]", [["json": nil]]), ("'日本'", "日本"),
        ("12", 12),
        ("{'k': '{\"inner\": 1}'}", ["k": "{\"inner\": 1}"]),
    ]

    @Test("What Python writes of plain values is read", arguments: readsTable)
    func reads(_ text: String, _ expected: JSONValue) { #expect(PythonLiteral.parse(text) == expected) }

    @Test(
        "Everything else is no literal",
        arguments: [
            "", "[", "[1", "{'a'}", "{'a': }", "{1: 2}", "'open", "f()", "__import__('os')", "[1] + [2]", "a", "1 2",
            "'a' 'b", "{'a': 1,, }",
            "'\\u12'", "lambda: 1",
        ])
    func refuses(_ text: String) { #expect(PythonLiteral.parse(text) == nil) }

    @Test("Nesting is bounded")
    func depth() {
        #expect(PythonLiteral.parse(String(repeating: "(", count: 50) + String(repeating: ")", count: 50)) != nil)
        #expect(PythonLiteral.parse(String(repeating: "(", count: 100_000)) == nil)
    }
}

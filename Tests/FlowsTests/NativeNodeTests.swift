import Domain
import Testing

@testable import Flows

@Suite("Our own kinds of node")
struct NativeNodeTests {
    private static func run(_ node: any ImmediateNode, _ inputs: JSONObject) throws -> JSONValue {
        try node.run(inputs, context: context())
    }

    private static func context() -> LineContext {
        LineContext(services: NoServices.all, place: PythonPlace(directory: "/"), lineNumber: 0)
    }

    private static func code(_ node: any ImmediateNode, _ inputs: JSONObject) -> String? {
        do {
            _ = try run(node, inputs)
            return nil
        } catch { return (error as? FlowFailure)?.code }
    }

    private static let jsonTable: [(JSONObject, JSONValue)] = [
        (["text": "{\"a\": 1}"], ["a": 1]), (["text": " [1] "], [1]), (["text": "3"], 3),
        (["text": "```json\n{\"a\": [1, 2]}\n```", "path": "a[1]"], 2),
        (["text": "Sure! {\"a\": {\"b\": 1}} Bye", "path": "a.b"], 1),
        (["text": "the list: [1, 2] is it"], [1, 2]), (["value": ["a": ["b c": 5]], "path": "a['b c']"], 5),
        (["value": [10, 20], "path": "[1]"], 20), (["value": [10, 20], "path": "[-1]"], 20),
        (["value": ["a": 1], "path": "b", "default": "none"], "none"),
        (["value": 4], 4), (["value": ["a": 1], "path": ""], ["a": 1]),
    ]

    @Test("json parses a text, out of fences and prose if need be, and picks a part", arguments: jsonTable)
    func json(_ inputs: JSONObject, _ expected: JSONValue) throws {
        #expect(try Self.run(JSONNode(), inputs) == expected)
    }

    @Test("json says what it does not find")
    func jsonFailures() {
        #expect(Self.code(JSONNode(), [:]) == "NodeInputValidationError")
        #expect(Self.code(JSONNode(), ["text": "no json here"]) == "JSONInvalid")
        #expect(Self.code(JSONNode(), ["text": "{\"a\": "]) == "JSONInvalid")
        #expect(Self.code(JSONNode(), ["value": ["a": 1], "path": "b"]) == "JSONPathNotFound")
        #expect(Self.code(JSONNode(), ["value": [1], "path": "[1]"]) == "JSONPathNotFound")
    }

    private static let matchTable: [(String, String, String, Bool)] = [
        ("exact", "a", "a", true), ("exact", "a ", "a", false), ("strip", " a\n", "a", true),
        ("icase", " A", "a", true),
        ("contains", "cat", "a", true), ("contains", "CAT", "a", false), ("icontains", "CAT", "a", true),
        ("regex", "cat7", "[0-9]$", true),
        ("regex", "cat", "^[0-9]", false), ("icase", "STRASSE", "strasse", true), ("exact", "é", "é", true),
    ]

    @Test("match compares by its mode", arguments: matchTable)
    func match(_ mode: String, _ text: String, _ expected: String, _ isEqual: Bool) throws {
        #expect(
            try Self.run(MatchNode(), ["text": .string(text), "expected": .string(expected), "mode": .string(mode)])
                == .bool(isEqual))
    }

    @Test("match takes the first of several expected texts, and looks values up among cases")
    func matchLists() throws {
        #expect(try Self.run(MatchNode(), ["text": "b", "expected": ["a", "b"]]) == true)
        #expect(try Self.run(MatchNode(), ["text": "3", "expected": 3]) == true)
        #expect(try Self.run(MatchNode(), ["value": 1, "cases": ["1": "one"], "default": "other"]) == "one")
        #expect(try Self.run(MatchNode(), ["value": 2, "cases": ["1": "one"], "default": "other"]) == "other")
        #expect(Self.code(MatchNode(), ["value": 2, "cases": ["1": "one"]]) == "NoCaseMatches")
        #expect(Self.code(MatchNode(), ["text": "a"]) == "NodeInputValidationError")
        #expect(
            Self.code(MatchNode(), ["text": "a", "expected": "a", "mode": "exactly"]) == "NodeInputValidationError")
        #expect(Self.code(MatchNode(), ["text": "a", "expected": "(", "mode": "regex"]) == "NodeInputValidationError")
    }

    private static let scoreTable: [(JSONObject, JSONValue)] = [
        (["text": "I give 4.5 points"], 4.5), (["text": "-3"], -3),
        (["text": "Score: 1,200", "pattern": "([0-9,]+)"], 1200),
        (["text": "a: 1 b: 2", "pattern": "b: ([0-9])"], 2), (["text": "none", "default": 0], 0), (["text": 7], 7),
        (["text": "+5"], 5),
    ]

    @Test("score reads the number a pattern finds", arguments: scoreTable)
    func score(_ inputs: JSONObject, _ expected: JSONValue) throws {
        #expect(try Self.run(ScoreNode(), inputs) == expected)
    }

    @Test("score says what it does not find, and gives up on patterns that take for ever")
    func scoreFailures() {
        #expect(Self.code(ScoreNode(), ["text": "none"]) == "ScoreNotFound")
        #expect(Self.code(ScoreNode(), ["text": "abc", "pattern": "(b)"]) == "ScoreNotFound")
        #expect(Self.code(ScoreNode(), [:]) == "NodeInputValidationError")
        #expect(
            Self.code(ScoreNode(), ["text": .string(String(repeating: "a", count: 60) + "!"), "pattern": "^(a+)+$"])
                == "PatternTooSlow")
    }

    private static let aggregateTable: [(String, JSONValue, JSONValue)] = [
        ("mean", [1, 2, 6], 3.0), ("sum", [1, 2.5], 3.5), ("min", [3, 1, 2], 1.0), ("max", [3, 1, 2], 3.0),
        ("count", [1, "x", nil], 2), ("rate", [true, false, true, true], 0.75), ("mean", [nil, 2, nil], 2.0),
        ("mean", ["1", "3"], 2.0),
    ]

    @Test("aggregate computes one statistic and records it", arguments: aggregateTable)
    func aggregate(_ statistic: String, _ values: JSONValue, _ expected: JSONValue) throws {
        let context = Self.context()
        let inputs: JSONObject = ["values": values, "statistic": .string(statistic), "metric": "m"]
        #expect(try AggregateNode(name: "node").run(inputs, context: context).double == expected.double)
        #expect(context.metrics["m"]?.double == expected.double)
    }

    @Test("percentile interpolates between ranks")
    func percentile() throws {
        func at(_ percentile: Double) throws -> Double? {
            try Self.run(
                AggregateNode(name: "p"),
                ["values": [4, 1, 3, 2], "statistic": "percentile", "percentile": .double(percentile)]
            ).double
        }
        #expect(try at(0) == 1 && at(100) == 4 && at(50) == 2.5)
        #expect(try abs((at(90) ?? 0) - 3.7) < 1e-12)
    }

    @Test("aggregate refuses what it cannot use")
    func aggregateFailures() {
        let node = AggregateNode(name: "a")
        #expect(Self.code(node, [:]) == "NodeInputValidationError")
        #expect(Self.code(node, ["values": [1], "statistic": "median"]) == "NodeInputValidationError")
        #expect(
            Self.code(node, ["values": [1], "statistic": "percentile", "percentile": 101]) == "NodeInputValidationError"
        )
        #expect(Self.code(node, ["values": ["x"]]) == "AggregateValueError")
        #expect(Self.code(node, ["values": []]) == "AggregateValueError")
    }

    @Test("A misspelt input of a native node is refused, with the nearest name")
    func misspelt() throws {
        let node = try FlowFolder.definition("nodes: [{name: a, type: json, inputs: {text: '1', pth: x}}]\n").nodes[0]
        let failure = #expect(throws: FlowFailure.self) { try NativeInputs.check(node) }
        #expect(failure?.message.contains("`pth`; did you mean `path`?") == true)
    }

    @Test("Ranks of two searches are fused by 1/(60 + rank)")
    func fusion() {
        func passage(_ name: String) -> FoundPassage { FoundPassage(document: name, passage: 0, text: name, score: 9) }
        let fused = RetrieveNode.fused([[passage("a"), passage("b")], [passage("c"), passage("a")]], limit: 2)
        #expect(fused.map(\.document) == ["a", "c"])
        #expect(fused[0].score == 1.0 / 61 + 1.0 / 62)
    }
}

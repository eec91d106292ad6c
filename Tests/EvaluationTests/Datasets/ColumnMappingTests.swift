import Domain
import Testing

@testable import Evaluation

@Suite("Column mapping")
struct ColumnMappingTests {
    /// One case: mapping, inputs, sources, and either the values or the relations that are missing.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var mapping: JSONObject = [:]
        var inputs: [ColumnMapping.Input] = []
        var sources: JSONObject = [:]
        var values: JSONObject?
        var missing: [String] = []
    }

    static let cases: [Case] = [
        Case(
            testDescription: "a column", mapping: ["q": "${data.question}"], sources: ["data": ["question": "Q"]],
            values: ["q": "Q"]),
        Case(
            testDescription: "values keep their type", mapping: ["q": "${data.x}"], sources: ["data": ["x": [1, nil]]],
            values: ["q": [1, nil]]),
        Case(
            testDescription: "null is a value", mapping: ["q": "${data.x}"], sources: ["data": ["x": nil]],
            values: ["q": nil]),
        Case(
            testDescription: "inputs of a run", mapping: ["q": "${run.inputs.q}"], sources: ["run.inputs": ["q": 1]],
            values: ["q": 1]),
        Case(
            testDescription: "outputs of a run", mapping: ["a": "${run.outputs.answer}"],
            sources: ["run.outputs": ["answer": "A"], "run.inputs": ["answer": "B"]], values: ["a": "A"]),
        Case(
            testDescription: "a literal text", mapping: ["q": "hello"], sources: ["data": [:]], values: ["q": "hello"]),
        Case(testDescription: "a literal number", mapping: ["q": 5], sources: ["data": [:]], values: ["q": 5]),
        Case(testDescription: "a literal null", mapping: ["q": nil], sources: ["data": [:]], values: ["q": nil]),
        Case(
            testDescription: "a literal list", mapping: ["q": ["${data.x}"]], sources: ["data": ["x": 1]],
            values: ["q": ["${data.x}"]]),
        Case(
            testDescription: "text around a reference makes a literal", mapping: ["q": "say ${data.x}"],
            sources: ["data": ["x": 1]], values: ["q": "say ${data.x}"]),
        Case(
            testDescription: "two references are a literal", mapping: ["q": "${data.x}${data.x}"],
            sources: ["data": ["x": 1]], values: ["q": "${data.x}${data.x}"]),
        Case(
            testDescription: "empty braces are a literal", mapping: ["q": "${}"], sources: ["data": ["x": 1]],
            values: ["q": "${}"]),
        Case(
            testDescription: "the shortest source wins", mapping: ["q": "${data.test.x}"],
            sources: ["data": ["test.x": "short"], "data.test": ["x": "long"]], values: ["q": "short"]),
        Case(
            testDescription: "a longer source is tried next", mapping: ["q": "${data.test.x}"],
            sources: ["data": ["x": "no"], "data.test": ["x": "long"]], values: ["q": "long"]),
        Case(
            testDescription: "columns may hold dots", mapping: ["q": "${data.a.b.c}"], sources: ["data": ["a.b.c": 7]],
            values: ["q": 7]),
        Case(
            testDescription: "no property access into a column", mapping: ["q": "${data.a.b}"],
            sources: ["data": ["a": ["b": 1]]], missing: ["${data.a.b}"]),
        Case(
            testDescription: "a source without column leads nowhere", mapping: ["q": "${data}"],
            sources: ["data": ["a": 1]], missing: ["${data}"]),
        Case(
            testDescription: "a missing column", mapping: ["q": "${data.x}"], sources: ["data": ["y": 1]],
            missing: ["${data.x}"]),
        Case(
            testDescription: "a missing source", mapping: ["q": "${run.outputs.x}"], sources: ["data": ["x": 1]],
            missing: ["${run.outputs.x}"]),
        Case(
            testDescription: "all missing relations together",
            mapping: ["a": "${data.a}", "b": "${data.b}", "c": "${run.inputs.c}"],
            sources: ["data": ["b": 1]], missing: ["${data.a}", "${run.inputs.c}"]),
        Case(
            testDescription: "inputs are mapped to columns of their name", inputs: [.init("q"), .init("r")],
            sources: ["data": ["q": 1, "r": 2, "s": 3]], values: ["q": 1, "r": 2]),
        Case(
            testDescription: "inputs with a default are not", inputs: [.init("q"), .init("r", hasDefault: true)],
            sources: ["data": ["q": 1, "r": 2]], values: ["q": 1]),
        Case(
            testDescription: "unless they are mapped by hand", mapping: ["r": "${data.r}"],
            inputs: [.init("r", hasDefault: true)],
            sources: ["data": ["r": 2]], values: ["r": 2]),
        Case(
            testDescription: "a mapping replaces the implicit one", mapping: ["q": "${data.z}"], inputs: [.init("q")],
            sources: ["data": ["z": 9]], values: ["q": 9]),
        Case(
            testDescription: "an implicit relation can be missing", inputs: [.init("q"), .init("r")],
            sources: ["data": ["r": 2]], missing: ["${data.q}"]),
        Case(
            testDescription: "line_number is not mapped", mapping: ["line_number": "${data.none}", "q": "${data.q}"],
            sources: ["data": ["q": 1]], values: ["q": 1]),
        Case(
            testDescription: "mapping may name what is no input", mapping: ["extra": "${data.q}"], inputs: [.init("q")],
            sources: ["data": ["q": 1]], values: ["q": 1, "extra": 1]),
        Case(testDescription: "nothing to map", sources: ["data": ["q": 1]], values: [:]),
        Case(
            testDescription: "names beyond ASCII", mapping: ["frage": "${data.größe.日本}"],
            sources: ["data": ["größe.日本": "ok"]], values: ["frage": "ok"]),
    ]

    @Test("Values and missing relations are prompt flow's", arguments: cases)
    func table(test: Case) throws {
        let mapping = ColumnMapping(test.mapping, inputs: test.inputs)
        if let values = test.values {
            #expect(try mapping.apply(to: test.sources) == values)
        } else {
            #expect(throws: InputMappingError(.missingRelations(test.missing))) { try mapping.apply(to: test.sources) }
        }
    }

    @Test("Rows without numbers are joined by position")
    func byPosition() throws {
        let lines = try SourceAlignment.join([("data", [["a": 1], ["a": 2]]), ("run.outputs", [["b": 3], ["b": 4]])])
        #expect(lines.map(\.lineNumber) == [0, 1])
        #expect(lines[1].sources == ["data": ["a": 2], "run.outputs": ["b": 4]])
    }

    @Test("Numbers in one source join it to the positions of the other, and lines missing in any are dropped")
    func byNumber() throws {
        let lines = try SourceAlignment.join([
            ("data", [["a": 0], ["a": 1], ["a": 2]]),
            (
                "run.outputs",
                [["b": 20, "line_number": 2], ["b": 0, "line_number": 0], ["b": 9, "line_number": 7], ["b": 8]]
            ),
        ])
        #expect(lines.map(\.lineNumber) == [0, 2])
        #expect(lines[1].sources["run.outputs"]?["b"] == 20)
    }

    @Test("Two numbered sources keep the lines both have")
    func bothNumbered() throws {
        let lines = try SourceAlignment.join([
            ("data", [["id": 0, "line_number": 0], ["id": 6, "line_number": 6], ["id": 8, "line_number": 8]]),
            ("run.outputs", [["o": 7, "line_number": 6], ["o": 1, "line_number": 0]]),
        ])
        #expect(lines.map(\.lineNumber) == [0, 6])
    }

    @Test("Unequal lengths without numbers, empty sources and no common line are errors")
    func errors() {
        #expect(throws: InputMappingError(.differentLengths(["data": 2, "run.outputs": 1]))) {
            try SourceAlignment.join([("data", [["a": 1], ["a": 2]]), ("run.outputs", [["b": 3]])])
        }
        #expect(throws: InputMappingError(.emptySource("data"))) {
            try SourceAlignment.join([("data", []), ("run.outputs", [["b": 3]])])
        }
        #expect(throws: InputMappingError(.noCompleteLine)) {
            try SourceAlignment.join([("data", [["a": 1]]), ("run.outputs", [["b": 3, "line_number": 5]])])
        }
    }

    @Test("A message names every relation and what to do")
    func message() {
        let error = InputMappingError(.missingRelations(["${data.a}", "${run.inputs.c}"]))
        #expect(error.code == "InputMappingError")
        #expect(error.message.contains("${data.a}, ${run.inputs.c}"))
    }
}

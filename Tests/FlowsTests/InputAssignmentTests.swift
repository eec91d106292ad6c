import Domain
import Testing

@testable import Flows

@Suite("References and literals")
struct InputAssignmentTests {
    private static let place = SourceLocation(file: "flow.dag.yaml", line: 1, column: 1)

    private static let referencesTable: [(String, InputAssignment)] = [
        ("${inputs.question}", InputAssignment.flowInput("question")),
        ("${inputs.a.b}", .flowInput("a.b")),
        ("${flow.question}", .flowInput("question")),
        ("${node}", .node("node", path: [])),
        ("${node.output}", .node("node", path: [])),
        ("${node.output.a.b}", .node("node", path: [.key("a"), .key("b")])),
        ("${node.output[0]}", .node("node", path: [.index(0)])),
        ("${node.output['a key']}", .node("node", path: [.key("a key")])),
        ("${node.output.a['b.c'][2].d}", .node("node", path: [.key("a"), .key("b.c"), .index(2), .key("d")])),
        ("${node.output[-1]}", .node("node", path: [.index(-1)])),
    ]

    @Test("A value that is a reference as a whole is read as one", arguments: referencesTable)
    func references(_ text: String, _ expected: InputAssignment) throws {
        #expect(try InputAssignment(.string(text), at: Self.place) == expected)
    }

    @Test(
        "Everything else is a literal",
        arguments: ["hi ${inputs.x}", "${inputs.x} ", "$inputs.x", "{inputs.x}", "", "${inputs.x", "$ {inputs.x}"])
    func literals(_ text: String) throws {
        #expect(try InputAssignment(.string(text), at: Self.place) == .literal(.string(text)))
    }

    @Test("Values that are no texts are literals")
    func otherLiterals() throws {
        for value: JSONValue in [nil, true, 3, 2.5, ["${inputs.x}"], ["a": "${inputs.x}"]] {
            #expect(try InputAssignment(value, at: Self.place) == .literal(value))
        }
    }

    @Test(
        "References of other forms are refused with their place",
        arguments: [
            ("${}", "InvalidReference"), ("${node.inputs.x}", "UnsupportedReference"),
            ("${node.outputs}", "UnsupportedReference"),
        ])
    func refusals(_ text: String, _ code: String) {
        let failure = #expect(throws: FlowFailure.self) { try InputAssignment(.string(text), at: Self.place) }
        #expect(failure?.code == code)
        #expect(failure?.message.hasPrefix("flow.dag.yaml:1:1: ") == true)
    }

    @Test("A path leads to a member, an element, or nowhere")
    func paths() {
        let value: JSONValue = ["list": [1, ["deep": "leaf"]], "text": "abc"]
        #expect(value.value(at: [.key("list"), .index(1), .key("deep")]) == "leaf")
        #expect(value.value(at: [.key("list"), .index(-2)]) == 1)
        #expect(value.value(at: []) == value)
        #expect(value.value(at: [.key("gone")]) == nil)
        #expect(value.value(at: [.key("list"), .index(2)]) == nil)
        #expect(value.value(at: [.key("list"), .index(-3)]) == nil)
        #expect(value.value(at: [.key("text"), .index(0)]) == nil)
    }

    @Test("The text of a reference is what stands in the file")
    func text() throws {
        for reference in ["${inputs.x}", "${a.output}", "${a.output.b[1].c}"] {
            #expect(try InputAssignment(.string(reference), at: Self.place).text == reference)
        }
    }
}

import Domain
import Testing

@testable import Flows

@Suite("Flows are checked before they run")
struct FlowValidatorTests {
    private static func json(_ name: String, _ reads: String...) -> String {
        let inputs = reads.enumerated().map { "i\($0): \"${\($1)}\"" }.joined(separator: ", ")
        return "  - {name: \(name), type: flow, source: {path: x}, inputs: {\(inputs)}}"
    }

    private static let total =
        "  - {name: total, type: aggregate, aggregation: true, inputs: {values: \"${a.output}\"}}"

    private struct Wrong: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let nodes: String
        var outputs = "{}"
        let code: String
        let says: String
    }

    private static let wrong: [Wrong] = [
        Wrong(
            testDescription: "two names", nodes: [json("a"), json("b"), json("a")].joined(separator: "\n"),
            code: "DuplicateNodeName", says: ":6:5: two nodes are named `a`"),
        Wrong(
            testDescription: "unknown input", nodes: json("a", "inputs.txt"), code: "InputReferenceNotFound",
            says: "did you mean `text`?"),
        Wrong(
            testDescription: "unknown node", nodes: json("a", "b.output"), code: "NodeReferenceNotFound",
            says: "no node `b`"),
        Wrong(
            testDescription: "unknown input in a condition",
            nodes: "  - {name: a, type: json, activate: {when: \"${inputs.no}\", is: 1}}",
            code: "InputReferenceNotFound", says: "`no`"),
        Wrong(
            testDescription: "a node that reads itself", nodes: json("a", "a.output"), code: "NodeCircularDependency",
            says: "['a']"),
        Wrong(
            testDescription: "a circle, its names sorted",
            nodes: [json("start"), json("z", "y.output"), json("y", "x.output"), json("x", "z.output")].joined(
                separator: "\n"),
            code: "NodeCircularDependency", says: "['x', 'y', 'z']"),
        Wrong(
            testDescription: "a circle by a condition",
            nodes: "  - {name: a, type: json, activate: {when: \"${b.output}\", is: 1}}\n" + json("b", "a.output"),
            code: "NodeCircularDependency", says: "['a', 'b']"),
        Wrong(
            testDescription: "a line reads an aggregation",
            nodes: [json("a"), total, json("b", "total.output")].joined(separator: "\n"),
            code: "FlowDefinitionError", says: "Non-aggregate node 'b' cannot reference aggregate nodes ['total']"),
        Wrong(
            testDescription: "an aggregation is activated by a line",
            nodes: json("a")
                + "\n  - {name: t, type: aggregate, aggregation: true, activate: {when: \"${a.output}\", is: 1}}",
            code: "FlowDefinitionError", says: "Aggregation node 't'"),
        Wrong(
            testDescription: "an output of an unknown node", nodes: json("a"),
            outputs: "{o: {type: string, reference: \"${b.output}\"}}", code: "OutputReferenceNotFound",
            says: "no node `b`"),
        Wrong(
            testDescription: "an output of an unknown input", nodes: json("a"),
            outputs: "{o: {type: string, reference: \"${inputs.no}\"}}", code: "OutputReferenceNotFound",
            says: "no input `no`"),
        Wrong(
            testDescription: "an unknown tool", nodes: "  - {name: a, type: llm, inputs: {tool_nodes: [look]}}",
            code: "NodeReferenceNotFound",
            says: "`look`"),
        Wrong(
            testDescription: "a node that reads a tool",
            nodes: "  - {name: a, type: llm, inputs: {tool_nodes: [look]}}\n" + json("look") + "\n"
                + json("b", "look.output"),
            code: "FlowDefinitionError", says: "a tool that only a model calls"),
    ]

    @Test("What is wrong is named with its place", arguments: wrong)
    private func refuses(_ wrong: Wrong) {
        let failure = #expect(throws: FlowFailure.self) {
            try FlowFolder.plan(nodes: wrong.nodes, outputs: wrong.outputs)
        }
        #expect(failure?.code == wrong.code)
        #expect(failure?.message.contains(wrong.says) == true)
        #expect(failure?.message.contains("flow.dag.yaml:") == true)
        #expect(failure?.blame == .request)
    }

    @Test("Nodes are ordered by what they read and look at, ties by the file")
    func order() throws {
        func names(_ nodes: [String]) throws -> [String] {
            let plan = try FlowFolder.plan(nodes: nodes.joined(separator: "\n")).plan
            return plan.order.map { plan.nodes[$0].definition.name }
        }
        let read = [Self.json("third", "second.output"), Self.json("first"), Self.json("second", "first.output")]
        #expect(try names(read) == ["first", "second", "third"])
        let looked = [
            "  - {name: third, type: json, activate: {when: \"${second.output}\", is: 1}}",
            "  - {name: second, type: json, activate: {when: \"${first.output}\", is: 1}}", Self.json("first"),
        ]
        #expect(try names(looked) == ["first", "second", "third"])
        let skipped = [
            "  - {name: second, type: json, inputs: {value: \"${first.output}\"}, skip: {when: 1, is: 2}}",
            Self.json("first"), Self.json("third"),
        ]
        #expect(try names(skipped) == ["first", "second", "third"])
        #expect(try names([Self.json("b"), Self.json("a"), Self.json("c")]) == ["b", "a", "c"])
    }

    @Test("An output of an aggregation node is left out with a warning; other outputs stay")
    func aggregationOutput() throws {
        let found = try FlowFolder.plan(
            nodes: Self.json("a") + "\n" + Self.total,
            outputs:
                "{o: {type: string, reference: \"${total.output}\"}, p: {type: string, reference: \"${a.output}\"}, q: {type: string, reference: fixed}}"
        )
        #expect(found.plan.outputs.map(\.name) == ["p", "q"])
        #expect(found.warnings.count == 1 && found.warnings[0].contains("`o`"))
    }

    @Test("What aggregation nodes read of lines is known beforehand")
    func aggregationReads() throws {
        let plan = try FlowFolder.plan(
            nodes: """
                  - {name: a, type: json, inputs: {text: "1"}}
                  - {name: b, type: json, inputs: {text: "1"}}
                  - {name: t, type: aggregate, aggregation: true, inputs: {values: "${b.output.x}", more: "${inputs.text}"}}
                  - {name: u, type: aggregate, aggregation: true, inputs: {values: "${t.output}"}}
                """
        ).plan
        #expect(plan.aggregationReads.nodes == [1])
        #expect(plan.aggregationReads.inputs == ["text"])
        #expect(plan.aggregationOrder == [2, 3])
    }

    @Test("Tools are not scheduled")
    func tools() throws {
        let plan = try FlowFolder.plan(
            nodes: "  - {name: a, type: llm, inputs: {tool_nodes: {f: look}}}\n" + Self.json("look")
        ).plan
        #expect(plan.order == [0] && plan.toolNodes == [1])
    }
}

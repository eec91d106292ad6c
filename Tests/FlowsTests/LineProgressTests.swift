import Domain
import Testing

@testable import Flows

@Suite("How far a line has come")
struct LineProgressTests {
    private static func node(_ name: String, reads: [String] = [], when: String? = nil, equals: String = "go") -> String
    {
        let inputs = reads.enumerated().map { "i\($0): \"${\($1).output}\"" }.joined(separator: ", ")
        let activate = when.map { ", activate: {when: \"\($0)\", is: \(equals)}" } ?? ""
        return "  - {name: \(name), type: flow, source: {path: x}, inputs: {\(inputs)}\(activate)}"
    }

    private func progress(_ nodes: [String], inputs: JSONObject = ["text": "go"]) throws -> (FlowPlan, LineProgress) {
        let plan = try FlowFolder.plan(nodes: nodes.joined(separator: "\n")).plan
        return (plan, LineProgress(plan: plan, order: plan.order, inputs: inputs))
    }

    @Test("A node starts when all nodes it waits for have ended")
    func order() throws {
        var (_, progress) = try progress([
            Self.node("a"), Self.node("b", reads: ["a"]), Self.node("c"), Self.node("d", reads: ["b", "c"]),
        ])
        #expect(try progress.takeReady() == [0, 2])
        #expect(try progress.takeReady() == [])
        progress.complete(2, with: 2)
        #expect(try progress.takeReady() == [])
        progress.complete(0, with: 1)
        #expect(try progress.takeReady() == [1])
        progress.complete(1, with: 1)
        #expect(try progress.takeReady() == [3])
        progress.complete(3, with: 4)
        #expect(progress.isFinished)
    }

    @Test("A condition that is not met bypasses the node, and those that read only bypassed nodes")
    func bypass() throws {
        var (plan, progress) = try progress([
            Self.node("a", when: "${inputs.text}", equals: "stop"), Self.node("b", reads: ["a"]),
            Self.node("c", reads: ["a", "d"]),
            Self.node("d"),
        ])
        #expect(try progress.takeReady() == [3])
        progress.complete(3, with: "d")
        #expect(try progress.takeReady() == [2])
        #expect(progress.wasBypassed(0) && progress.wasBypassed(1) && !progress.wasBypassed(2))
        #expect(try progress.value(of: .node("a", path: [.key("anything")])) == .null)
        progress.complete(2, with: 1)
        let statuses = progress.nodeStatuses(of: plan.order, plan: plan)
        #expect(statuses.map(\.name) == ["a", "b", "c", "d"])
        #expect(statuses.map(\.status) == [.bypassed, .bypassed, .completed, .completed])
    }

    @Test("A condition on a bypassed node bypasses, even if null is what it asks for")
    func conditionOnBypassed() throws {
        var (_, progress) = try progress([
            Self.node("a", when: "${inputs.text}", equals: "stop"), Self.node("b", when: "${a.output}", equals: "null"),
        ])
        #expect(try progress.takeReady() == [])
        #expect(progress.isFinished && progress.wasBypassed(1))
    }

    @Test("A condition that is met runs a node though all it reads was bypassed")
    func conditionWins() throws {
        var (_, progress) = try progress([
            Self.node("a", when: "${inputs.text}", equals: "stop"),
            Self.node("b", reads: ["a"], when: "${inputs.text}"),
        ])
        #expect(try progress.takeReady() == [1])
    }

    private static let equalityTable: [(JSONValue, JSONValue, Bool)] = [
        (1, 1.0, true), (1, true, true), (0, false, true), (1, "1", false), ("a", "a", true), ("a", "A", false),
        (nil, nil, true), (nil, false, false), ([1, 2], [1.0, 2], true), ([1], [1, 2], false),
        (["a": 1], ["a": true], true),
        (["a": 1, "b": 2], ["b": 2, "a": 1], true), (.double(.nan), .double(.nan), false), (2, true, false),
    ]

    @Test("Conditions compare as Python does", arguments: equalityTable)
    func equality(_ left: JSONValue, _ right: JSONValue, _ isEqual: Bool) {
        #expect(left.equalsInPython(right) == isEqual)
        #expect(right.equalsInPython(left) == isEqual)
    }

    @Test("A path that leads nowhere is an error that says where")
    func path() throws {
        var (_, progress) = try progress([Self.node("a")])
        _ = try progress.takeReady()
        progress.complete(0, with: ["x": [1]])
        #expect(try progress.value(of: .node("a", path: [.key("x"), .index(0)])) == 1)
        let failure = #expect(throws: FlowFailure.self) { try progress.value(of: .node("a", path: [.key("y")])) }
        #expect(failure?.code == "InvalidReferenceProperty")
        #expect(failure?.message.contains("${a.output.y}") == true)
    }

    @Test("Nodes outside the order count as ended with what is known of them")
    func known() throws {
        let plan = try FlowFolder.plan(
            nodes: """
                  - {name: each, type: json, inputs: {text: "1"}}
                  - {name: all, type: aggregate, aggregation: true, inputs: {values: "${each.output}"}}
                """
        ).plan
        #expect(plan.order == [0] && plan.aggregationOrder == [1])
        var progress = LineProgress(plan: plan, order: plan.aggregationOrder, inputs: [:], known: [(0, [1, 2])])
        #expect(try progress.takeReady() == [1])
        #expect(try progress.value(of: .node("each", path: [])) == [1, 2])
    }
}

import Domain

/// How far one line (or the aggregation after all lines) has come: which nodes may start, which are bypassed.
///
/// A value without clock or I/O: it is told what ended and answers what to start.
struct LineProgress: Sendable {
    /// What is known of a node so far.
    enum State: Sendable, Equatable {
        case waiting
        case running
        case ended(NodeStatus)
    }

    private let plan: FlowPlan
    private let order: [Int]
    private let inputs: JSONObject
    private(set) var states: [State]
    /// Outputs by node; bypassed nodes have null.
    private(set) var outputs: [JSONValue]
    private var pending: Int

    /// Progress over `order`; nodes outside it count as ended with the outputs given.
    init(plan: FlowPlan, order: [Int], inputs: JSONObject, known: [(index: Int, output: JSONValue)] = []) {
        self.plan = plan
        self.order = order
        self.inputs = inputs
        states = Array(repeating: .waiting, count: plan.nodes.count)
        outputs = Array(repeating: .null, count: plan.nodes.count)
        pending = order.count
        for (index, output) in known {
            states[index] = .ended(.completed)
            outputs[index] = output
        }
    }

    /// Whether every node has ended.
    var isFinished: Bool { pending == 0 }

    /// The nodes that may start now, marked as running.
    ///
    /// Nodes that turn out to be bypassed end on the way.
    mutating func takeReady() throws(FlowFailure) -> [Int] {
        var ready: [Int] = []
        var changed = true
        while changed {
            changed = false
            for index in order where states[index] == .waiting && isUnblocked(index) {
                if try isBypassed(index) {
                    states[index] = .ended(.bypassed)
                    pending -= 1
                    changed = true
                } else {
                    states[index] = .running
                    ready.append(index)
                }
            }
        }
        return ready
    }

    /// A node ended well.
    mutating func complete(_ index: Int, with output: JSONValue) {
        states[index] = .ended(.completed)
        outputs[index] = output
        pending -= 1
    }

    /// A node ended otherwise.
    mutating func end(_ index: Int, as status: NodeStatus) {
        states[index] = .ended(status)
        pending -= 1
    }

    /// Whether the node was bypassed.
    func wasBypassed(_ index: Int) -> Bool { states[index] == .ended(.bypassed) }

    /// The value of an assignment in this line.
    ///
    /// Throws if a path leads nowhere.
    func value(of assignment: InputAssignment) throws(FlowFailure) -> JSONValue {
        switch assignment {
        case .literal(let value): return value
        case .flowInput(let name): return inputs[name] ?? .null
        case .node(let name, let path):
            guard let index = plan.index(of: name), !wasBypassed(index) else { return .null }
            guard !path.isEmpty else { return outputs[index] }
            if case .object(var handle) = outputs[index], handle.contains(PythonHandle.key) {
                // What stays in the Python worker is followed there.
                handle["path"] = .string(String(path.map(\.text).joined().drop { $0 == "." }))
                return .object(handle)
            }
            guard let value = outputs[index].value(at: path) else {
                throw FlowFailure(
                    "InvalidReferenceProperty",
                    "`\(assignment.text)` leads nowhere: the output of `\(name)` is \(outputs[index].kindName == "object" ? "an object without that member" : "a \(outputs[index].kindName)")"
                )
            }
            return value
        }
    }

    private func isUnblocked(_ index: Int) -> Bool {
        plan.nodes[index].waitsFor.allSatisfy { if case .ended = states[$0] { true } else { false } }
    }

    /// Prompt flow's rule: a condition on a bypassed node or one that is not met bypasses; without a condition, a
    /// node is bypassed if it reads nodes and all of them were.
    ///
    /// A condition that is met runs it regardless.
    private func isBypassed(_ index: Int) throws(FlowFailure) -> Bool {
        let node = plan.nodes[index]
        if let activate = node.definition.activate {
            if let name = activate.when.nodeName, let other = plan.index(of: name), wasBypassed(other) { return true }
            return try !value(of: activate.when).equalsInPython(activate.equals)
        }
        return !node.reads.isEmpty && node.reads.allSatisfy { wasBypassed($0) }
    }
}

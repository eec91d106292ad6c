import Domain

/// A node with its code or prompt loaded.
enum LoadedNode: Sendable {
    /// Computes in place; never waits.
    case immediate(any ImmediateNode)
    /// Waits for a model, a worker, the network or another flow.
    case awaited(any AwaitedNode)

    /// The default of a parameter, for inputs that read a bypassed node.
    func defaultValue(of input: String) -> JSONValue? {
        switch self {
        case .immediate: nil
        case .awaited(let node): node.defaultValue(of: input)
        }
    }
}

/// A node that computes in place.
protocol ImmediateNode: Sendable {
    func run(_ inputs: JSONObject, context: LineContext) throws -> JSONValue
}

/// A node that waits for something.
protocol AwaitedNode: Sendable {
    func run(_ inputs: JSONObject, scope: NodeScope) async throws -> JSONValue
    func defaultValue(of input: String) -> JSONValue?
}

extension AwaitedNode {
    func defaultValue(of input: String) -> JSONValue? { nil }
}

/// Where a node runs: its line, its span and the flow's other nodes.
struct NodeScope: Sendable {
    let context: LineContext
    let nodeName: String
    let spanID: String
    let flow: LoadedFlow
}

extension JSONObject {
    /// A text input that must be there.
    ///
    /// `node` names the node's kind in the message.
    func text(_ name: String, of node: NodeKind) throws(FlowFailure) -> String {
        guard let value = self[name], !value.isNull else {
            throw FlowFailure("NodeInputValidationError", "a `\(node.rawValue)` node needs the input `\(name)`")
        }
        return value.pythonText
    }

    /// A whole number input, or `fallback` where it is absent.
    func integer(_ name: String, or fallback: Int, in range: ClosedRange<Int>) throws(FlowFailure) -> Int {
        guard let value = self[name], !value.isNull else { return fallback }
        guard case .int(let number)? = try? ValueType.int.coerce(value), range.contains(number) else {
            throw FlowFailure(
                "NodeInputValidationError",
                "the input `\(name)` must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}

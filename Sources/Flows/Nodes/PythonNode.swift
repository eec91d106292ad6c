import Domain

/// Calls a Python tool in the line's worker.
struct PythonNode: AwaitedNode {
    let tool: PythonTool
    let signature: PythonSignature
    /// Arguments that do not come from inputs: the prompt of a `package_with_prompt` tool.
    let constants: JSONObject
    /// Parameters that take a connection, with it resolved.
    let connections: [String: Connection]

    func defaultValue(of input: String) -> JSONValue? {
        signature.parameters.first { $0.name == input }?.defaultValue
    }

    func run(_ inputs: JSONObject, scope: NodeScope) async throws -> JSONValue {
        var arguments = constants
        for (name, value) in inputs where connections[name] == nil { arguments[name] = value }
        let session = try await scope.context.pythonSession()
        do {
            let result = try await session.call(tool, arguments: arguments, connections: connections)
            if !result.metrics.isEmpty { scope.context.record(metrics: result.metrics) }
            guard let pieces = result.pieces, case .object(var handle) = result.output else { return result.output }
            // As a flow output, a generator's pieces are put together.
            let texts = pieces.compactMap(\.string)
            handle["repr"] = texts.count == pieces.count ? .string(texts.joined()) : .array(pieces)
            return .object(handle)
        } catch {
            guard error.kind == .raised else { throw error }
            throw FlowFailure(error.code, "Execution failure in '\(scope.nodeName)': \(error.message)")
        }
    }
}

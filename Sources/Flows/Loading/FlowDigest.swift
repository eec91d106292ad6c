import Domain

/// The digest of a flow with everything it uses.
///
/// Names and order count; comments and formatting do not.
struct FlowDigest {
    let definition: FlowDefinition
    /// Content of prompts and Python sources by path.
    let sources: [String: String]
    /// Digests of the flows that nodes call, by node.
    let subflows: [String: Digest]

    var digest: Digest {
        var content: JSONObject = ["format": .string(definition.format.rawValue)]
        content["inputs"] = .array(
            definition.inputs.map {
                ["name": .string($0.name), "type": .string($0.type.rawValue), "default": $0.defaultValue ?? .null]
            })
        content["outputs"] = .array(
            definition.outputs.map { ["name": .string($0.name), "reference": .string($0.reference.text)] })
        content["nodes"] = .array(definition.nodes.map(node))
        content["environment"] = .object(definition.environment)
        content["entry"] = definition.entry.map { .string($0) } ?? .null
        content["sources"] = .object(
            JSONObject(sources.sorted { $0.key < $1.key }.map { ($0.key, .string(Digest(of: $0.value).description)) }))
        content["flows"] = .object(
            JSONObject(subflows.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value.description)) }))
        return Digest(of: .object(content))
    }

    private func node(_ node: NodeDefinition) -> JSONValue {
        var content: JSONObject = ["name": .string(node.name), "kind": .string(node.kind.rawValue)]
        content["inputs"] = .array(node.inputs.map { ["name": .string($0.name), "value": .string($0.value.text)] })
        content["connection"] = node.connection.map { .string($0) } ?? .null
        content["api"] = node.api.map { .string($0) } ?? .null
        content["source"] = (node.source?.path ?? node.source?.tool).map { .string($0) } ?? .null
        content["aggregation"] = .bool(node.isAggregation)
        content["activate"] = node.activate.map { ["when": .string($0.when.text), "is": $0.equals] } ?? .null
        return .object(content)
    }
}

import Domain

/// The inputs that our own kinds of node take: a misspelt one is an error when the flow is loaded.
enum NativeInputs {
    /// The names by kind; `nil` for kinds whose inputs the flow's author names.
    static func names(of kind: NodeKind) -> [String]? {
        switch kind {
        case .json: ["text", "value", "path", "default"]
        case .match: ["text", "expected", "mode", "value", "cases", "default"]
        case .score: ["text", "pattern", "default"]
        case .http: ["url", "method", "headers", "body", "timeout", "allow"]
        case .aggregate: ["values", "metric", "statistic", "percentile"]
        case .retrieve: ["query", "folder", "top", "mode", "model"]
        case .llm, .prompt, .python, .customLLM, .flow, .loop: nil
        }
    }

    /// Throws for the first input that a node's kind does not have.
    static func check(_ node: NodeDefinition) throws(FlowFailure) {
        guard let names = names(of: node.kind), let unknown = node.inputs.first(where: { !names.contains($0.name) })
        else { return }
        throw FlowFailure(
            "NodeInputValidationError",
            "a `\(node.kind.rawValue)` node has no input `\(unknown.name)`\(NearestName.hint(for: unknown.name, among: names))",
            at: node.location)
    }
}

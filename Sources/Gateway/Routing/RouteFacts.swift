/// What routing looks at in a request.
package struct RouteFacts: Sendable {
    package var attribution: Attribution
    /// Values of the headers that any condition of the snapshot names (``GatewaySnapshot/headersOfConditions``), by name
    /// in lower case.
    package var headers: [String: String]
    /// The estimate of ``RequestScan``.
    package var inputTokens: Int
    package var operation: Operation

    package init(
        attribution: Attribution, headers: [String: String] = [:], inputTokens: Int = 0, operation: Operation
    ) {
        self.attribution = attribution
        self.headers = headers
        self.inputTokens = inputTokens
        self.operation = operation
    }
}

extension Target {
    /// Whether it can answer a request at all and its conditions hold.
    package func isEligible(for facts: RouteFacts) -> Bool {
        serves(facts.operation) && declaration.conditions.hold(for: facts)
    }

    /// Whether its provider has the operation, in its own dialect or by translation.
    package func serves(_ operation: Operation) -> Bool {
        switch operation {
        case .chat, .responses, .messages: true
        case .embeddings: dialect == .openAI
        case .countTokens: dialect == .anthropic
        }
    }
}

extension TargetConditions {
    /// Whether all of them hold.
    package func hold(for facts: RouteFacts) -> Bool {
        if !keys.isEmpty, !keys.contains(facts.attribution.key) { return false }
        if !teams.isEmpty, !(facts.attribution.team.map(teams.contains) ?? false) { return false }
        if let minimumInputTokens, facts.inputTokens < minimumInputTokens { return false }
        if let maximumInputTokens, facts.inputTokens > maximumInputTokens { return false }
        return headers.allSatisfy { facts.headers[$0.key] == $0.value }
    }
}

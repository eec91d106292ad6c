/// Calls models, whatever provider a connection leads to.
package protocol ModelClient: Sendable {
    /// Sends a request and returns the whole answer.
    ///
    /// With `onText` the answer is streamed: it is called with each piece of text in order, before the answer is returned.
    func send(
        _ request: ModelRequest, onText: (@Sendable (String) -> Void)?
    ) async throws(ProviderFailure) -> ModelResponse
}

extension ModelClient {
    /// Sends a request without streaming.
    package func send(_ request: ModelRequest) async throws(ProviderFailure) -> ModelResponse {
        try await send(request, onText: nil)
    }
}

/// Knows what calls cost.
package protocol PriceBook: Sendable {
    /// The price of a call at a time given in seconds since 1970; ``Cost/unknown`` if the model has no known price.
    func cost(of usage: TokenUsage, provider: String, model: String, at seconds: Double) -> Cost
}

/// Finds connections by name.
package protocol ConnectionSource: Sendable {
    /// The connection, with its secrets resolved. Throws if it is not declared or a value it refers to is missing.
    func connection(named name: String) throws -> Connection
    /// The names that are declared, sorted.
    var names: [String] { get }
}

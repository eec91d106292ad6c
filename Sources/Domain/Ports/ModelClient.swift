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
    /// Names the prices: it changes with every change of one of them.
    var version: String { get }

    /// The price of a call at a time given in seconds since 1970; ``Cost/unknown`` if the model has no known price.
    ///
    /// - Parameter serviceTier: the tier that was really used (`flex`, `priority`, `batch` …); without one, or with one
    ///   of the names of the standard tier, the standard price.
    func cost(
        of usage: TokenUsage, provider: String, model: String, serviceTier: String?, at seconds: Double
    ) -> Cost
}

extension PriceBook {
    /// The price of a call in the standard tier.
    package func cost(of usage: TokenUsage, provider: String, model: String, at seconds: Double) -> Cost {
        cost(of: usage, provider: provider, model: model, serviceTier: nil, at: seconds)
    }
}

/// Finds connections by name.
package protocol ConnectionSource: Sendable {
    /// The connection, with its secrets resolved. Throws if it is not declared or a value it refers to is missing.
    func connection(named name: String) throws -> Connection
    /// The names that are declared, sorted.
    var names: [String] { get }
}

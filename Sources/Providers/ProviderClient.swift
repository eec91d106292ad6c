package import Domain
import Foundation

/// Calls models at whatever provider a connection leads to: one attempt, no retry, no limit on concurrency or money.
///
/// Wrap it for those: `RetryingClient(LimitedClient(BudgetedClient(RecordingClient(ProviderClient(…)))))`. In that
/// order a waiting retry holds no slot and every attempt that is sent counts against the budget.
package struct ProviderClient: ModelClient {
    private let transport: HTTPTransport
    private let prices: any PriceBook
    private let recordings: RecordingLibrary
    private let servers: LocalServers
    private let effects: Effects

    /// A client with its own pool of connections.
    ///
    /// Whoever makes it must call ``shutDown()``.
    package init(
        prices: any PriceBook, servers: LocalServers, limits: ExchangeLimits = ExchangeLimits(),
        effects: Effects = .live
    ) {
        transport = HTTPTransport(limits: limits)
        recordings = RecordingLibrary()
        self.prices = prices
        self.servers = servers
        self.effects = effects
    }

    /// Stops local servers and closes all connections.
    package func shutDown() async {
        await servers.shutDown()
        await transport.shutDown()
    }

    package func send(
        _ request: ModelRequest, onText: (@Sendable (String) -> Void)?
    ) async throws(ProviderFailure) -> ModelResponse {
        let connection = request.connection
        switch connection.type {
        case .custom:
            throw ProviderFailure(
                .misconfigured,
                "Connection `\(connection.name)` is of type custom: it holds values for Python tools and leads to "
                    + "no model."
            )
        case .replay:
            return try replay(request, onText: onText)
        case .local:
            let base = try await servers.base(for: connection)
            return try await call(OpenAIDialect(connection: connection, base: base), request, onText: onText)
        case .anthropic:
            return try await call(AnthropicDialect(connection: connection), request, onText: onText)
        case .openAI, .azureOpenAI, .serverless:
            return try await call(OpenAIDialect(connection: connection), request, onText: onText)
        }
    }

    private func call(
        _ dialect: any Dialect, _ request: ModelRequest, onText: (@Sendable (String) -> Void)?
    ) async throws(ProviderFailure) -> ModelResponse {
        let isStreaming = onText != nil && request.operation != .embedding
        let redactor = Redactor(request.connection)
        let reader = AnswerReader(
            limits: transport.limits, assembler: isStreaming ? dialect.assembler(for: request) : nil, onText: onText)
        let answer = try await transport.exchange(
            try dialect.call(for: request, isStreaming: isStreaming), timeout: request.timeout,
            isStreaming: isStreaming,
            reader: reader)
        switch answer {
        case .streamed(let body, let timeToFirstToken):
            return response(body, to: request, provider: dialect.provider, timeToFirstToken: timeToFirstToken)
        case .whole(let status, let headers, let bytes):
            guard status == 200 else {
                throw ProviderFailure(
                    status: status, headers: headers, body: bytes, redactor: redactor, now: effects.now())
            }
            let body = try dialect.answer(from: try Self.object(in: bytes, type: headers.contentType), to: request)
            let response = response(body, to: request, provider: dialect.provider)
            if let onText, let text = response.text, !text.isEmpty { onText(text) }
            return response
        }
    }

    /// The JSON object that a successful answer must be.
    private static func object(in bytes: [UInt8], type: String) throws(ProviderFailure) -> JSONObject {
        guard !bytes.isEmpty else {
            throw ProviderFailure(.malformed, "The provider's answer is empty (HTTP 200).", status: 200)
        }
        if let value = try? JSONValue(parsing: bytes), let object = value.object { return object }
        let isJSON = type.isEmpty || type.lowercased().contains("json")
        throw ProviderFailure(
            .malformed,
            isJSON
                ? "The provider's answer is not a JSON object (HTTP 200)."
                : "The provider answered with `\(type.prefix(60))` instead of JSON (HTTP 200). Check the connection's address.",
            status: 200)
    }

    private func response(
        _ body: JSONObject, to request: ModelRequest, provider: String, timeToFirstToken: Duration? = nil
    ) -> ModelResponse {
        let model = body["model"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? request.model
        let usage = TokenUsage(openAI: body["usage"])
        return ModelResponse(
            body: body, usage: usage ?? TokenUsage(),
            cost: cost(of: usage, provider: provider, model: request.connection.settings["priced_as"] ?? model),
            model: model,
            provider: provider, timeToFirstToken: timeToFirstToken)
    }

    /// An answer that does not say what it used cannot be priced.
    private func cost(of usage: TokenUsage?, provider: String, model: String) -> Cost {
        guard provider != "local" else { return .known(nanoUSD: 0) }
        guard let usage else { return .unknown }
        return prices.cost(of: usage, provider: provider, model: model, at: effects.now().timeIntervalSince1970)
    }

    /// Answers from a recording, priced as the recorded call was to be at the time it was made.
    private func replay(
        _ request: ModelRequest, onText: (@Sendable (String) -> Void)?
    ) throws(ProviderFailure) -> ModelResponse {
        let recording = try recordings.answer(to: request)
        var response = response(recording.response, to: request, provider: recording.provider)
        if recording.provider != "local", let usage = TokenUsage(openAI: recording.response["usage"]) {
            let model = request.connection.settings["priced_as"] ?? response.model
            let time = recording.recordedAt ?? effects.now().timeIntervalSince1970
            response.cost = prices.cost(of: usage, provider: recording.provider, model: model, at: time)
        }
        response.isReplayed = true
        if let onText, let text = response.text, !text.isEmpty { onText(text) }
        return response
    }
}

import Domain

/// Anthropic's Messages API behind OpenAI's chat shape.
///
/// What has no equivalent there and is left out of requests: `n` (only 1 is accepted), `logprobs`, `top_logprobs`,
/// `seed`, `logit_bias`, `frequency_penalty`, `presence_penalty`, `audio` and `modalities`, `prediction`, `store`,
/// `metadata` other than the user, `service_tier`, message names, image detail, and `response_format` `json_object` (a
/// sentence in the system prompt asks for JSON instead). `temperature` above 1 becomes 1. What is left out of answers:
/// thinking blocks and their signatures, citations, and everything a server-side tool did.
struct AnthropicDialect: Dialect {
    /// The output limit where neither request nor connection names one; the API demands one.
    static let defaultMaxTokens = 4096

    let provider: String
    private let connection: Connection

    init(connection: Connection) {
        self.connection = connection
        provider = ProviderName.of(connection)
    }

    func call(for request: ModelRequest, isStreaming: Bool) throws(ProviderFailure) -> HTTPCall {
        guard request.operation == .chat else {
            throw ProviderFailure(
                .misconfigured,
                "Anthropic offers no \(request.operation.rawValue). Use another connection for this node.")
        }
        guard let key = connection.secrets["api_key"]?.reveal() else { throw .missing("api_key", of: connection) }
        guard !request.model.isEmpty else {
            throw ProviderFailure(
                .misconfigured, "No model is named for connection `\(connection.name)`. Set `model` in the node.")
        }
        let defaultMaxTokens = connection.settings["max_tokens"].flatMap { Int($0) } ?? Self.defaultMaxTokens
        var body = try AnthropicRequest.body(
            from: request.body, model: request.model, defaultMaxTokens: defaultMaxTokens)
        if isStreaming { body["stream"] = true }
        var base = (connection.base ?? ProviderDefaults.anthropicBase).trimmingSlashes
        if base.hasSuffix("/v1") { base.removeLast(3) }
        return HTTPCall(
            url: base + "/v1/messages",
            headers: [
                ("content-type", "application/json"), ("x-api-key", key),
                ("anthropic-version", connection.settings["api_version"] ?? ProviderDefaults.anthropicVersion),
            ], body: JSONValue.object(body).bytes(sortedKeys: false))
    }

    func answer(from body: JSONObject, to request: ModelRequest) throws(ProviderFailure) -> JSONObject {
        if let error = body["error"], !error.isNull {
            throw ProviderFailure(event: error, redactor: Redactor(connection))
        }
        return try AnthropicAnswer.completion(from: body)
    }

    func assembler(for request: ModelRequest) -> any StreamAssembler {
        AnthropicStreamAssembler(redactor: Redactor(connection))
    }
}

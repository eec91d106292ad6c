import Domain

/// A whole answer in the words of no dialect.
struct NeutralAnswer {
    /// The upstream's own id; may be empty.
    var id: String
    var blocks: [Block] = []
    var finish: Finish
    /// Why the model refused, by its own word.
    var refusal: String?
    var usage: TokenUsage?
    /// In OpenAI's words: `default`, `priority`.
    var serviceTier: String?

    /// A piece of an answer.
    enum Block: Equatable {
        case text(String)
        case refusal(String)
        /// The signature is empty where the upstream gives none.
        case thinking(String, signature: String)
        case redactedThinking(String)
        /// The arguments are JSON as text, if the output limit has not cut them off.
        case tool(id: String, name: String, arguments: String)
    }

    /// Whether there is a tool to be called.
    var hasTools: Bool {
        blocks.contains { if case .tool = $0 { true } else { false } }
    }

    /// What a client of Anthropic's gets for arguments that are not a JSON object: the form that Anthropic's own documents
    /// recommend for it.
    static func input(of arguments: String) -> JSONValue {
        if arguments.isEmpty { return [:] }
        if let value = try? JSONValue(parsing: arguments), value.object != nil { return value }
        return ["INVALID_JSON": .string(arguments)]
    }

    /// The id, or a random one with `prefix` where the upstream gave none.
    static func identifier(_ id: String?, prefix: String) -> String {
        if let id, !id.isEmpty { return id }
        return prefix + String(UInt64.random(in: .min ... .max), radix: 36)
    }
}

extension GatewayFailure {
    /// The upstream's answer is not what its dialect says.
    static func malformedAnswer(_ reason: String) -> GatewayFailure {
        GatewayFailure(.upstreamMalformed, "The upstream's answer cannot be read: \(reason).")
    }
}

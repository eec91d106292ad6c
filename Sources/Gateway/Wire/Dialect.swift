/// The wire format a client or an upstream speaks.
package enum Dialect: String, Sendable, Hashable, CaseIterable {
    /// OpenAI's, and everything compatible with it.
    case openAI = "openai"
    /// Anthropic's Messages.
    case anthropic
}

/// What a client asks for; the raw value is written to spans and metrics.
package enum Operation: String, Sendable, Hashable, CaseIterable {
    case chat
    case responses
    case embeddings
    /// Anthropic's Messages.
    case messages
    case countTokens = "count_tokens"

    /// The dialect the operation belongs to.
    package var dialect: Dialect {
        switch self {
        case .chat, .responses, .embeddings: .openAI
        case .messages, .countTokens: .anthropic
        }
    }
}

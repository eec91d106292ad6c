import Domain

/// Why a model stopped, in the words of no dialect.
enum Finish: Equatable {
    case stop
    /// At a text the client named; which one, where the upstream says so.
    case stopSequence(String?)
    case length
    case contextExceeded
    case toolUse
    /// The provider's filter ended the answer.
    case refusal
    /// The model itself said no, in words.
    case declined
    /// Anthropic wants to be asked to go on.
    case pause

    /// Reads Anthropic's `stop_reason`; an unknown one is a plain stop.
    init(stopReason: String, sequence: String? = nil) {
        switch stopReason {
        case "stop_sequence": self = .stopSequence(sequence)
        case "max_tokens": self = .length
        case "model_context_window_exceeded": self = .contextExceeded
        case "tool_use": self = .toolUse
        case "refusal": self = .refusal
        case "pause_turn": self = .pause
        default: self = .stop
        }
    }

    /// Reads OpenAI's `finish_reason`; an unknown one is a plain stop.
    ///
    /// `matched` is vLLM's `stop_reason`: the text at which it stopped. OpenAI says `stop` after a call of the one tool it
    /// was told to use, and Gemini after any call.
    init(finishReason: String?, matched: String?, hasTools: Bool) {
        switch finishReason {
        case "length": self = .length
        case "tool_calls", "function_call": self = hasTools ? .toolUse : .stop
        case "content_filter": self = .refusal
        default:
            if hasTools {
                self = .toolUse
            } else if let matched {
                self = .stopSequence(matched)
            } else {
                self = .stop
            }
        }
    }

    /// OpenAI's `finish_reason`.
    var finishReason: String {
        switch self {
        case .stop, .stopSequence, .pause, .declined: "stop"
        case .length, .contextExceeded: "length"
        case .toolUse: "tool_calls"
        case .refusal: "content_filter"
        }
    }

    /// Anthropic's `stop_reason`.
    var stopReason: String {
        switch self {
        case .stop: "end_turn"
        case .stopSequence: "stop_sequence"
        case .length: "max_tokens"
        case .contextExceeded: "model_context_window_exceeded"
        case .toolUse: "tool_use"
        case .refusal, .declined: "refusal"
        case .pause: "pause_turn"
        }
    }

    /// Anthropic's `stop_sequence`.
    var stopSequence: JSONValue {
        if case .stopSequence(let text?) = self { .string(text) } else { .null }
    }

    /// The reason in `incomplete_details` of OpenAI's Responses, or `nil` for a complete answer.
    var incompleteReason: String? {
        switch self {
        case .length, .contextExceeded: "max_output_tokens"
        case .refusal: "content_filter"
        case .stop, .stopSequence, .toolUse, .pause, .declined: nil
        }
    }
}

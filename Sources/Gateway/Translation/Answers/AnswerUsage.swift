import Domain

/// Usage in the words of each dialect.
///
/// Anthropic counts cached tokens beside `input_tokens`, OpenAI as a part of `prompt_tokens`; here they are a part.
enum AnswerUsage {
    /// The usage object of OpenAI's chat.
    static func chatObject(_ usage: TokenUsage) -> JSONObject {
        [
            "prompt_tokens": .int(usage.input), "completion_tokens": .int(usage.output),
            "total_tokens": .int(usage.input + usage.output),
            "prompt_tokens_details": [
                "cached_tokens": .int(usage.cachedInput), "cache_write_tokens": .int(usage.cacheWrite),
            ],
            "completion_tokens_details": ["reasoning_tokens": .int(usage.reasoning)],
        ]
    }

    /// The usage object of OpenAI's Responses.
    static func responsesObject(_ usage: TokenUsage) -> JSONObject {
        [
            "input_tokens": .int(usage.input),
            "input_tokens_details": [
                "cached_tokens": .int(usage.cachedInput), "cache_write_tokens": .int(usage.cacheWrite),
            ],
            "output_tokens": .int(usage.output),
            "output_tokens_details": ["reasoning_tokens": .int(usage.reasoning)],
            "total_tokens": .int(usage.input + usage.output),
        ]
    }

    /// Anthropic's usage object.
    static func anthropicObject(_ usage: TokenUsage) -> JSONObject {
        var object: JSONObject = [
            "input_tokens": .int(max(0, usage.input - usage.cachedInput - usage.cacheWrite)),
            "cache_creation_input_tokens": .int(usage.cacheWrite), "cache_read_input_tokens": .int(usage.cachedInput),
            "output_tokens": .int(usage.output),
        ]
        if usage.reasoning > 0 { object["output_tokens_details"] = ["thinking_tokens": .int(usage.reasoning)] }
        return object
    }

    /// A service tier in OpenAI's words, or `nil` where it has none.
    static func openAITier(_ tier: String?) -> String? {
        switch tier {
        case "standard": "default"
        case "auto", "default", "flex", "scale", "priority", "fast": tier
        default: nil
        }
    }

    /// OpenAI's service tier in Anthropic's words, or `nil` where it has none.
    static func anthropicTier(_ tier: String?) -> String? {
        switch tier {
        case "default": "standard"
        case "priority": "priority"
        default: nil
        }
    }
}

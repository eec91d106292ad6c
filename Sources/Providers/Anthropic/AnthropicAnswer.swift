import Domain

/// Turns Anthropic's message into a chat completion of OpenAI's shape.
enum AnthropicAnswer {
    /// The completion.
    ///
    /// Throws ``ProviderFailure/Kind/malformed`` if the body is no message.
    static func completion(from message: JSONObject) throws(ProviderFailure) -> JSONObject {
        guard message["type"]?.string == "message", let blocks = message["content"]?.array else {
            throw ProviderFailure(.malformed, "The provider's answer is no message.", status: 200)
        }
        guard let reason = message["stop_reason"]?.string else {
            throw ProviderFailure(.malformed, "The provider's answer has no `stop_reason`.", status: 200)
        }
        var text: String?
        var calls: [JSONValue] = []
        for block in blocks {
            switch block["type"]?.string {
            case "text": text = (text ?? "") + (block["text"]?.string ?? "")
            case "tool_use":
                calls.append([
                    "id": block["id"] ?? "", "type": "function",
                    "function": [
                        "name": block["name"] ?? "",
                        "arguments": .string(block["input"]?.string ?? (block["input"] ?? [:]).text()),
                    ],
                ])
            default: break
            }
        }
        var answer: JSONObject = [
            "role": "assistant", "content": text.map { .string($0) } ?? (calls.isEmpty ? "" : .null),
        ]
        if !calls.isEmpty { answer["tool_calls"] = .array(calls) }
        var completion: JSONObject = [
            "id": message["id"] ?? "", "object": "chat.completion", "model": message["model"] ?? "",
            "choices": [
                [
                    "index": 0, "message": .object(answer), "logprobs": nil,
                    "finish_reason": .string(finishReason(for: reason)),
                ]
            ],
        ]
        if let usage = message["usage"]?.object { completion["usage"] = .object(TokenUsage(anthropic: usage).openAI) }
        return completion
    }

    private static func finishReason(for reason: String) -> String {
        switch reason {
        case "max_tokens", "model_context_window_exceeded": "length"
        case "tool_use": "tool_calls"
        case "refusal": "content_filter"
        default: "stop"
        }
    }
}

extension TokenUsage {
    /// Anthropic counts cached tokens beside the input; here they are part of it.
    init(anthropic usage: JSONObject) {
        let read = usage["cache_read_input_tokens"]?.int ?? 0
        let written = usage["cache_creation_input_tokens"]?.int ?? 0
        self.init(
            input: (usage["input_tokens"]?.int ?? 0) + read + written, output: usage["output_tokens"]?.int ?? 0,
            cachedInput: read, cacheWrite: written,
            reasoning: usage["output_tokens_details"]?["thinking_tokens"]?.int ?? 0)
    }
}

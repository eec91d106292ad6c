import Domain

/// A whole answer of Anthropic's Messages.
enum MessagesAnswer {
    /// Reads a message.
    static func read(_ message: JSONValue) throws(GatewayFailure) -> NeutralAnswer {
        if message["type"]?.string == "error" { throw UpstreamError.failure(message) }
        guard message["type"]?.string == "message", let content = message["content"]?.array else {
            throw .malformedAnswer("it is no message with `content`")
        }
        guard let reason = message["stop_reason"]?.string else { throw .malformedAnswer("`stop_reason` is missing") }
        var answer = NeutralAnswer(
            id: message["id"]?.string ?? "",
            finish: Finish(stopReason: reason, sequence: message["stop_sequence"]?.string))
        for block in content { if let block = try Self.block(block) { answer.blocks.append(block) } }
        answer.refusal = message["stop_details"]?["explanation"]?.string
        answer.usage = message["usage"].flatMap { ReportedUsage.read($0, .anthropic)?.tokens }
        answer.serviceTier = AnswerUsage.openAITier(message["usage"]?["service_tier"]?.string)
        return answer
    }

    /// One content block; `nil` for those that the other dialect has no words for.
    private static func block(_ block: JSONValue) throws(GatewayFailure) -> NeutralAnswer.Block? {
        switch block["type"]?.string {
        case "text": return .text(block["text"]?.string ?? "")
        case "thinking":
            return .thinking(block["thinking"]?.string ?? "", signature: block["signature"]?.string ?? "")
        case "redacted_thinking": return .redactedThinking(block["data"]?.string ?? "")
        case "tool_use":
            guard let name = block["name"]?.string else { throw .malformedAnswer("a tool's use has no `name`") }
            return .tool(
                id: NeutralAnswer.identifier(block["id"]?.string, prefix: "call_"), name: name,
                arguments: block["input"]?.string ?? (block["input"] ?? [:]).text())
        default: return nil
        }
    }

    /// Writes a message.
    static func write(_ answer: NeutralAnswer, model: String) -> JSONObject {
        var content: [JSONValue] = []
        for block in answer.blocks {
            switch block {
            case .text(let text), .refusal(let text):
                if !text.isEmpty { content.append(["type": "text", "text": .string(text)]) }
            case .thinking(let text, let signature):
                content.append(ThinkingExtension.block(text, signature: signature))
            case .redactedThinking(let data): content.append(ThinkingExtension.redacted(data))
            case .tool(let id, let name, let arguments):
                content.append([
                    "type": "tool_use", "id": .string(id), "name": .string(name),
                    "input": NeutralAnswer.input(of: arguments),
                ])
            }
        }
        var usage = AnswerUsage.anthropicObject(answer.usage ?? TokenUsage())
        if let tier = AnswerUsage.anthropicTier(answer.serviceTier) { usage["service_tier"] = .string(tier) }
        return [
            "id": .string(NeutralAnswer.identifier(answer.id, prefix: "msg_")), "type": "message", "role": "assistant",
            "model": .string(model), "content": .array(content), "stop_reason": .string(answer.finish.stopReason),
            "stop_sequence": answer.finish.stopSequence, "usage": .object(usage),
        ]
    }
}

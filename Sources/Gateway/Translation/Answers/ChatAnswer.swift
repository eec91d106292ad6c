import Domain

/// A whole answer of OpenAI's chat.
enum ChatAnswer {
    /// Reads a chat completion; of several choices the first counts.
    static func read(_ completion: JSONValue) throws(GatewayFailure) -> NeutralAnswer {
        if let error = completion["error"], error != .null, error != "", error != false {
            throw UpstreamError.failure(completion)
        }
        guard let choice = completion["choices"]?.array?.first, let message = choice["message"]?.object else {
            throw .malformedAnswer("it is no chat completion with a message in `choices`")
        }
        var answer = NeutralAnswer(id: completion["id"]?.string ?? "", finish: .stop)
        if let text = message["reasoning_content"]?.string ?? message["reasoning"]?.string, !text.isEmpty {
            answer.blocks.append(.thinking(text, signature: ""))
        }
        if let text = message["content"]?.string, !text.isEmpty { answer.blocks.append(.text(text)) }
        // Some servers answer with a list of parts.
        for part in message["content"]?.array ?? [] {
            if let text = part["text"]?.string, !text.isEmpty { answer.blocks.append(.text(text)) }
        }
        if let text = message["refusal"]?.string, !text.isEmpty {
            answer.blocks.append(.refusal(text))
            answer.refusal = text
        }
        for call in message["tool_calls"]?.array ?? [] {
            guard let name = call["function"]?["name"]?.string else {
                throw .malformedAnswer("a tool call has no name")
            }
            let arguments = call["function"]?["arguments"]
            answer.blocks.append(
                .tool(
                    id: NeutralAnswer.identifier(call["id"]?.string, prefix: "call_"), name: name,
                    // Ollama has given objects.
                    arguments: arguments?.string ?? arguments?.text() ?? ""))
        }
        let reason = choice["finish_reason"]?.string
        if reason == "error" { throw UpstreamError.failure(choice) }
        answer.finish = Finish(
            finishReason: reason, matched: choice["stop_reason"]?.string, hasTools: answer.hasTools)
        if answer.refusal != nil, answer.finish == .stop { answer.finish = .declined }
        answer.usage = completion["usage"].flatMap { ReportedUsage.read($0, .openAI)?.tokens }
        answer.serviceTier = completion["service_tier"]?.string
        return answer
    }

    /// Writes a chat completion.
    static func write(_ answer: NeutralAnswer, model: String, created: Int) -> JSONObject {
        var text = ""
        var reasoning = ""
        var thinking: [JSONValue] = []
        var calls: [JSONValue] = []
        for block in answer.blocks {
            switch block {
            case .text(let piece), .refusal(let piece): text += piece
            case .thinking(let piece, let signature):
                reasoning += piece
                thinking.append(ThinkingExtension.block(piece, signature: signature))
            case .redactedThinking(let data): thinking.append(ThinkingExtension.redacted(data))
            case .tool(let id, let name, let arguments):
                calls.append([
                    "id": .string(id), "type": "function",
                    "function": ["name": .string(name), "arguments": .string(arguments)],
                ])
            }
        }
        var message: JSONObject = [
            "role": "assistant", "content": text.isEmpty && !calls.isEmpty ? .null : .string(text),
            "refusal": answer.refusal.map { .string($0) } ?? .null,
        ]
        if !reasoning.isEmpty { message["reasoning_content"] = .string(reasoning) }
        if !thinking.isEmpty { message[ThinkingExtension.key] = .array(thinking) }
        if !calls.isEmpty { message["tool_calls"] = .array(calls) }
        var completion: JSONObject = [
            "id": .string(NeutralAnswer.identifier(answer.id, prefix: "chatcmpl-")), "object": "chat.completion",
            "created": .int(created), "model": .string(model),
            "choices": [
                [
                    "index": 0, "message": .object(message), "logprobs": nil,
                    "finish_reason": .string(answer.finish.finishReason),
                ]
            ],
        ]
        if let usage = answer.usage { completion["usage"] = .object(AnswerUsage.chatObject(usage)) }
        if let tier = answer.serviceTier { completion["service_tier"] = .string(tier) }
        return completion
    }
}

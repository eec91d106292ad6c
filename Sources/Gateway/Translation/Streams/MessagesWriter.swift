import Domain

/// Writes the events of a streamed message of Anthropic's.
struct MessagesWriter: PieceWriter {
    /// What kind of block is open.
    private enum Block {
        case text
        case thinking
        case tool
    }

    private let model: String
    private var block: Block?
    /// The index of the block that is open, or of the next one.
    private var index = 0
    private var isStarted = false

    init(model: String) { self.model = model }

    mutating func write(_ piece: AnswerPiece, _ progress: StreamProgress, into out: inout [UInt8]) {
        switch piece {
        case .start(let id): start(id: id, into: &out)
        case .text(let text), .refusal(let text):
            open(.text, #"{"type":"text","text":""}"#, into: &out)
            append("text_delta", "text", text, into: &out)
        case .thinking(let text):
            open(.thinking, #"{"type":"thinking","thinking":"","signature":""}"#, into: &out)
            append("thinking_delta", "thinking", text, into: &out)
        case .thinkingEnd(let signature):
            if block == .thinking, !signature.isEmpty { append("signature_delta", "signature", signature, into: &out) }
            close(into: &out)
        case .redactedThinking(let data):
            openAnew(ThinkingExtension.redacted(data), into: &out)
            block = .text
            close(into: &out)
        case .tool(let id, let name):
            openAnew(
                ["type": "tool_use", "id": .string(id), "name": .string(name), "input": [:]], into: &out)
            block = .tool
        case .arguments(let text): append("input_json_delta", "partial_json", text, into: &out)
        case .toolEnd: close(into: &out)
        case .keepAlive: out.append(text: ": ping\n\n")
        case .finish(let finish, _):
            end(finish, progress, into: &out)
            out.append(text: "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
        }
    }

    mutating func cut(_ progress: StreamProgress, into out: inout [UInt8]) -> String {
        end(.length, progress, into: &out)
        return Finish.length.stopReason
    }

    mutating func fail(_ failure: GatewayFailure, _ progress: StreamProgress, into out: inout [UInt8]) {
        out.append(text: "event: error\ndata: ")
        out.append(contentsOf: JSONValue.object(ErrorBody.object(failure, .anthropic)).bytes())
        out.append(text: "\n\n")
    }

    private mutating func start(id: String, into out: inout [UInt8]) {
        guard !isStarted else { return }
        isStarted = true
        out.append(text: "event: message_start\ndata: {\"type\":\"message_start\",\"message\":")
        let message: JSONValue = [
            "id": .string(NeutralAnswer.identifier(id, prefix: "msg_")), "type": "message", "role": "assistant",
            "model": .string(model), "content": [], "stop_reason": nil, "stop_sequence": nil,
            // Corrected by the last event: OpenAI's dialect tells at the end only.
            "usage": ["input_tokens": 0, "output_tokens": 0],
        ]
        out.append(contentsOf: message.bytes())
        out.append(text: "}\n\n")
    }

    private mutating func open(_ kind: Block, _ content: StaticString, into out: inout [UInt8]) {
        guard block != kind else { return }
        begin(into: &out)
        out.append(text: content)
        out.append(text: "}\n\n")
        block = kind
    }

    private mutating func openAnew(_ content: JSONValue, into out: inout [UInt8]) {
        begin(into: &out)
        out.append(contentsOf: content.bytes())
        out.append(text: "}\n\n")
    }

    private mutating func begin(into out: inout [UInt8]) {
        start(id: "", into: &out)
        close(into: &out)
        out.append(text: "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":")
        out.append(contentsOf: String(index).utf8)
        out.append(text: ",\"content_block\":")
    }

    private mutating func close(into out: inout [UInt8]) {
        guard block != nil else { return }
        block = nil
        out.append(text: "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":")
        out.append(contentsOf: String(index).utf8)
        out.append(text: "}\n\n")
        index += 1
    }

    private func append(_ type: StaticString, _ member: StaticString, _ text: String, into out: inout [UInt8]) {
        guard block != nil else { return }
        out.append(text: "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":")
        out.append(contentsOf: String(index).utf8)
        out.append(text: ",\"delta\":{\"type\":\"")
        out.append(text: type)
        out.append(text: "\",\"")
        out.append(text: member)
        out.append(text: "\":")
        out.append(quoted: text)
        out.append(text: "}}\n\n")
    }

    private mutating func end(_ finish: Finish, _ progress: StreamProgress, into out: inout [UInt8]) {
        start(id: "", into: &out)
        close(into: &out)
        // The count of our own where the upstream has none: the member is required.
        let usage =
            progress.usage.map { AnswerUsage.anthropicObject($0.tokens) }
            ?? ["output_tokens": .int(progress.outputTokens)]
        let event: JSONValue = [
            "type": "message_delta",
            "delta": ["stop_reason": .string(finish.stopReason), "stop_sequence": finish.stopSequence],
            "usage": .object(usage),
        ]
        out.append(text: "event: message_delta\ndata: ")
        out.append(contentsOf: event.bytes())
        out.append(text: "\n\n")
    }
}

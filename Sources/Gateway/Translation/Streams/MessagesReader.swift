import Domain

/// Reads the events of a streamed message of Anthropic's.
struct MessagesReader: PieceReader {
    /// What kind of block is open.
    private enum Block {
        case text
        case thinking(signature: String)
        /// `input` is what the block began with, for tools whose arguments do not come in parts.
        case tool(input: String, hasArguments: Bool)
        /// One that the other dialect has no words for.
        case other
    }

    private var block: Block?
    private var index: Int?
    private var usage = JSONUsage()
    private var stopReason: String?
    private var stopSequence: String?
    private var refusal: String?
    private var isStarted = false

    mutating func read(
        _ event: JSONNode, into pieces: inout [AnswerPiece], _ progress: inout StreamProgress
    ) throws(GatewayFailure) -> Bool {
        let type = event["type"]
        if type.isString("content_block_delta") {
            try readDelta(event, into: &pieces)
        } else if type.isString("content_block_start") {
            try startBlock(event, into: &pieces)
        } else if type.isString("content_block_stop") {
            endBlock(into: &pieces)
        } else if type.isString("message_start") {
            let message = event["message"]
            progress.model = message["model"].string
            merge(message["usage"], &progress)
            start(id: message["id"].string ?? "", into: &pieces)
        } else if type.isString("message_delta") {
            let delta = event["delta"]
            if let reason = delta["stop_reason"].string {
                stopReason = reason
                progress.finishReason = reason
            }
            if let sequence = delta["stop_sequence"].string { stopSequence = sequence }
            if let explanation = delta["stop_details"]["explanation"].string { refusal = explanation }
            merge(event["usage"], &progress)
        } else if type.isString("message_stop") {
            return true
        } else if type.isString("ping") {
            pieces.append(.keepAlive)
        } else if type.isString("error") || event["error"].isTruthy {
            throw UpstreamError.failure(event, &progress)
        }
        return false
    }

    mutating func finish(
        isMarked: Bool, into pieces: inout [AnswerPiece], _ progress: StreamProgress
    ) throws(GatewayFailure) -> Bool {
        guard stopReason != nil || (isMarked && progress.hasContent) else { return false }
        endBlock(into: &pieces)
        let finish = Finish(stopReason: stopReason ?? "end_turn", sequence: stopSequence)
        pieces.append(.finish(finish, refusal: refusal))
        return true
    }

    private mutating func start(id: String, into pieces: inout [AnswerPiece]) {
        guard !isStarted else { return }
        isStarted = true
        pieces.append(.start(id: id))
    }

    private mutating func startBlock(_ event: JSONNode, into pieces: inout [AnswerPiece]) throws(GatewayFailure) {
        start(id: "", into: &pieces)
        endBlock(into: &pieces)
        index = event["index"].int
        let content = event["content_block"]
        let type = content["type"]
        if type.isString("text") {
            block = .text
            append(content["text"], as: AnswerPiece.text, into: &pieces)
        } else if type.isString("thinking") {
            block = .thinking(signature: content["signature"].string ?? "")
            append(content["thinking"], as: AnswerPiece.thinking, into: &pieces)
        } else if type.isString("redacted_thinking") {
            block = .other
            pieces.append(.redactedThinking(content["data"].string ?? ""))
        } else if type.isString("tool_use") {
            guard let name = content["name"].string else {
                throw .malformedAnswer("a tool's use has no `name`")
            }
            block = .tool(input: try content["input"].text() ?? "{}", hasArguments: false)
            pieces.append(.tool(id: NeutralAnswer.identifier(content["id"].string, prefix: "call_"), name: name))
        } else {
            block = .other
        }
    }

    private mutating func readDelta(_ event: JSONNode, into pieces: inout [AnswerPiece]) throws(GatewayFailure) {
        guard event["index"].int == index, let block else {
            throw .malformedAnswer("a part of a content block belongs to none that is open")
        }
        let delta = event["delta"]
        let type = delta["type"]
        switch block {
        case .text:
            if type.isString("text_delta") { append(delta["text"], as: AnswerPiece.text, into: &pieces) }
        case .thinking:
            if type.isString("thinking_delta") {
                append(delta["thinking"], as: AnswerPiece.thinking, into: &pieces)
            } else if type.isString("signature_delta") {
                self.block = .thinking(signature: delta["signature"].string ?? "")
            }
        case .tool(let input, _):
            guard type.isString("input_json_delta"), let text = delta["partial_json"].string, !text.isEmpty else {
                return
            }
            self.block = .tool(input: input, hasArguments: true)
            pieces.append(.arguments(text))
        case .other: break
        }
    }

    private mutating func endBlock(into pieces: inout [AnswerPiece]) {
        switch block {
        case .thinking(let signature): pieces.append(.thinkingEnd(signature: signature))
        case .tool(let input, let hasArguments):
            if !hasArguments { pieces.append(.arguments(input)) }
            pieces.append(.toolEnd)
        case .text, .other, nil: break
        }
        block = nil
        index = nil
    }

    private func append(_ text: JSONNode, as kind: (String) -> AnswerPiece, into pieces: inout [AnswerPiece]) {
        if let text = text.string, !text.isEmpty { pieces.append(kind(text)) }
    }

    /// Counts are cumulative; what is not there has not changed.
    private mutating func merge(_ new: JSONNode, _ progress: inout StreamProgress) {
        guard new.isObject else { return }
        usage.merge(new)
        if let reported = usage.read(.anthropic) { progress.usage = reported }
    }
}

extension JSONNode {
    /// This object as JSON text, or `nil` if it is no object or an empty one.
    func text() throws(GatewayFailure) -> String? {
        guard isObject, count > 0 else { return nil }
        guard let value = value(depth: JSONValue.maximumDepth) else {
            throw .malformedAnswer("the arguments of a tool call are nested too deeply")
        }
        return value.text()
    }

    private func value(depth: Int) -> JSONValue? {
        guard depth > 0 else { return nil }
        if isArray {
            var values: [JSONValue] = []
            for element in elements {
                guard let value = element.value(depth: depth - 1) else { return nil }
                values.append(value)
            }
            return .array(values)
        }
        guard isObject else { return copy }
        var object = JSONObject()
        for (key, member) in members {
            guard let value = member.value(depth: depth - 1) else { return nil }
            object[key.string ?? ""] = value
        }
        return .object(object)
    }
}

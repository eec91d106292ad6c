import Domain

/// Writes the chunks of a streamed chat completion of OpenAI's.
struct ChatWriter: PieceWriter {
    private let model: String
    private let created: Int
    private let wantsUsage: Bool
    /// What every chunk begins with, and what it begins with up to its delta.
    private var identity: [UInt8] = []
    private var head: [UInt8] = []
    private var isStarted = false
    /// Tool calls so far; their indices are dense.
    private var toolCount = 0
    /// Thinking blocks so far, and the text of the one that is open.
    private var thinkingCount = 0
    private var thinking = ""

    init(model: String, created: Int, wantsUsage: Bool) {
        self.model = model
        self.created = created
        self.wantsUsage = wantsUsage
    }

    mutating func write(_ piece: AnswerPiece, _ progress: StreamProgress, into out: inout [UInt8]) {
        switch piece {
        case .start(let id): start(id: id, into: &out)
        case .text(let text): append("content", text, into: &out)
        // Anthropic's refusals come as plain text.
        case .refusal(let text): append("refusal", text, into: &out)
        case .thinking(let text):
            thinking += text
            append("reasoning_content", text, into: &out)
        case .thinkingEnd(let signature):
            append(block: ThinkingExtension.block(thinking, signature: signature), into: &out)
            thinking = ""
        case .redactedThinking(let data): append(block: ThinkingExtension.redacted(data), into: &out)
        case .tool(let id, let name):
            begin(into: &out)
            out.append(text: #"{"tool_calls":[{"index":"#)
            out.append(contentsOf: String(toolCount).utf8)
            out.append(text: #","id":"#)
            out.append(quoted: id)
            out.append(text: #","type":"function","function":{"name":"#)
            out.append(quoted: name)
            out.append(text: #","arguments":""}}]}"#)
            endChunk(into: &out)
            toolCount += 1
        case .arguments(let text):
            begin(into: &out)
            out.append(text: #"{"tool_calls":[{"index":"#)
            out.append(contentsOf: String(max(0, toolCount - 1)).utf8)
            out.append(text: #","function":{"arguments":"#)
            out.append(quoted: text)
            out.append(text: "}}]}")
            endChunk(into: &out)
        case .toolEnd: break
        case .keepAlive: out.append(text: ": ping\n\n")
        case .finish(let finish, let refusal):
            if let refusal { append("refusal", refusal, into: &out) }
            append(finish: finish, into: &out)
            if wantsUsage, let usage = progress.usage { append(usage, into: &out) }
            out.append(text: "data: [DONE]\n\n")
        }
    }

    mutating func cut(_ progress: StreamProgress, into out: inout [UInt8]) -> String {
        append(finish: .length, into: &out)
        return Finish.length.finishReason
    }

    mutating func fail(_ failure: GatewayFailure, _ progress: StreamProgress, into out: inout [UInt8]) {
        out.append(text: "data: ")
        out.append(contentsOf: JSONValue.object(ErrorBody.object(failure, .openAI)).bytes())
        out.append(text: "\n\n")
    }

    private mutating func start(id: String, into out: inout [UInt8]) {
        guard !isStarted else { return }
        isStarted = true
        identity.append(text: #"data: {"id":"#)
        identity.append(quoted: NeutralAnswer.identifier(id, prefix: "chatcmpl-"))
        identity.append(text: #","object":"chat.completion.chunk","created":"#)
        identity.append(contentsOf: String(created).utf8)
        identity.append(text: #","model":"#)
        identity.append(quoted: model)
        head = identity
        head.append(text: #","choices":[{"index":0,"delta":"#)
        begin(into: &out)
        out.append(text: #"{"role":"assistant","content":""}"#)
        endChunk(into: &out)
    }

    private mutating func begin(into out: inout [UInt8]) {
        if !isStarted { start(id: "", into: &out) }
        out.append(contentsOf: head)
    }

    private func endChunk(finish: String? = nil, into out: inout [UInt8]) {
        out.append(text: #","finish_reason":"#)
        if let finish { out.append(quoted: finish) } else { out.append(text: "null") }
        out.append(text: "}]")
        if wantsUsage { out.append(text: #","usage":null"#) }
        out.append(text: "}\n\n")
    }

    private mutating func append(_ member: StaticString, _ text: String, into out: inout [UInt8]) {
        begin(into: &out)
        out.append(text: "{\"")
        out.append(text: member)
        out.append(text: "\":")
        out.append(quoted: text)
        out.append(text: "}")
        endChunk(into: &out)
    }

    /// Blocks carry an `index`: openai-python puts lists in deltas together by it.
    private mutating func append(block: JSONValue, into out: inout [UInt8]) {
        var entry: JSONObject = ["index": .int(thinkingCount)]
        entry.merge(block.object ?? [:])
        thinkingCount += 1
        begin(into: &out)
        let delta: JSONValue = .object([ThinkingExtension.key: [.object(entry)]])
        out.append(contentsOf: delta.bytes())
        endChunk(into: &out)
    }

    private mutating func append(finish: Finish, into out: inout [UInt8]) {
        begin(into: &out)
        out.append(text: "{}")
        endChunk(finish: finish.finishReason, into: &out)
    }

    private func append(_ usage: ReportedUsage, into out: inout [UInt8]) {
        out.append(contentsOf: identity)
        out.append(text: #","choices":[],"usage":"#)
        out.append(contentsOf: JSONValue.object(AnswerUsage.chatObject(usage.tokens)).bytes())
        out.append(text: "}\n\n")
    }
}

import Domain

/// A whole answer of OpenAI's Responses.
///
/// The request's own settings, which OpenAI repeats in it, are not known here: `tools` is empty, the rest has its default.
enum ResponsesAnswer {
    /// Writes a response.
    static func write(_ answer: NeutralAnswer, model: String, created: Int) -> JSONObject {
        var items = ResponsesItems(id: NeutralAnswer.identifier(answer.id, prefix: ""))
        for block in answer.blocks { items.append(block) }
        return response(
            id: items.responseID, model: model, created: created, output: items.finished(answer.finish),
            finish: answer.finish, usage: answer.usage, serviceTier: answer.serviceTier)
    }

    /// The response object; without `finish` it is still being made.
    static func response(
        id: String, model: String, created: Int, output: [JSONValue], finish: Finish?, usage: TokenUsage?,
        serviceTier: String?
    ) -> JSONObject {
        let reason = finish?.incompleteReason
        var response: JSONObject = [
            "id": .string(id), "object": "response", "created_at": .int(created),
            "status": finish == nil ? "in_progress" : reason == nil ? "completed" : "incomplete", "error": nil,
            "incomplete_details": reason.map { ["reason": .string($0)] } ?? .null, "instructions": nil,
            "max_output_tokens": nil, "metadata": [:], "model": .string(model), "output": .array(output),
            "parallel_tool_calls": true, "previous_response_id": nil, "reasoning": ["effort": nil, "summary": nil],
            "store": false, "temperature": nil, "text": ["format": ["type": "text"]], "tool_choice": "auto",
            "tools": [], "top_p": nil, "truncation": "disabled",
            "usage": usage.map { .object(AnswerUsage.responsesObject($0)) } ?? .null,
        ]
        if let serviceTier { response["service_tier"] = .string(serviceTier) }
        return response
    }
}

/// The output items of a response.
struct ResponsesItems {
    let id: String
    private var items: [JSONObject] = []

    init(id: String) { self.id = id }

    var responseID: String { "resp_" + id }

    /// Where the next item will stand.
    var nextIndex: Int { items.count }

    /// The id of the item that will stand next.
    func nextID(_ prefix: String) -> String { "\(prefix)_\(id)_\(items.count)" }

    /// Adds an item that is complete.
    mutating func append(_ item: JSONObject) { items.append(item) }

    /// Adds a block; texts next to each other share one item.
    mutating func append(_ block: NeutralAnswer.Block) {
        switch block {
        case .text(let text): append(part: Self.textPart(text))
        case .refusal(let text): append(part: Self.refusalPart(text))
        case .thinking(let text, let signature):
            append(Self.reasoning(id: nextID("rs"), text: text, blocks: [.init(text, signature: signature)]))
        case .redactedThinking(let data):
            append(Self.reasoning(id: nextID("rs"), text: "", blocks: [.init(redacted: data)]))
        case .tool(let call, let name, let arguments):
            append(
                Self.call(
                    id: nextID("fc"), call: call, name: name, arguments: arguments.isEmpty ? "{}" : arguments,
                    status: "completed"))
        }
    }

    private mutating func append(part: JSONObject) {
        guard let last = items.last, last["type"] == "message" else {
            append(Self.message(id: nextID("msg"), parts: [.object(part)], status: "completed"))
            return
        }
        var parts = last["content"]?.array ?? []
        if let text = parts.last?["text"]?.string, let piece = part["text"]?.string {
            parts[parts.count - 1] = .object(Self.textPart(text + piece))
        } else {
            parts.append(.object(part))
        }
        items[items.count - 1]["content"] = .array(parts)
    }

    /// The items; the last one of an answer that was cut off is incomplete.
    func finished(_ finish: Finish) -> [JSONValue] {
        var items = items
        if finish.incompleteReason != nil, let last = items.last, last["status"] != nil {
            items[items.count - 1]["status"] = "incomplete"
        }
        return items.map { .object($0) }
    }

    static func textPart(_ text: String) -> JSONObject {
        ["type": "output_text", "annotations": [], "logprobs": [], "text": .string(text)]
    }

    static func refusalPart(_ text: String) -> JSONObject { ["type": "refusal", "refusal": .string(text)] }

    static func message(id: String, parts: [JSONValue], status: String) -> JSONObject {
        [
            "id": .string(id), "type": "message", "status": .string(status), "role": "assistant",
            "content": .array(parts),
        ]
    }

    static func call(id: String, call: String, name: String, arguments: String, status: String) -> JSONObject {
        [
            "id": .string(id), "type": "function_call", "status": .string(status), "call_id": .string(call),
            "name": .string(name), "arguments": .string(arguments),
        ]
    }

    /// A thinking block that a reasoning item carries.
    struct Sealed {
        fileprivate let block: JSONValue?

        /// One without a signature cannot be sent back, so it is not carried.
        init(_ text: String, signature: String) {
            // Not `? nil :`, which would be a JSON `null`.
            if signature.isEmpty { block = .none } else { block = ThinkingExtension.block(text, signature: signature) }
        }

        init(redacted data: String) { block = ThinkingExtension.redacted(data) }
    }

    static func reasoning(id: String, text: String, blocks: [Sealed]) -> JSONObject {
        var item: JSONObject = [
            "id": .string(id), "type": "reasoning",
            "summary": text.isEmpty ? [] : [["type": "summary_text", "text": .string(text)]],
        ]
        let sealed = blocks.compactMap(\.block)
        if !sealed.isEmpty { item["encrypted_content"] = .string(SealedThinking.text(of: sealed)) }
        return item
    }
}

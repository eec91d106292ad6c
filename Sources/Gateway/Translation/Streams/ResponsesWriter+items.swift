import Domain

/// The items of a response as they come, one after the other.
extension ResponsesWriter {
    private mutating func openMessage(into out: inout [UInt8]) {
        if case .message = item { return }
        begin(prefix: "msg", into: &out)
        item = .message
        itemAdded(ResponsesItems.message(id: itemID, parts: [], status: "in_progress"), into: &out)
    }

    mutating func append(text piece: String, into out: inout [UInt8]) {
        // A text after a refusal would be a third part; it begins another item.
        if !refusal.isEmpty { close(into: &out) }
        openMessage(into: &out)
        if text.isEmpty { part("response.content_part.added", 0, ResponsesItems.textPart(""), into: &out) }
        text += piece
        event("response.output_text.delta", into: &out) { writer in
            writer.append(text: #","content_index":0,"delta":"#)
            writer.append(quoted: piece)
            writer.append(text: #","logprobs":[]"#)
        }
    }

    mutating func append(refusal piece: String, into out: inout [UInt8]) {
        openMessage(into: &out)
        let place = text.isEmpty ? 0 : 1
        if refusal.isEmpty { part("response.content_part.added", place, ResponsesItems.refusalPart(""), into: &out) }
        refusal += piece
        event("response.refusal.delta", into: &out) { writer in
            writer.append(text: #","content_index":"#)
            writer.append(contentsOf: String(place).utf8)
            writer.append(text: #","delta":"#)
            writer.append(quoted: piece)
        }
    }

    private mutating func part(_ type: String, _ place: Int, _ part: JSONObject, into out: inout [UInt8]) {
        object(
            [
                "type": .string(type), "item_id": .string(itemID), "output_index": .int(items.nextIndex),
                "content_index": .int(place), "part": .object(part),
            ], into: &out)
    }

    mutating func openReasoning(into out: inout [UInt8]) {
        begin(prefix: "rs", into: &out)
        item = .reasoning
        itemAdded(ResponsesItems.reasoning(id: itemID, text: "", blocks: []), into: &out)
    }

    private var isReasoning: Bool { if case .reasoning = item { true } else { false } }

    mutating func append(thinking piece: String, into out: inout [UInt8]) {
        if !isReasoning {
            openReasoning(into: &out)
            summary("response.reasoning_summary_part.added", "part", ["type": "summary_text", "text": ""], into: &out)
        }
        text += piece
        event("response.reasoning_summary_text.delta", into: &out) { writer in
            writer.append(text: #","summary_index":0,"delta":"#)
            writer.append(quoted: piece)
        }
    }

    private mutating func summary(_ type: String, _ member: String, _ value: JSONValue, into out: inout [UInt8]) {
        object(
            [
                "type": .string(type), "item_id": .string(itemID), "output_index": .int(items.nextIndex),
                "summary_index": 0, member: value,
            ], into: &out)
    }

    mutating func closeReasoning(_ sealed: ResponsesItems.Sealed?, into out: inout [UInt8]) {
        if !text.isEmpty {
            summary("response.reasoning_summary_text.done", "text", .string(text), into: &out)
            summary(
                "response.reasoning_summary_part.done", "part", ["type": "summary_text", "text": .string(text)],
                into: &out)
        }
        itemDone(
            ResponsesItems.reasoning(id: itemID, text: text, blocks: sealed.map { [$0] } ?? []), into: &out)
    }

    /// Ends the open item, if there is one.
    mutating func close(status: String = "completed", into out: inout [UInt8]) {
        switch item {
        case .message: closeMessage(status: status, into: &out)
        case .reasoning: closeReasoning(nil, into: &out)
        case .call(let id, let name):
            object(
                [
                    "type": "response.function_call_arguments.done", "item_id": .string(itemID),
                    "output_index": .int(items.nextIndex), "name": .string(name), "arguments": .string(text),
                ], into: &out)
            itemDone(
                ResponsesItems.call(id: itemID, call: id, name: name, arguments: text, status: status), into: &out)
        case nil: break
        }
    }

    private mutating func closeMessage(status: String, into out: inout [UInt8]) {
        var parts: [JSONValue] = []
        if !text.isEmpty {
            object(
                [
                    "type": "response.output_text.done", "item_id": .string(itemID),
                    "output_index": .int(items.nextIndex), "content_index": 0, "text": .string(text), "logprobs": [],
                ], into: &out)
            part("response.content_part.done", 0, ResponsesItems.textPart(text), into: &out)
            parts.append(.object(ResponsesItems.textPart(text)))
        }
        if !refusal.isEmpty {
            object(
                [
                    "type": "response.refusal.done", "item_id": .string(itemID),
                    "output_index": .int(items.nextIndex), "content_index": .int(parts.count),
                    "refusal": .string(refusal),
                ], into: &out)
            part("response.content_part.done", parts.count, ResponsesItems.refusalPart(refusal), into: &out)
            parts.append(.object(ResponsesItems.refusalPart(refusal)))
        }
        itemDone(ResponsesItems.message(id: itemID, parts: parts, status: status), into: &out)
    }

    mutating func end(_ finish: Finish, _ progress: StreamProgress, into out: inout [UInt8]) {
        start(id: "", into: &out)
        close(status: finish.incompleteReason == nil ? "completed" : "incomplete", into: &out)
        lifecycle(
            finish.incompleteReason == nil ? "response.completed" : "response.incomplete", finish: finish,
            output: items.finished(finish), usage: progress.usage, into: &out)
    }
}

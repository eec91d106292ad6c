import Domain

/// Writes the events of a streamed response of OpenAI's.
struct ResponsesWriter: PieceWriter {
    /// What kind of item is open.
    enum Item {
        case message
        case reasoning
        case call(id: String, name: String)
    }

    let model: String
    let created: Int
    var items = ResponsesItems(id: "")
    var item: Item?
    /// What the open item holds so far: its text, its reasoning or its arguments, and beside a text a refusal.
    var text = ""
    var refusal = ""
    var itemID = ""
    var sequence = 0
    var isStarted = false

    init(model: String, created: Int) {
        self.model = model
        self.created = created
    }

    mutating func write(_ piece: AnswerPiece, _ progress: StreamProgress, into out: inout [UInt8]) {
        switch piece {
        case .start(let id): start(id: id, into: &out)
        case .text(let text): append(text: text, into: &out)
        case .refusal(let text): append(refusal: text, into: &out)
        case .thinking(let text): append(thinking: text, into: &out)
        case .thinkingEnd(let signature):
            if case .reasoning = item {
                closeReasoning(ResponsesItems.Sealed(text, signature: signature), into: &out)
            } else if !signature.isEmpty {
                // Thinking whose text is left out still has to be sent back.
                openReasoning(into: &out)
                closeReasoning(ResponsesItems.Sealed("", signature: signature), into: &out)
            }
        case .redactedThinking(let data):
            openReasoning(into: &out)
            closeReasoning(ResponsesItems.Sealed(redacted: data), into: &out)
        case .tool(let id, let name):
            begin(prefix: "fc", into: &out)
            item = .call(id: id, name: name)
            itemAdded(
                ResponsesItems.call(id: itemID, call: id, name: name, arguments: "", status: "in_progress"), into: &out)
        case .arguments(let piece):
            text += piece
            event("response.function_call_arguments.delta", into: &out) { writer in
                writer.append(text: #","delta":"#)
                writer.append(quoted: piece)
            }
        case .toolEnd: close(into: &out)
        case .keepAlive: out.append(text: ": ping\n\n")
        case .finish(let finish, _): end(finish, progress, into: &out)
        }
    }

    mutating func cut(_ progress: StreamProgress, into out: inout [UInt8]) -> String {
        end(.length, progress, into: &out)
        return Finish.length.incompleteReason ?? ""
    }

    mutating func fail(_ failure: GatewayFailure, _ progress: StreamProgress, into out: inout [UInt8]) {
        // Flat as the schema has it, and nested, since the official client raises an error only for that.
        var event: JSONObject = [
            "type": "error", "code": .string(failure.upstreamCode ?? failure.code), "message": .string(failure.message),
            "param": failure.parameter.map { .string($0) } ?? .null,
        ]
        event["error"] = ErrorBody.object(failure, .openAI)["error"]
        object(event, into: &out)
    }

    mutating func start(id: String, into out: inout [UInt8]) {
        guard !isStarted else { return }
        isStarted = true
        items = ResponsesItems(id: NeutralAnswer.identifier(id, prefix: ""))
        for type in ["response.created", "response.in_progress"] {
            lifecycle(type, finish: nil, output: [], usage: nil, into: &out)
        }
    }

    mutating func lifecycle(
        _ type: String, finish: Finish?, output: [JSONValue], usage: ReportedUsage?, into out: inout [UInt8]
    ) {
        let response = ResponsesAnswer.response(
            id: items.responseID, model: model, created: created, output: output, finish: finish, usage: usage?.tokens,
            serviceTier: AnswerUsage.openAITier(usage?.serviceTier))
        object(["type": .string(type), "response": .object(response)], into: &out)
    }

    /// Writes an event whose members are given; the sequence number is added.
    mutating func object(_ event: JSONObject, into out: inout [UInt8]) {
        var event = event
        event["sequence_number"] = .int(sequence)
        sequence += 1
        out.append(text: "event: ")
        out.append(contentsOf: (event["type"]?.string ?? "").utf8)
        out.append(text: "\ndata: ")
        out.append(contentsOf: JSONValue.object(event).bytes())
        out.append(text: "\n\n")
    }

    /// Writes an event about the open item; `members` adds what is special to it, each with a comma before it.
    mutating func event(
        _ type: StaticString, into out: inout [UInt8], members: (inout [UInt8]) -> Void
    ) {
        out.append(text: "event: ")
        out.append(text: type)
        out.append(text: "\ndata: {\"type\":\"")
        out.append(text: type)
        out.append(text: "\",\"sequence_number\":")
        out.append(contentsOf: String(sequence).utf8)
        sequence += 1
        out.append(text: ",\"item_id\":")
        out.append(quoted: itemID)
        out.append(text: ",\"output_index\":")
        out.append(contentsOf: String(items.nextIndex).utf8)
        members(&out)
        out.append(text: "}\n\n")
    }

    mutating func begin(prefix: String, into out: inout [UInt8]) {
        start(id: "", into: &out)
        close(into: &out)
        itemID = items.nextID(prefix)
    }

    mutating func itemAdded(_ item: JSONObject, into out: inout [UInt8]) {
        object(
            ["type": "response.output_item.added", "output_index": .int(items.nextIndex), "item": .object(item)],
            into: &out)
    }

    mutating func itemDone(_ item: JSONObject, into out: inout [UInt8]) {
        object(
            ["type": "response.output_item.done", "output_index": .int(items.nextIndex), "item": .object(item)],
            into: &out)
        items.append(item)
        self.item = nil
        text = ""
        refusal = ""
    }
}

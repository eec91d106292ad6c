import Domain

extension ResponsesToChat {
    /// The conversation: instructions first, then the items of `input`.
    mutating func messages() throws(GatewayFailure) -> [JSONValue] {
        var messages: [JSONValue] = []
        if let instructions = request.member("instructions") {
            messages.append(["role": "system", "content": .string(try instructions.string())])
            origins.append("instructions")
        }
        let input = try request.required("input")
        if input.value.string != nil {
            origins.append("input")
            return messages + [["role": "user", "content": input.value]]
        }
        var answer = AssistantTurn()
        for item in try input.elements(orText: true) {
            let type = try item.member("type")?.string() ?? "message"
            switch type {
            case "message" where item.value["role"] == "assistant":
                answer.begin(at: item.path)
                try answer.add(try parts(try item.required("content")), of: item)
            case "function_call":
                answer.begin(at: item.path)
                answer.calls.append(try call(item))
            case "reasoning":
                answer.begin(at: item.path)
                answer.thinking += try thinking(item)
            default:
                append(&answer, to: &messages)
                messages.append(try message(item, type: type))
                origins.append(item.path)
            }
        }
        append(&answer, to: &messages)
        return messages
    }

    private mutating func append(_ answer: inout AssistantTurn, to messages: inout [JSONValue]) {
        if let message = answer.message {
            messages.append(message)
            origins.append(answer.origin)
        }
        answer = AssistantTurn()
    }

    private mutating func message(_ item: RequestNode, type: String) throws(GatewayFailure) -> JSONValue {
        switch type {
        case "message":
            let role = try item.required("role")
            switch try role.string() {
            // Servers other than OpenAI's know no developer.
            case "system", "developer":
                return ["role": "system", "content": try parts(try item.required("content"))]
            case "user": return ["role": "user", "content": try parts(try item.required("content"))]
            case let other: throw role.invalid("is `\(other.shortened)`, not user, assistant, system or developer.")
            }
        case "function_call_output":
            let content = try parts(try item.required("output"))
            for part in content.array ?? [] where !isForAnthropic && part["type"] != "text" {
                throw item.untranslatable("holds an image or a file, which a result in OpenAI's chat cannot.")
            }
            return [
                "role": "tool", "tool_call_id": .string(try item.required("call_id").string()), "content": content,
            ]
        case "item_reference":
            throw item.untranslatable("refers to an item kept at OpenAI. Send the item itself.")
        default:
            throw item.untranslatable("is of type `\(type.shortened)`, which only OpenAI's Responses knows.")
        }
    }

    private func call(_ item: RequestNode) throws(GatewayFailure) -> JSONValue {
        if let namespace = item.member("namespace") {
            throw namespace.untranslatable("is known to OpenAI's Responses only.")
        }
        return [
            "id": .string(try item.required("call_id").string()), "type": "function",
            "function": [
                "name": .string(try item.required("name").string()),
                "arguments": .string(try item.required("arguments").string()),
            ],
        ]
    }

    private mutating func thinking(_ item: RequestNode) throws(GatewayFailure) -> [JSONValue] {
        guard isForAnthropic, let sealed = item.value["encrypted_content"]?.string,
            let blocks = SealedThinking.blocks(in: sealed)
        else {
            losses.add("input.reasoning")
            return []
        }
        return blocks
    }

    /// The content of a message or of a tool's result in chat's words.
    private mutating func parts(_ content: RequestNode) throws(GatewayFailure) -> JSONValue {
        if content.value.string != nil { return content.value }
        var parts: [JSONValue] = []
        for part in try content.elements(orText: true) { parts.append(try self.part(part)) }
        return .array(parts)
    }

    private mutating func part(_ part: RequestNode) throws(GatewayFailure) -> JSONValue {
        let type = try part.required("type")
        if part.member("prompt_cache_breakpoint") != nil { losses.add("input.content.prompt_cache_breakpoint") }
        switch try type.string() {
        case "input_text", "output_text", "text":
            return ["type": "text", "text": .string(try part.required("text").string())]
        case "refusal": return ["type": "refusal", "refusal": .string(try part.required("refusal").string())]
        case "input_image":
            guard let url = part.member("image_url") else {
                throw part.untranslatable("must hold `image_url`: files kept at OpenAI cannot be read elsewhere.")
            }
            var image: JSONObject = ["url": .string(try url.string())]
            if let detail = part.member("detail") { image["detail"] = .string(try detail.string()) }
            return ["type": "image_url", "image_url": .object(image)]
        case "input_file":
            guard let data = part.member("file_data") else {
                throw part.untranslatable("must hold `file_data`: files kept elsewhere are not fetched.")
            }
            var file: JSONObject = ["file_data": .string(try data.string())]
            if let name = part.member("filename") { file["filename"] = .string(try name.string()) }
            return ["type": "file", "file": .object(file)]
        case let other:
            throw type.untranslatable("is `\(other.shortened)`; texts, images and files are understood.")
        }
    }
}

/// Items of one turn of the assistant on their way to one chat message.
private struct AssistantTurn {
    private(set) var origin = ""
    var thinking: [JSONValue] = []
    var calls: [JSONValue] = []
    private var parts: [JSONValue] = []

    mutating func begin(at path: String) { if origin.isEmpty { origin = path } }

    mutating func add(_ content: JSONValue, of item: RequestNode) throws(GatewayFailure) {
        if content.string != nil {
            parts.append(["type": "text", "text": content])
        } else {
            parts += content.array ?? []
        }
    }

    /// The message, or `nil` if the turn has nothing in it.
    var message: JSONValue? {
        guard !parts.isEmpty || !calls.isEmpty || !thinking.isEmpty else { return nil }
        var message: JSONObject = ["role": "assistant", "content": .null]
        if parts.count == 1, let text = parts[0]["text"] {
            message["content"] = text
        } else if !parts.isEmpty {
            message["content"] = .array(parts)
        }
        if !calls.isEmpty { message["tool_calls"] = .array(calls) }
        if !thinking.isEmpty { message[ThinkingExtension.key] = .array(thinking) }
        return .object(message)
    }
}

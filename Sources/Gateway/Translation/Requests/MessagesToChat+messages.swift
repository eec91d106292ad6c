import Domain

extension MessagesToChat {
    /// Adds the system prompt as the first message.
    mutating func addSystem() throws(GatewayFailure) {
        guard let system = request.member("system") else { return }
        if let text = system.value.string {
            if !text.isEmpty { conversation.append(["role": "system", "content": .string(text)]) }
            return
        }
        let parts = try parts(try system.elements(orText: true), where: "system", isText: true)
        if !parts.isEmpty { conversation.append(["role": "system", "content": Self.content(parts)]) }
    }

    /// Adds the messages.
    mutating func addMessages() throws(GatewayFailure) {
        let messages = try request.required("messages")
        let list = try messages.elements()
        guard !list.isEmpty else { throw messages.invalid("must not be empty.") }
        for message in list {
            for (key, value) in try message.object() where !["role", "content"].contains(key) && !value.isNull {
                losses.add("messages.\(key)")
            }
            let role = try message.required("role")
            let content = try message.required("content")
            switch try role.string() {
            case "user": try addUser(content)
            case "assistant": try addAssistant(content)
            case "system":
                var parts: [JSONValue] = []
                if let text = content.value.string {
                    if !text.isEmpty { parts = [Self.text(text)] }
                } else {
                    parts = try self.parts(try content.elements(orText: true), where: "messages.content", isText: true)
                }
                if !parts.isEmpty { conversation.append(["role": "system", "content": Self.content(parts)]) }
            case let other: throw role.invalid("is `\(other.shortened)`, not user, assistant or system.")
            }
        }
        guard conversation.last?["role"] != "assistant" else {
            throw messages.untranslatable(
                "ends with the beginning of an answer, which OpenAI's models cannot be made to continue.")
        }
    }

    private mutating func addUser(_ content: RequestNode) throws(GatewayFailure) {
        if let text = content.value.string {
            conversation.append(["role": "user", "content": .string(text)])
            return
        }
        var rest: [RequestNode] = []
        var moved: [JSONValue] = []
        for block in try content.elements(orText: true) {
            guard try block.required("type").string() == "tool_result" else {
                rest.append(block)
                continue
            }
            conversation.append(try toolMessage(block, moved: &moved))
        }
        let parts = moved + (try parts(rest, where: "messages.content"))
        if !parts.isEmpty { conversation.append(["role": "user", "content": Self.content(parts)]) }
    }

    /// The message of a tool's result; images and files, which OpenAI's tool messages cannot hold, are moved to the
    /// user's message that follows.
    private mutating func toolMessage(
        _ block: RequestNode, moved: inout [JSONValue]
    ) throws(GatewayFailure) -> JSONValue {
        try noteLosses(of: block, known: ["type", "tool_use_id", "content"], where: "tool_result")
        var message: JSONObject = [
            "role": "tool", "tool_call_id": .string(try block.required("tool_use_id").string()), "content": "",
        ]
        guard let content = block.member("content") else { return .object(message) }
        if content.value.string != nil {
            message["content"] = content.value
            return .object(message)
        }
        let parts = try parts(try content.elements(orText: true), where: "tool_result.content")
        let texts = parts.filter { $0["type"] == "text" }
        if texts.count < parts.count {
            losses.add("tool_result.content.position")
            moved += parts.filter { $0["type"] != "text" }
        }
        if !texts.isEmpty { message["content"] = Self.content(texts) }
        return .object(message)
    }

    private mutating func addAssistant(_ content: RequestNode) throws(GatewayFailure) {
        if let text = content.value.string {
            conversation.append(["role": "assistant", "content": .string(text)])
            return
        }
        var texts: [JSONValue] = []
        var calls: [JSONValue] = []
        for block in try content.elements(orText: true) {
            let type = try block.required("type")
            switch try type.string() {
            case "text": texts += try parts([block], where: "messages.content", isText: true)
            case "thinking", "redacted_thinking": losses.add("messages.content.thinking")
            case "tool_use":
                if let toolset = block.member("toolset_name") {
                    throw toolset.untranslatable("names a toolset of Anthropic's, which OpenAI does not have.")
                }
                try noteLosses(of: block, known: ["type", "id", "name", "input"], where: "tool_use")
                let input = try block.required("input")
                _ = try input.object()
                calls.append([
                    "id": .string(try block.required("id").string()), "type": "function",
                    "function": [
                        "name": .string(try block.required("name").string()),
                        "arguments": .string(input.value.text()),
                    ],
                ])
            case let other:
                throw type.untranslatable("is `\(other.shortened)`, which has no equal in OpenAI's chat.")
            }
        }
        guard !texts.isEmpty || !calls.isEmpty else { return }
        var message: JSONObject = ["role": "assistant", "content": texts.isEmpty ? .null : Self.content(texts)]
        if !calls.isEmpty { message["tool_calls"] = .array(calls) }
        conversation.append(.object(message))
    }
}

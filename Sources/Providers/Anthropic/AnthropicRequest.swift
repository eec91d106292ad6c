import Domain

/// Turns a chat request of OpenAI's shape into one of Anthropic's.
enum AnthropicRequest {
    /// The translated body.
    ///
    /// Throws ``ProviderFailure/Kind/misconfigured`` for what cannot be expressed at all.
    static func body(
        from chat: JSONObject, model: String, defaultMaxTokens: Int
    ) throws(ProviderFailure) -> JSONObject {
        if let count = chat["n"]?.int, count != 1 {
            throw ProviderFailure(.misconfigured, "Anthropic gives one answer a call; `n` is \(count).")
        }
        var body: JSONObject = ["model": .string(model)]
        body["max_tokens"] = .int(chat["max_completion_tokens"]?.int ?? chat["max_tokens"]?.int ?? defaultMaxTokens)
        var system: [JSONValue] = []
        var messages = AnthropicMessages()
        for message in chat["messages"]?.array ?? [] {
            switch message["role"]?.string {
            case "system", "developer": system += try AnthropicContent.blocks(from: message["content"])
            case "assistant": messages.append(role: "assistant", try assistantBlocks(message))
            case "tool", "function": messages.append(role: "user", [try toolResult(message)])
            default: messages.append(role: "user", try AnthropicContent.blocks(from: message["content"]))
            }
        }
        let format = chat["response_format"]
        if format?["type"]?.string == "json_schema", let schema = format?["json_schema"]?["schema"] {
            body["output_config"] = ["format": ["type": "json_schema", "schema": schema]]
        } else if format?["type"]?.string == "json_object" {
            system.append(["type": "text", "text": "Answer with one JSON object and nothing else."])
        }
        if !system.isEmpty { body["system"] = .array(system) }
        body["messages"] = .array(messages.list)
        copySettings(from: chat, to: &body)
        try addTools(from: chat, to: &body)
        return body
    }

    private static func copySettings(from chat: JSONObject, to body: inout JSONObject) {
        if let temperature = chat["temperature"]?.double { body["temperature"] = .double(min(1, max(0, temperature))) }
        for key in ["top_p", "top_k", "thinking"] { if let value = chat[key], !value.isNull { body[key] = value } }
        if let stop = chat["stop"]?.string {
            body["stop_sequences"] = [.string(stop)]
        } else if let stops = chat["stop"]?.array, !stops.isEmpty {
            body["stop_sequences"] = .array(stops)
        }
        if let user = chat["user"]?.string { body["metadata"] = ["user_id": .string(user)] }
        if let effort = chat["reasoning_effort"]?.string {
            var configuration = body["output_config"]?.object ?? [:]
            configuration["effort"] = .string(effort)
            body["output_config"] = .object(configuration)
        }
    }

    private static func addTools(from chat: JSONObject, to body: inout JSONObject) throws(ProviderFailure) {
        var tools: [JSONValue] = []
        for tool in chat["tools"]?.array ?? [] {
            if let function = tool["function"] { tools.append(translated(function)) }
        }
        for function in chat["functions"]?.array ?? [] { tools.append(translated(function)) }
        guard !tools.isEmpty else { return }
        body["tools"] = .array(tools)
        var choice: JSONObject?
        switch chat["tool_choice"] ?? chat["function_call"] {
        case .string("auto"): choice = ["type": "auto"]
        case .string("required"): choice = ["type": "any"]
        case .string("none"): choice = ["type": "none"]
        case .object(let named):
            if let name = named["function"]?["name"] ?? named["name"] { choice = ["type": "tool", "name": name] }
        default: break
        }
        if chat["parallel_tool_calls"]?.bool == false {
            choice = choice ?? ["type": "auto"]
            choice?["disable_parallel_tool_use"] = true
        }
        if let choice { body["tool_choice"] = .object(choice) }
    }

    private static func translated(_ function: JSONValue) -> JSONValue {
        var tool: JSONObject = ["name": function["name"] ?? ""]
        if let description = function["description"] { tool["description"] = description }
        tool["input_schema"] = function["parameters"] ?? ["type": "object", "properties": [:]]
        return .object(tool)
    }

    private static func assistantBlocks(_ message: JSONValue) throws(ProviderFailure) -> [JSONValue] {
        var blocks = try AnthropicContent.blocks(from: message["content"])
        for call in message["tool_calls"]?.array ?? [] {
            let text = call["function"]?["arguments"]?.string ?? ""
            let input = text.isEmpty ? JSONValue.object([:]) : (try? JSONValue(parsing: text))
            guard let input, input.object != nil else {
                throw ProviderFailure(
                    .misconfigured, "The arguments of a tool call in the messages are no JSON object.")
            }
            blocks.append([
                "type": "tool_use", "id": call["id"] ?? "", "name": call["function"]?["name"] ?? "", "input": input,
            ])
        }
        return blocks
    }

    private static func toolResult(_ message: JSONValue) throws(ProviderFailure) -> JSONValue {
        [
            "type": "tool_result", "tool_use_id": message["tool_call_id"] ?? message["name"] ?? "",
            "content": .array(try AnthropicContent.blocks(from: message["content"])),
        ]
    }
}

/// Messages that alternate between user and assistant, as Anthropic wants them: neighbours of one role are merged.
private struct AnthropicMessages {
    private(set) var list: [JSONValue] = []
    private var lastRole = ""
    private var lastBlocks: [JSONValue] = []

    mutating func append(role: String, _ blocks: [JSONValue]) {
        guard !blocks.isEmpty else { return }
        if role == lastRole {
            lastBlocks += blocks
            list.removeLast()
        } else {
            lastRole = role
            lastBlocks = blocks
        }
        list.append(["role": .string(role), "content": .array(lastBlocks)])
    }
}

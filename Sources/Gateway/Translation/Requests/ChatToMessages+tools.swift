import Domain

extension ChatToMessages {
    /// Adds `tools` and `tool_choice`.
    mutating func addTools(to body: inout JSONObject) throws(GatewayFailure) {
        var tools: [JSONValue] = []
        for tool in try chat.member("tools")?.elements() ?? [] { tools.append(.object(try self.tool(tool))) }
        let choice = try choice()
        guard !tools.isEmpty else { return }
        body["tools"] = .array(tools)
        if let choice { body["tool_choice"] = .object(choice) }
    }

    private mutating func tool(_ tool: RequestNode) throws(GatewayFailure) -> JSONObject {
        let type = try tool.required("type")
        guard try type.string() == "function" else {
            throw type.untranslatable("must be `function`: Anthropic has no other tools of a client's.")
        }
        let function = try tool.required("function")
        var translated: JSONObject = ["name": .string(try function.required("name").string())]
        if let description = function.member("description") {
            translated["description"] = .string(try description.string())
        }
        var schema = try function.member("parameters")?.object() ?? ["type": "object", "properties": [:]]
        if schema["type"] == nil { schema["type"] = "object" }
        translated["input_schema"] = .object(schema)
        if let strict = function.member("strict"), try strict.bool() { translated["strict"] = true }
        if let control = tool.member("cache_control") ?? function.member("cache_control") {
            translated["cache_control"] = control.value
        }
        return translated
    }

    private func choice() throws(GatewayFailure) -> JSONObject? {
        var choice: JSONObject?
        if let wanted = chat.member("tool_choice") {
            switch wanted.value {
            case "auto": choice = ["type": "auto"]
            case "required": choice = ["type": "any"]
            case "none": return ["type": "none"]
            default:
                _ = try wanted.object()
                let type = try wanted.required("type")
                guard try type.string() == "function" else {
                    throw type.untranslatable("must be `function`: Anthropic knows auto, any, none and one named tool.")
                }
                let name = try wanted.required("function").required("name")
                choice = ["type": "tool", "name": .string(try name.string())]
            }
        }
        if let parallel = chat.member("parallel_tool_calls"), try !parallel.bool() {
            choice = choice ?? ["type": "auto"]
            choice?["disable_parallel_tool_use"] = true
        }
        return choice
    }
}

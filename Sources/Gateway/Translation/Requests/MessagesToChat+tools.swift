import Domain

extension MessagesToChat {
    private static let knownToolMembers: Set = ["type", "name", "description", "input_schema", "strict"]

    /// Adds `tools`, `tool_choice` and `parallel_tool_calls`.
    mutating func addTools(to body: inout JSONObject) throws(GatewayFailure) {
        var tools: [JSONValue] = []
        for tool in try request.member("tools")?.elements() ?? [] { tools.append(try self.tool(tool)) }
        guard !tools.isEmpty else { return }
        body["tools"] = .array(tools)
        guard let choice = request.member("tool_choice") else { return }
        let type = try choice.required("type")
        switch try type.string() {
        case "auto": body["tool_choice"] = "auto"
        case "any": body["tool_choice"] = "required"
        case "none": body["tool_choice"] = "none"
        case "tool":
            let name = try choice.required("name").string()
            body["tool_choice"] = ["type": "function", "function": ["name": .string(name)]]
        default: throw type.invalid("must be auto, any, tool or none.")
        }
        if let single = choice.member("disable_parallel_tool_use"), try single.bool() {
            body["parallel_tool_calls"] = false
        }
    }

    private mutating func tool(_ tool: RequestNode) throws(GatewayFailure) -> JSONValue {
        if let type = tool.member("type"), try type.string() != "custom" {
            throw type.untranslatable("must be `custom`: OpenAI has none of the tools that Anthropic defines.")
        }
        try noteLosses(of: tool, known: Self.knownToolMembers, where: "tools")
        var function: JSONObject = ["name": .string(try tool.required("name").string())]
        if let description = tool.member("description") {
            function["description"] = .string(try description.string())
        }
        function["parameters"] = .object(try tool.required("input_schema").object())
        if let strict = tool.member("strict"), try strict.bool() { function["strict"] = true }
        return ["type": "function", "function": .object(function)]
    }
}

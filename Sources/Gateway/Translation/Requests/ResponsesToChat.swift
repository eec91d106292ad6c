import Domain

/// A request of OpenAI's Responses in the words of OpenAI's chat.
///
/// For Anthropic the chat request is only the way there: it may then hold what only Anthropic's messages can, thinking
/// blocks and images in the results of tools.
struct ResponsesToChat {
    let request: RequestNode
    var losses: Losses
    /// Whether the chat request is on its way to Anthropic.
    let isForAnthropic: Bool
    /// Where each chat message comes from, for messages about it.
    var origins: [String] = []

    /// Members that are translated.
    private static let known: Set = [
        "model", "input", "instructions", "max_output_tokens", "reasoning", "text", "tool_choice", "tools", "stream",
        "stream_options", "include", "background", "store", "truncation", "top_logprobs",
    ]
    /// Members that chat has too.
    private static let shared: Set = [
        "parallel_tool_calls", "temperature", "top_p", "metadata", "user", "safety_identifier", "service_tier",
        "moderation", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options",
    ]
    private static let refused = [
        "previous_response_id": "refers to an answer kept at OpenAI. Send the whole conversation in `input`.",
        "conversation": "refers to a conversation kept at OpenAI. Send the whole conversation in `input`.",
        "prompt": "refers to a prompt kept at OpenAI. Send `instructions` and `input`.",
        "access_programs": "is known to OpenAI's Responses only.",
    ]

    init(_ request: RequestNode, isForAnthropic: Bool, losses: Losses = Losses()) {
        self.request = request
        self.isForAnthropic = isForAnthropic
        self.losses = losses
    }

    /// The translated body.
    mutating func body(model: String, isStream: Bool) throws(GatewayFailure) -> JSONObject {
        var body: JSONObject = ["model": .string(model)]
        body["messages"] = .array(try messages())
        for (key, value) in try request.object() where !value.isNull && !Self.known.contains(key) {
            if let reason = Self.refused[key] { throw RequestNode(value, path: key).untranslatable(reason) }
            if Self.shared.contains(key) { body[key] = value } else { losses.add(key) }
        }
        try noteState()
        if let limit = request.member("max_output_tokens") {
            let count = try limit.int()
            guard count > 0 else { throw limit.invalid("must be above 0.") }
            body["max_completion_tokens"] = .int(count)
        }
        if let reasoning = request.member("reasoning") { try addReasoning(reasoning, to: &body) }
        if let text = request.member("text") { try addText(text, to: &body) }
        try addTools(to: &body)
        if isStream {
            body["stream"] = true
            body["stream_options"] = ["include_usage": true]
        }
        return body
    }

    private mutating func noteState() throws(GatewayFailure) {
        if let background = request.member("background"), try background.bool() {
            throw background.untranslatable("must be false: nobody would keep the answer.")
        }
        if let store = request.member("store"), try store.bool() { losses.add("store") }
        if let truncation = request.member("truncation"), try truncation.string() != "disabled" {
            losses.add("truncation")
        }
        if let logprobs = request.member("top_logprobs"), try logprobs.int() != 0 { losses.add("top_logprobs") }
        for included in try request.member("include")?.elements() ?? []
        where try included.string() != "reasoning.encrypted_content" {
            losses.add("include")
        }
    }

    private mutating func addReasoning(_ reasoning: RequestNode, to body: inout JSONObject) throws(GatewayFailure) {
        for (key, value) in try reasoning.object() where !value.isNull {
            switch key {
            case "effort": body["reasoning_effort"] = .string(try RequestNode(value, path: "reasoning.effort").string())
            // What there is of reasoning is always given.
            case "summary", "generate_summary": break
            default: losses.add("reasoning.\(key)")
            }
        }
    }

    private mutating func addText(_ text: RequestNode, to body: inout JSONObject) throws(GatewayFailure) {
        if let verbosity = text.member("verbosity") { body["verbosity"] = verbosity.value }
        guard let format = text.member("format") else { return }
        let type = try format.required("type")
        switch try type.string() {
        case "text", "json_object": body["response_format"] = ["type": type.value]
        case "json_schema":
            var schema: JSONObject = ["name": .string(try format.required("name").string())]
            schema["schema"] = .object(try format.required("schema").object())
            for key in ["strict", "description"] { if let member = format.member(key) { schema[key] = member.value } }
            body["response_format"] = ["type": "json_schema", "json_schema": .object(schema)]
        case let other:
            throw type.untranslatable("is `\(other.shortened)`; text, json_schema and json_object are understood.")
        }
    }

    private mutating func addTools(to body: inout JSONObject) throws(GatewayFailure) {
        var tools: [JSONValue] = []
        for tool in try request.member("tools")?.elements() ?? [] {
            let type = try tool.required("type")
            guard try type.string() == "function" else {
                throw type.untranslatable("must be `function`: the upstream runs none of OpenAI's own tools.")
            }
            var function: JSONObject = [:]
            for (key, value) in try tool.object() where !value.isNull {
                switch key {
                case "type": break
                case "name", "description", "parameters", "strict": function[key] = value
                default: if value.bool != false { losses.add("tools.\(key)") }
                }
            }
            _ = try tool.required("name").string()
            tools.append(["type": "function", "function": .object(function)])
        }
        guard !tools.isEmpty else { return }
        body["tools"] = .array(tools)
        guard let choice = request.member("tool_choice") else { return }
        if choice.value.string != nil {
            body["tool_choice"] = choice.value
            return
        }
        let type = try choice.required("type")
        guard try type.string() == "function" else {
            throw type.untranslatable("must be `function`: a choice among several tools cannot be expressed.")
        }
        body["tool_choice"] = [
            "type": "function", "function": ["name": .string(try choice.required("name").string())],
        ]
    }

    /// A failure about the chat request as one about the client's own.
    func renamed(_ failure: GatewayFailure) -> GatewayFailure {
        guard let parameter = failure.parameter else { return failure }
        var name = parameter
        if parameter.hasPrefix("messages["), let close = parameter.firstIndex(of: "]"),
            let place = Int(parameter[parameter.index(parameter.startIndex, offsetBy: 9)..<close]),
            origins.indices.contains(place)
        {
            name = origins[place] + parameter[parameter.index(after: close)...]
        } else {
            for (chat, own) in Self.names where parameter == chat || parameter.hasPrefix(chat + ".") {
                name = own + parameter.dropFirst(chat.count)
            }
        }
        var renamed = failure
        renamed.parameter = name
        renamed.message = Self.replaced(parameter, by: name, in: failure.message)
        return renamed
    }

    /// A loss of the chat request by the name of the client's own member.
    static func renamed(loss: String) -> String {
        for (chat, own) in names where loss == chat || loss.hasPrefix(chat + ".") {
            return own + loss.dropFirst(chat.count)
        }
        return loss
    }

    private static let names = [
        ("messages", "input"), ("max_completion_tokens", "max_output_tokens"), ("reasoning_effort", "reasoning.effort"),
        ("response_format", "text.format"), ("verbosity", "text.verbosity"),
    ]

    private static func replaced(_ old: String, by new: String, in text: String) -> String {
        guard let range = text.firstRange(of: "`\(old)`") else { return text }
        return text.replacingCharacters(in: range, with: "`\(new)`")
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<Index>, with other: String) -> String {
        self[..<range.lowerBound] + other + self[range.upperBound...]
    }
}

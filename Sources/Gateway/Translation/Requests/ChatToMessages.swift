import Domain

/// A chat request of OpenAI's in the words of Anthropic's Messages.
struct ChatToMessages {
    let chat: RequestNode
    var losses: Losses
    /// System blocks, in the order of the system and developer messages.
    var system: [JSONValue] = []

    /// Members of Anthropic's that a chat request may carry as an extension; they are handed on as they are.
    private static let extensions = ["top_k", "thinking", "cache_control"]
    /// Members that are translated.
    private static let known: Set = [
        "model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "tools", "tool_choice",
        "parallel_tool_calls", "response_format", "reasoning_effort", "stop", "temperature", "top_p", "top_k",
        "thinking", "cache_control", "user", "safety_identifier", "service_tier", "n", "modalities",
    ]
    /// Members without which the answer would be another than the one asked for.
    private static let refused = [
        "functions": "is deprecated and has no equal at Anthropic. Use `tools`.",
        "function_call": "is deprecated and has no equal at Anthropic. Use `tool_choice`.",
        "audio": "asks for speech, which Anthropic does not give.",
        "web_search_options": "asks for OpenAI's own web search, which Anthropic does not run.",
        "moderation": "asks for OpenAI's own moderation, which Anthropic does not run.",
    ]

    init(_ chat: RequestNode, losses: Losses = Losses()) {
        self.chat = chat
        self.losses = losses
    }

    /// The translated body.
    ///
    /// `defaultOutputLimit` is what `max_tokens`, which Anthropic demands, becomes where the request sets none.
    mutating func body(
        model: String, defaultOutputLimit: Int, isStream: Bool
    ) throws(GatewayFailure) -> JSONObject {
        try refuse()
        var body: JSONObject = ["model": .string(model)]
        body["max_tokens"] = .int(try outputLimit() ?? defaultOutputLimit)
        let messages = try messages()
        try addFormat(to: &body)
        if !system.isEmpty { body["system"] = .array(system) }
        body["messages"] = .array(messages)
        try addSettings(to: &body)
        try addTools(to: &body)
        if let effort = chat.member("reasoning_effort") { try addEffort(effort, to: &body) }
        if isStream { body["stream"] = true }
        return body
    }

    private mutating func refuse() throws(GatewayFailure) {
        for (key, value) in try chat.object() where !value.isNull && !Self.known.contains(key) {
            let node = RequestNode(value, path: key)
            if let reason = Self.refused[key] { throw node.untranslatable(reason) }
            if !Self.isDefault(value, of: key) { losses.add(key) }
        }
        if let count = chat.member("n"), try count.int() != 1 {
            throw count.untranslatable("must be 1: Anthropic gives one answer a call.")
        }
        if let modalities = chat.member("modalities") {
            for modality in try modalities.elements() where try modality.string() != "text" {
                throw modality.untranslatable("must be `text`: Anthropic gives no other.")
            }
        }
    }

    /// Whether leaving a member out means the same.
    private static func isDefault(_ value: JSONValue, of key: String) -> Bool {
        switch key {
        case "frequency_penalty", "presence_penalty", "top_logprobs": value.double == 0
        case "logprobs", "store": value.bool == false
        case "logit_bias", "metadata": value.object?.isEmpty == true
        default: false
        }
    }

    private func outputLimit() throws(GatewayFailure) -> Int? {
        guard let limit = chat.member("max_completion_tokens") ?? chat.member("max_tokens") else { return nil }
        let count = try limit.int()
        guard count > 0 else { throw limit.invalid("must be above 0.") }
        return count
    }

    private mutating func addSettings(to body: inout JSONObject) throws(GatewayFailure) {
        if let temperature = chat.member("temperature") {
            let value = try temperature.number()
            guard value >= 0 else { throw temperature.invalid("must not be below 0.") }
            if value > 1 { losses.add("temperature") }
            body["temperature"] = value > 1 ? 1 : temperature.value
        }
        if let share = chat.member("top_p") {
            _ = try share.number()
            body["top_p"] = share.value
        }
        for key in Self.extensions { if let value = chat.member(key) { body[key] = value.value } }
        if let stop = chat.member("stop") { try addStop(stop, to: &body) }
        if let user = chat.member("safety_identifier") ?? chat.member("user") {
            body["metadata"] = ["user_id": .string(try user.string())]
        }
        switch try chat.member("service_tier")?.string() {
        case nil: break
        case "auto": body["service_tier"] = "auto"
        case "default": body["service_tier"] = "standard_only"
        default: losses.add("service_tier")
        }
    }

    private func addStop(_ stop: RequestNode, to body: inout JSONObject) throws(GatewayFailure) {
        let sequences = stop.value.string == nil ? try stop.elements(orText: true) : [stop]
        guard !sequences.isEmpty else { return }
        for sequence in sequences where try sequence.string().allSatisfy(\.isWhitespace) {
            throw sequence.untranslatable("is blank; Anthropic stops only at texts with other characters.")
        }
        body["stop_sequences"] = .array(sequences.map(\.value))
    }

    private mutating func addEffort(_ effort: RequestNode, to body: inout JSONObject) throws(GatewayFailure) {
        var word = try effort.string()
        switch word {
        case "none":
            if body["thinking"] == nil { body["thinking"] = ["type": "disabled"] }
            return
        case "minimal":
            losses.add("reasoning_effort")
            word = "low"
        case "low", "medium", "high", "xhigh", "max":
            // The effort alone lets models that do not think by default go on without thinking.
            if body["thinking"] == nil, Self.mayThink(body) { body["thinking"] = ["type": "adaptive"] }
        default: throw effort.invalid("must be none, minimal, low, medium, high, xhigh or max.")
        }
        var configuration = body["output_config"]?.object ?? [:]
        configuration["effort"] = .string(word)
        body["output_config"] = .object(configuration)
    }

    /// Whether Anthropic takes the request with thinking: it refuses other settings of sampling and forced tools then.
    private static func mayThink(_ body: JSONObject) -> Bool {
        if let temperature = body["temperature"]?.double, temperature != 1 { return false }
        if let share = body["top_p"]?.double, share < 0.95 { return false }
        if body["top_k"] != nil { return false }
        let choice = body["tool_choice"]?["type"]?.string
        return choice != "any" && choice != "tool"
    }

    private mutating func addFormat(to body: inout JSONObject) throws(GatewayFailure) {
        guard let format = chat.member("response_format") else { return }
        let type = try format.required("type")
        switch try type.string() {
        case "text": break
        case "json_object":
            losses.add("response_format")
            system.append(["type": "text", "text": "Answer with one JSON object and nothing else."])
        case "json_schema":
            let description = try format.required("json_schema")
            let schema = try description.required("schema")
            _ = try schema.object()
            if description.member("description") != nil { losses.add("response_format.json_schema.description") }
            body["output_config"] = ["format": ["type": "json_schema", "schema": schema.value]]
        case let other: throw type.untranslatable("is `\(other.shortened)`; Anthropic knows text and json_schema.")
        }
    }
}

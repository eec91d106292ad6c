import Domain

/// A request of Anthropic's Messages in the words of OpenAI's chat.
struct MessagesToChat {
    let request: RequestNode
    var losses: Losses
    /// The conversation so far, in OpenAI's words.
    var conversation: [JSONValue] = []

    /// Members that are translated.
    private static let known: Set = [
        "model", "max_tokens", "messages", "metadata", "output_config", "service_tier", "stop_sequences", "stream",
        "system", "temperature", "thinking", "tool_choice", "tools", "top_p",
    ]
    /// Members without which the answer would be another than the one asked for.
    private static let refused = [
        "mcp_servers": "asks for tools that Anthropic runs itself, which OpenAI's chat does not.",
        "container": "asks for a container of Anthropic's, which OpenAI does not have.",
        "inference_geo": "binds the call to a place, which OpenAI's chat cannot be told.",
    ]

    init(_ request: RequestNode, losses: Losses = Losses()) {
        self.request = request
        self.losses = losses
    }

    /// The translated body.
    mutating func body(model: String, isStream: Bool) throws(GatewayFailure) -> JSONObject {
        for (key, value) in try request.object() where !value.isNull && !Self.known.contains(key) {
            if let reason = Self.refused[key] { throw RequestNode(value, path: key).untranslatable(reason) }
            if key == "speed", value == "standard" { continue }
            losses.add(key)
        }
        try addSystem()
        try addMessages()
        var body: JSONObject = ["model": .string(model), "messages": .array(conversation)]
        let limit = try request.required("max_tokens")
        let count = try limit.int()
        guard count > 0 else {
            throw limit.untranslatable("must be above 0: OpenAI's chat cannot fill a cache without answering.")
        }
        body["max_completion_tokens"] = .int(count)
        try addSettings(to: &body)
        try addOutputConfiguration(to: &body)
        try addTools(to: &body)
        if isStream {
            body["stream"] = true
            body["stream_options"] = ["include_usage": true]
        }
        return body
    }

    private mutating func addSettings(to body: inout JSONObject) throws(GatewayFailure) {
        for key in ["temperature", "top_p"] {
            guard let member = request.member(key) else { continue }
            _ = try member.number()
            body[key] = member.value
        }
        if let stop = request.member("stop_sequences") {
            let sequences = try stop.elements()
            for sequence in sequences { _ = try sequence.string() }
            if !sequences.isEmpty { body["stop"] = stop.value }
        }
        if let metadata = request.member("metadata") {
            for (key, value) in try metadata.object() where key != "user_id" && !value.isNull {
                losses.add("metadata.\(key)")
            }
            if let user = metadata.member("user_id") { body["user"] = .string(try user.string()) }
        }
        switch try request.member("service_tier")?.string() {
        // Both mean that the account's own settings decide, which is also what no member at all means.
        case nil, "auto": break
        case "standard_only": body["service_tier"] = "default"
        default: losses.add("service_tier")
        }
    }

    private mutating func addOutputConfiguration(to body: inout JSONObject) throws(GatewayFailure) {
        if let effort = try effort() { body["reasoning_effort"] = .string(effort) }
        guard let configuration = request.member("output_config") else { return }
        for (key, value) in try configuration.object() where !["effort", "format"].contains(key) && !value.isNull {
            losses.add("output_config.\(key)")
        }
        guard let format = configuration.member("format") else { return }
        let type = try format.required("type")
        guard try type.string() == "json_schema" else {
            throw type.untranslatable("must be `json_schema`.")
        }
        let schema = try format.required("schema")
        _ = try schema.object()
        // Anthropic's answer always keeps to the schema; OpenAI's does so only when it is strict.
        body["response_format"] = [
            "type": "json_schema", "json_schema": ["name": "answer", "schema": schema.value, "strict": true],
        ]
    }

    /// How hard OpenAI's model is to think, or `nil` to leave it to the model.
    private mutating func effort() throws(GatewayFailure) -> String? {
        if let effort = request.member("output_config")?.member("effort") {
            let word = try effort.string()
            guard ["low", "medium", "high", "xhigh", "max"].contains(word) else {
                throw effort.invalid("must be low, medium, high, xhigh or max.")
            }
            return word
        }
        guard let thinking = request.member("thinking") else { return nil }
        let type = try thinking.required("type")
        switch try type.string() {
        case "adaptive": return nil
        case "enabled":
            // OpenAI takes words, not budgets.
            losses.add("thinking.budget_tokens")
            let budget = try thinking.required("budget_tokens").int()
            return budget < 4096 ? "low" : budget < 16384 ? "medium" : "high"
        default:
            // Not `none`: models that do not reason refuse the member altogether.
            losses.add("thinking")
            return nil
        }
    }
}

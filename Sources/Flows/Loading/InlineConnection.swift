import Domain

/// The connection that a prompty's `model.configuration` spells out instead of naming one.
struct InlineConnection {
    private let configuration: JSONObject
    private let environment: [String: String]

    init(_ configuration: JSONObject, environment: [String: String]) {
        self.configuration = configuration
        self.environment = environment
    }

    /// The connection, or `nil` where the configuration spells none out.
    var connection: Connection? {
        get throws {
            let type: ConnectionType
            switch configuration["type"]?.string {
            case "azure_openai", "azure_open_ai": type = .azureOpenAI
            case "openai", "open_ai": type = .openAI
            case "anthropic": type = .anthropic
            case "serverless": type = .serverless
            default: return nil
            }
            var connection = Connection(name: "inline", type: type)
            if let base = text("azure_endpoint") ?? text("base_url") ?? text("api_base") ?? fallback(type, "base") {
                connection.settings["api_base"] = base
            }
            for key in ["api_version", "organization", "api_type"] { connection.settings[key] = text(key) }
            if let key = try secret() ?? fallback(type, "key") { connection.secrets["api_key"] = Secret(key) }
            guard connection.base != nil || !connection.secrets.isEmpty else { return nil }
            return connection
        }
    }

    private func text(_ key: String) -> String? {
        guard let text = configuration[key]?.string, !text.isEmpty, !text.hasPrefix("${") else { return nil }
        return text
    }

    private func secret() throws -> String? {
        guard let text = configuration["api_key"]?.string, !text.isEmpty else { return nil }
        guard text.hasPrefix("${env:") else { return text }
        throw FlowFailure(
            "ConnectionInvalid",
            "the prompty reads its key from `\(text)`, but that variable is not set; set it or put it into `.env`")
    }

    private func fallback(_ type: ConnectionType, _ what: String) -> String? {
        switch (type, what) {
        case (.azureOpenAI, "base"): environment["AZURE_OPENAI_ENDPOINT"]
        case (.azureOpenAI, _): environment["AZURE_OPENAI_API_KEY"]
        case (.openAI, "base"): environment["OPENAI_BASE_URL"]
        case (.openAI, _): environment["OPENAI_API_KEY"]
        case (.anthropic, "key"): environment["ANTHROPIC_API_KEY"]
        default: nil
        }
    }
}

package import Domain

/// Names providers by OpenTelemetry's convention, for spans and prices.
package enum ProviderName {
    /// Hosts that speak OpenAI's API and bill by their own price list.
    private static let hosts = [
        "api.openai.com": "openai", "api.groq.com": "groq", "api.deepseek.com": "deepseek",
        "openrouter.ai": "openrouter",
        "api.mistral.ai": "mistral_ai", "api.x.ai": "x_ai", "api.together.xyz": "together",
        "api.perplexity.ai": "perplexity",
        "api.fireworks.ai": "fireworks", "api.cerebras.ai": "cerebras", "api.moonshot.ai": "moonshotai",
        "api.novita.ai": "novita", "generativelanguage.googleapis.com": "gcp.gemini",
    ]

    /// A server of somebody's own: it has no published price.
    package static let other = "other"

    /// The provider behind a connection; the setting `provider` decides where it is given.
    package static func of(_ connection: Connection) -> String {
        if let declared = connection.settings["provider"] { return declared }
        switch connection.type {
        case .azureOpenAI: return "azure.ai.openai"
        case .serverless: return "azure.ai.inference"
        case .anthropic: return "anthropic"
        case .local: return "local"
        case .replay: return "replay"
        case .custom: return other
        case .openAI: return connection.base.map { hosts[host(of: $0)] ?? other } ?? "openai"
        }
    }

    private static func host(of address: String) -> String {
        let rest = address.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first ?? ""
        return rest.split(separator: ":").first.map { $0.lowercased() } ?? ""
    }
}

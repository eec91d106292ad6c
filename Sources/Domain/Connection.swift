/// The kinds of provider a connection can lead to.
package enum ConnectionType: String, Sendable, CaseIterable {
    case azureOpenAI = "azure_open_ai"
    /// OpenAI or anything that speaks its API at `base_url`: vLLM, Ollama, llama.cpp.
    case openAI = "open_ai"
    case anthropic
    case serverless
    /// Named values for Python tools; no model behind it.
    case custom
    /// A llama.cpp server that Pawang starts for a GGUF file, watches and stops.
    case local
    /// Recorded answers from a file.
    case replay
}

/// Named access to a provider.
///
/// Secrets and settings are resolved; nothing here may be printed but through ``description``.
package struct Connection: Sendable, Hashable, CustomStringConvertible {
    package var name: String
    package var type: ConnectionType
    /// Plain settings by prompt flow's names: `api_base`, `base_url`, `api_type`, `api_version`, `organization`, `model`, `path` and others.
    package var settings: [String: String]
    /// Secret values by name: `api_key` and, for `custom`, whatever was declared as a secret.
    package var secrets: [String: Secret]

    package init(name: String, type: ConnectionType, settings: [String: String] = [:], secrets: [String: Secret] = [:])
    {
        self.name = name
        self.type = type
        self.settings = settings
        self.secrets = secrets
    }

    /// The address requests go to: `api_base` or `base_url`, whichever is set.
    package var base: String? { settings["api_base"] ?? settings["base_url"] }

    package var description: String { "\(name) (\(type.rawValue))" }
}

/// Where providers are and which version they are asked for, where a connection does not say.
package enum ProviderDefaults {
    /// OpenAI's address.
    package static let openAIBase = "https://api.openai.com/v1"
    /// Anthropic's address.
    package static let anthropicBase = "https://api.anthropic.com"
    /// What Anthropic's `anthropic-version` header says.
    package static let anthropicVersion = "2023-06-01"
    /// Azure's `api-version` where deployments are called by their path.
    package static let azureVersion = "2024-02-01"
}

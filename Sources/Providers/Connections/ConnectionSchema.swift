import Domain

/// What may be declared for each type of connection.
struct ConnectionSchema {
    /// The fields a declaration of a type may have besides `name` and `type`.
    let fields: [String]
    /// Whether fields that are not listed are taken as well: prompt flow's types for services we only hand through.
    var isOpen = false

    /// Fields every type that leads to a model may have.
    private static let common = ["model", "concurrency", "provider", "priced_as", "max_output_tokens"]
    /// Fields prompt flow writes into its files that say nothing we need.
    static let ignored: Set = ["$schema", "module", "created_date", "last_modified_date", "expiry_time"]

    static func of(_ type: ConnectionType, word: String) -> ConnectionSchema {
        switch type {
        case .azureOpenAI:
            ConnectionSchema(
                fields: [
                    "api_key", "api_base", "azure_endpoint", "api_type", "api_version", "auth_mode", "resource_id",
                    "deployment",
                ]
                    + common)
        case .openAI: ConnectionSchema(fields: ["api_key", "base_url", "api_base", "organization"] + common)
        case .serverless: ConnectionSchema(fields: ["api_key", "api_base", "base_url", "auth_mode"] + common)
        case .anthropic:
            ConnectionSchema(fields: ["api_key", "base_url", "api_base", "api_version", "max_tokens"] + common)
        case .local:
            ConnectionSchema(
                fields: ["path", "executable", "context", "parallel", "threads", "embedding", "pooling"] + common)
        case .replay: ConnectionSchema(fields: ["path"] + common)
        case .custom:
            ConnectionSchema(
                fields: ["configs", "secrets"],
                isOpen: word.lowercased() != "custom" && word.lowercased() != "customconnection")
        }
    }

    /// The type a word means, or `nil` if it means none.
    ///
    /// Prompt flow writes `azure_open_ai` in files and `AzureOpenAIConnection` in experiments.
    static func type(for word: String) -> ConnectionType? { typeWords[word.lowercased()] }

    private static let typeWords: [String: ConnectionType] = [
        "azure_open_ai": .azureOpenAI, "azure_openai": .azureOpenAI, "azureopenai": .azureOpenAI,
        "azureopenaiconnection": .azureOpenAI, "azure": .azureOpenAI,
        "open_ai": .openAI, "openai": .openAI, "openaiconnection": .openAI,
        "anthropic": .anthropic, "anthropicconnection": .anthropic,
        "serverless": .serverless, "serverlessconnection": .serverless,
        "custom": .custom, "customconnection": .custom, "customstrongtypeconnection": .custom,
        "azure_content_safety": .custom, "azurecontentsafetyconnection": .custom, "azurecontentsafety": .custom,
        "cognitive_search": .custom, "cognitivesearchconnection": .custom, "cognitivesearch": .custom,
        "azure_ai_search": .custom, "azureaisearchconnection": .custom, "azure_ai_services": .custom,
        "azureaiservicesconnection": .custom, "serp": .custom, "serpconnection": .custom,
        "form_recognizer": .custom, "formrecognizerconnection": .custom, "formrecognizer": .custom,
        "weaviate": .custom, "weaviateconnection": .custom, "qdrant": .custom, "qdrantconnection": .custom,
        "local": .local, "replay": .replay,
    ]

    /// The words to name in a message about an unknown type.
    static var knownTypes: [String] { ConnectionType.allCases.map(\.rawValue) }

    /// Fields whose values are secrets wherever they stand.
    static func isSecret(_ field: String) -> Bool {
        let field = field.lowercased()
        return ["key", "secret", "token", "password"].contains { field == $0 || field.hasSuffix("_" + $0) }
    }
}

import Domain

/// Environment variables as connections see them: `.env` before the process environment; empty values count as not set.
struct ConnectionVariables: Sendable {
    private let dotEnv: [String: Secret]
    private let environment: [String: Secret]

    init(dotEnv: [String: Secret], environment: [String: String]) {
        self.dotEnv = dotEnv
        self.environment = environment.mapValues(Secret.init)
    }

    subscript(name: String) -> String? {
        for variables in [dotEnv, environment] {
            if let value = variables[name]?.reveal(), !value.isEmpty { return value }
        }
        return nil
    }

    /// Names of connections that variables alone declare, in lower case.
    var connectionNames: Set<String> {
        var names: Set<String> = []
        for variable in Set(dotEnv.keys).union(environment.keys) {
            for ending in ["_API_KEY", "_API_TYPE", "_TYPE", "_API_BASE", "_BASE_URL", "_ENDPOINT"]
            where variable.hasSuffix(ending) {
                // `AOAI_API_TYPE` is the API type of `aoai`, not the type of `aoai_api`.
                if ending == "_TYPE", variable.hasSuffix("_API_TYPE") { continue }
                let name = variable.dropLast(ending.count).lowercased()
                if !name.isEmpty, type(ofConnection: name) != nil { names.insert(name) }
            }
        }
        return names
    }

    /// The type of the connection that variables declare, or `nil` if they declare none.
    ///
    /// `<CON>_TYPE` or `<CON>_API_TYPE` says it. Without them a key and an address make one: Azure's if there is an API
    /// version or the address is Azure's, else OpenAI's. The conventional names of OpenAI, Azure and Anthropic need no
    /// address.
    func type(ofConnection name: String) -> ConnectionType? {
        func value(_ property: String) -> String? { self[VariableName.of(property, connection: name)] }
        for property in ["type", "api_type"] {
            guard let word = value(property) else { continue }
            if word.lowercased() == "azure_ad" { return .azureOpenAI }
            if let type = ConnectionSchema.type(for: word) { return type }
        }
        guard value("api_key") != nil else { return nil }
        switch VariableName.prefix(of: name) {
        case "OPENAI": return .openAI
        case "ANTHROPIC": return .anthropic
        case "AZURE_OPENAI": return .azureOpenAI
        default: break
        }
        guard let base = value("api_base") ?? value("base_url") ?? value("azure_endpoint") ?? value("endpoint") else {
            return nil
        }
        if value("api_version") != nil || base.contains(".openai.azure.com")
            || base.contains(".cognitiveservices.azure.com")
        {
            return .azureOpenAI
        }
        return base.contains("api.anthropic.com") ? .anthropic : .openAI
    }
}

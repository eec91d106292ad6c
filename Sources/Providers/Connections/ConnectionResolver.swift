import Domain
import Foundation

/// Makes a connection out of a declaration: follows references and fills what is left out from variables.
struct ConnectionResolver {
    let declaration: ConnectionDeclaration
    let variables: ConnectionVariables

    private static let maximumFileBytes = 1 << 20

    func connection() throws -> Connection {
        var connection = Connection(name: declaration.name, type: declaration.type)
        for (name, field) in declaration.fields.sorted(by: { $0.key < $1.key }) {
            guard let value = try resolved(field, property: name) else { continue }
            set(name, value, in: &connection)
        }
        for name in ConnectionSchema.of(declaration.type, word: "custom").fields where declaration.type != .custom {
            guard connection.settings[name] == nil, connection.secrets[name] == nil else { continue }
            if let value = variables[VariableName.of(name, connection: declaration.name)] {
                set(name, value, in: &connection)
            }
        }
        addConventional(to: &connection)
        normalize(&connection)
        try check(connection)
        return connection
    }

    private func set(_ name: String, _ value: String, in connection: inout Connection) {
        if declaration.declaredSecrets.contains(name) || ConnectionSchema.isSecret(name) {
            connection.secrets[name] = Secret(value)
        } else {
            connection.settings[name] = value
        }
    }

    /// The field's value, or `nil` if it is empty or a placeholder that prompt flow's samples use.
    private func resolved(_ field: ConnectionDeclaration.Field, property: String) throws -> String? {
        let text = field.value.reveal()
        guard !text.isEmpty, !(text.hasPrefix("<") && text.hasSuffix(">")) else { return nil }
        guard text.contains("${") else { return text }
        var result = ""
        var rest = text[...]
        while let start = rest.range(of: "${") {
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else { break }
            result += rest[..<start.lowerBound]
            result += try value(of: String(rest[start.upperBound..<end]), field: field, property: property)
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private func value(of reference: String, field: ConnectionDeclaration.Field, property: String) throws -> String {
        if reference.hasPrefix("env:") {
            let name = String(reference.dropFirst(4))
            return try variables[name] ?? missing(name, field: field, property: property)
        }
        if reference.hasPrefix("file:") {
            return try contents(of: String(reference.dropFirst(5)), field: field, property: property)
        }
        let name = VariableName.of(reference, connection: declaration.name)
        return try variables[name] ?? variables[reference] ?? missing(name, field: field, property: property)
    }

    private func missing(_ variable: String, field: ConnectionDeclaration.Field, property: String) throws -> String {
        throw PlainFailure(
            "ConnectionValueMissing",
            place(of: field)
                + "connection `\(declaration.name)` takes `\(property)` from \(variable), which is not set. Set it in .env or in the environment."
        )
    }

    private func contents(of path: String, field: ConnectionDeclaration.Field, property: String) throws -> String {
        let full = absolute(path)
        guard let data = FileManager.default.contents(atPath: full), data.count <= Self.maximumFileBytes else {
            throw PlainFailure(
                "ConnectionValueMissing",
                place(of: field)
                    + "connection `\(declaration.name)` takes `\(property)` from the file \(full), which cannot be read."
            )
        }
        var text = String(decoding: data, as: UTF8.self)
        if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
        return text
    }

    private func place(of field: ConnectionDeclaration.Field) -> String { field.location.map { "\($0): " } ?? "" }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") || declaration.directory.isEmpty ? path : declaration.directory + "/" + path
    }

    /// The variables everybody uses for a type, for connections that name nothing of their own.
    private func addConventional(to connection: inout Connection) {
        let (key, address): (String, String)
        switch declaration.type {
        case .openAI: (key, address) = ("OPENAI_API_KEY", "OPENAI_BASE_URL")
        case .azureOpenAI: (key, address) = ("AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT")
        case .anthropic: (key, address) = ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL")
        default: return
        }
        let hasAddress = connection.base != nil || connection.settings["azure_endpoint"] != nil
        let hasKey = connection.secrets["api_key"] != nil
        // The conventional key belongs to the conventional address: it is never sent to an address declared for
        // something else,
        // except Azure's, where every resource has an address of its own.
        if !hasKey, !hasAddress || declaration.type == .azureOpenAI, let value = variables[key] {
            connection.secrets["api_key"] = Secret(value)
        }
        if !hasAddress, !hasKey || declaration.type == .azureOpenAI, let value = variables[address] {
            connection.settings[declaration.type == .azureOpenAI ? "api_base" : "base_url"] = value
        }
    }

    private func normalize(_ connection: inout Connection) {
        if let endpoint = connection.settings.removeValue(forKey: "azure_endpoint"),
            connection.settings["api_base"] == nil
        {
            connection.settings["api_base"] = endpoint
        }
        if connection.type == .azureOpenAI, connection.settings["api_type"] == nil {
            connection.settings["api_type"] = "azure"
        }
        if connection.type == .local, connection.settings["path"] == nil, let model = connection.settings["model"] {
            connection.settings["path"] = model
            let file = (model as NSString).lastPathComponent
            connection.settings["model"] =
                model.hasPrefix("package:") ? String(model.dropFirst(8)) : (file as NSString).deletingPathExtension
        }
        for name in ["path", "executable"] where connection.type == .local || connection.type == .replay {
            guard let path = connection.settings[name], !path.hasPrefix("package:") else { continue }
            guard name == "path" || path.contains("/") else { continue }
            connection.settings[name] = absolute(path)
        }
    }

    private func check(_ connection: Connection) throws {
        let required: [String]
        switch connection.type {
        case .azureOpenAI: required = ["api_key", "api_base"]
        case .serverless: required = ["api_key", "api_base"]
        case .anthropic: required = ["api_key"]
        case .openAI: required = connection.base == nil ? ["api_key"] : []
        case .replay: required = ["path"]
        case .local: required = ["path"]
        case .custom: required = []
        }
        for property in required where connection.secrets[property] == nil && connection.settings[property] == nil {
            if property == "api_base", connection.base != nil { continue }
            let failure = ProviderFailure.missing(property, of: connection)
            throw PlainFailure("ConnectionValueMissing", failure.message)
        }
        if let text = connection.settings["concurrency"], Int(text).map({ $0 < 1 || $0 > 4096 }) ?? true {
            throw PlainFailure(
                "ConnectionInvalid", "Connection `\(connection.name)`: `concurrency` must be a number from 1 to 4096.")
        }
    }
}

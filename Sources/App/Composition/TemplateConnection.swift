import Domain
import Providers

extension ConnectionCatalogue {
    /// Declares a connection in the form of the GenAIOps template's experiment files: `name`, `connection_type`, fields, and
    /// for custom ones `configs` and `secrets`.
    mutating func declare(templateForm declared: JSONObject, directory: String) throws {
        guard let name = declared["name"]?.string, let type = declared["connection_type"]?.string else {
            throw PlainFailure("ConnectionInvalid", "a connection of an experiment needs `name` and `connection_type`")
        }
        var fields: [String: ConnectionDeclaration.Field] = [:]
        var secrets: Set<String> = []
        for (key, value) in declared where key != "name" && key != "connection_type" {
            guard case .object(let group) = value else {
                if let text = value.scalarText { fields[key] = .init(text) }
                continue
            }
            for (key, value) in group { if let text = value.scalarText { fields[key] = .init(text) } }
            if key == "secrets" { secrets.formUnion(group.keys) }
        }
        declare(
            try ConnectionDeclaration(
                name: name, typeWord: type, fields: fields, declaredSecrets: secrets, directory: directory))
    }
}

extension JSONValue {
    /// The text of a scalar; `nil` for null, lists and objects.
    fileprivate var scalarText: String? {
        switch self {
        case .null, .array, .object: nil
        case .string(let text): text
        default: text()
        }
    }
}

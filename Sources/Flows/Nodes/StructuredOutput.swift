import Domain

/// What `response_format` promises, and whether an answer keeps it.
struct StructuredOutput {
    /// The schema, or `nil` where any JSON object will do.
    let schema: JSONValue?

    struct Problem: Error {
        let detail: String
    }

    /// `nil` for plain text.
    init?(_ format: JSONValue?) {
        switch format?["type"]?.string {
        case "json_object": schema = nil
        case "json_schema": schema = format?["json_schema"]?["schema"] ?? format?["schema"]
        default: return nil
        }
    }

    /// The parsed answer, or what is wrong with it.
    ///
    /// Throws if the schema itself cannot be used.
    func check(_ text: String) throws -> Result<JSONValue, Problem> {
        let value: JSONValue
        do { value = try JSONValue(parsing: text.trimmingPythonSpace) } catch {
            return .failure(Problem(detail: "it is no JSON (\(error.message) at byte \(error.offset))"))
        }
        guard let schema else {
            if case .object = value { return .success(value) }
            return .failure(Problem(detail: "it is a \(value.kindName), not an object"))
        }
        return try Self.problem(with: value, schema: schema).map { .failure(Problem(detail: $0)) } ?? .success(value)
    }

    /// What is wrong with a value by a schema, or `nil`.
    ///
    /// Throws if the schema itself cannot be used.
    static func problem(with value: JSONValue, schema: JSONValue) throws -> String? {
        let problems = try JSONSchema(schema).violations(of: value, limit: 3)
        guard !problems.isEmpty else { return nil }
        return problems.map(\.description).joined(separator: "; ")
    }
}

/// Names of environment variables that belong to a connection: `AOAI_API_KEY` for `api_key` of `aoai`.
enum VariableName {
    static func of(_ property: String, connection: String) -> String { "\(prefix(of: connection))_\(upper(property))" }

    /// A connection's name as it begins its variables.
    static func prefix(of connection: String) -> String { upper(connection) }

    private static func upper(_ text: String) -> String {
        String(
            decoding: text.utf8.map { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 32
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
                default: UInt8(ascii: "_")
                }
            }, as: UTF8.self)
    }
}

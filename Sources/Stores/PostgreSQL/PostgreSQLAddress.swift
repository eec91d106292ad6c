import CPostgreSQL

/// Where a PostgreSQL database is, from a URL.
struct PostgreSQLAddress: Sendable {
    /// The URL, with the password.
    let url: String
    /// Host, port and database for messages, without user and password.
    let name: String

    /// Reads `postgres://user:password@host:port/database?sslmode=…`; everything that libpq knows may stand there.
    ///
    /// What is wrong is not repeated: it could be the password.
    init(url: String) throws {
        guard Self.isAddress(url) else { throw Self.malformed }
        var problem: UnsafeMutablePointer<CChar>?
        defer { PQfreemem(problem) }
        guard let options = PQconninfoParse(url, &problem) else { throw Self.malformed }
        defer { PQconninfoFree(options) }
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        // A sign that had to be escaped cuts the password in two, whose parts would be taken for something else.
        let port = values["port"] ?? ""
        guard port.allSatisfy({ $0.isNumber || $0 == "," }),
            !["host", "dbname"].contains(where: { values[$0]?.contains("@") == true })
        else { throw Self.malformed }
        self.url = url
        let host = values["host"].flatMap { $0.isEmpty ? nil : $0 } ?? values["hostaddr"] ?? "localhost"
        // A folder with a socket has slashes of its own.
        let place = host.hasPrefix("/") ? "" : host + (values["port"].map { ":\($0)" } ?? "")
        name = "postgres://\(place)/\(values["dbname"] ?? values["user"] ?? "")"
    }

    /// Whether a text is meant to be such a URL rather than a path.
    static func isAddress(_ text: String) -> Bool {
        text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
    }

    private static let malformed = StoreFailure(
        .unavailable,
        "the address of the database cannot be read; write postgres://user:password@host:5432/database, with %-escapes for signs like @ and / in the password"
    )
}

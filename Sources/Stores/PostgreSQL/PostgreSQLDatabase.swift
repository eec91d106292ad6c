import Domain

/// A PostgreSQL database, reached through libpq by a few threads with one connection each.
package struct PostgreSQLDatabase: SQLDatabase {
    package let engine = SQLEngine.postgreSQL
    /// Host, port and database.
    package let name: String
    private let workers: SQLWorkers<PostgreSQLConnection>

    /// Calls that may wait for a connection.
    private static let queueLimit = 4096

    /// Connects to `postgres://user:password@host:port/database?sslmode=…` and brings the schema up to date.
    ///
    /// PostgreSQL 12 or later. Objects are made in the first schema of the user's search path.
    package init(url: String, connections: Int = 4) throws {
        let address = try PostgreSQLAddress(url: url)
        name = address.name
        workers = SQLWorkers(name: "pawang-postgres", count: connections, limit: Self.queueLimit) {
            PostgreSQLConnection(address)
        }
        try Migrations.apply(to: self)
    }

    package func run<Value: Sendable>(
        _ access: SQLAccess, _ body: @escaping @Sendable (any SQLConnection) throws -> Value,
        completion: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        let isQueued = workers.submit { connection in
            let result = Result { try connection.transaction(access, body) }
            return { completion(result) }
        }
        if !isQueued { completion(.failure(StoreFailure.tooMany(name, limit: Self.queueLimit))) }
    }
}

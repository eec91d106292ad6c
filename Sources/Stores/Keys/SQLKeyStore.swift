import Domain
package import Gateway

/// Keys; every change raises the revision in the same transaction.
package struct SQLKeyStore: KeyStore {
    private let database: any SQLDatabase

    package init(_ database: some SQLDatabase) { self.database = database }

    package func insert(_ key: KeyRecord) throws {
        try database.write { connection in
            try connection.execute(
                "INSERT INTO keys (id, hash, created_ns, expires_ns, revoked_ns, settings, note) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    .text(key.id), .text(key.hash), .int(key.created), SQLValue(key.expires), SQLValue(key.revoked),
                    .text(JSONValue.object(KeySettings.json(key)).text()), .foreign(key.note),
                ])
            try Self.raiseRevision(connection)
        }
    }

    package func revoke(id: String, at time: Int) throws -> Bool {
        try database.write { connection in
            let changed = try connection.execute(
                "UPDATE keys SET revoked_ns = ? WHERE id = ? AND revoked_ns IS NULL", [.int(time), .foreign(id)])
            if changed > 0 { try Self.raiseRevision(connection) }
            return changed > 0
        }
    }

    package func keys() throws -> [KeyRecord] {
        try database.read { connection in
            try connection.query(
                "SELECT id, hash, created_ns, expires_ns, revoked_ns, settings, note FROM keys ORDER BY created_ns, id"
            ).map(Self.key)
        }
    }

    package func revision() throws -> Int {
        try database.read { try $0.query("SELECT revision FROM key_revision").first?.int(0) ?? 0 }
    }

    private static func raiseRevision(_ connection: any SQLConnection) throws {
        try connection.execute("UPDATE key_revision SET revision = revision + 1")
    }

    private static func key(_ row: SQLRow) throws -> KeyRecord {
        var key = KeyRecord(
            id: try row.text(0), hash: try row.text(1), created: try row.int(2), expires: try row.optionalInt(3),
            revoked: try row.optionalInt(4), note: try row.text(6))
        try KeySettings.read(JSONValue(parsing: row.text(5)), into: &key)
        return key
    }
}

/// What a key may do, as the JSON object that is stored.
enum KeySettings {
    static func json(_ key: KeyRecord) -> JSONObject {
        var object: JSONObject = [:]
        if let team = key.team { object["team"] = .string(team) }
        if let service = key.service { object["service"] = .string(service) }
        if let useCase = key.useCase { object["use_case"] = .string(useCase) }
        if !key.models.isEmpty { object["models"] = .array(key.models.map { .string($0) }) }
        if !key.budgets.isEmpty {
            object["budgets"] = .array(
                key.budgets.map {
                    ["window": .string($0.window.rawValue), "limit_nano_usd": .int($0.limitNanoUSD)]
                })
        }
        if let rate = key.requestsPerMinute { object["requests_per_minute"] = .int(rate) }
        if let rate = key.tokensPerMinute { object["tokens_per_minute"] = .int(rate) }
        if !key.delegates.isEmpty { object["delegates"] = .array(key.delegates.map { .string($0.rawValue) }) }
        return object
    }

    /// Reads what ``json(_:)`` wrote.
    ///
    /// Anything it does not know makes the whole key unreadable: a limit that is not understood must not be left out.
    static func read(_ json: JSONValue, into key: inout KeyRecord) throws {
        for (name, value) in json.object ?? [:] {
            switch (name, value) {
            case ("team", .string(let text)): key.team = text
            case ("service", .string(let text)): key.service = text
            case ("use_case", .string(let text)): key.useCase = text
            case ("models", .array(let models)): key.models = try models.map { try require($0.string, name, key) }
            case ("budgets", .array(let budgets)): key.budgets = try budgets.map { try budget($0, key) }
            case ("requests_per_minute", .int(let rate)): key.requestsPerMinute = rate
            case ("tokens_per_minute", .int(let rate)): key.tokensPerMinute = rate
            case ("delegates", .array(let kinds)):
                key.delegates = try kinds.map {
                    try require($0.string.flatMap { BudgetScope.Kind(rawValue: $0) }, name, key)
                }
            default: throw unreadable(name, key)
            }
        }
    }

    private static func budget(_ json: JSONValue, _ key: KeyRecord) throws -> KeyBudget {
        KeyBudget(
            window: try require(json["window"]?.string.flatMap { BudgetWindow(rawValue: $0) }, "budgets", key),
            limitNanoUSD: try require(json["limit_nano_usd"]?.int, "budgets", key))
    }

    private static func require<Value>(_ value: Value?, _ name: String, _ key: KeyRecord) throws -> Value {
        guard let value else { throw unreadable(name, key) }
        return value
    }

    private static func unreadable(_ name: String, _ key: KeyRecord) -> StoreFailure {
        StoreFailure(.damaged, "the `\(name)` of the key `\(key.id)` in the store cannot be read; restore a copy")
    }
}

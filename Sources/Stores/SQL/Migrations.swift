/// The schema's history: a list that is only ever added to.
///
/// It is written for SQLite; ``SQLText/postgreSQL(_:)`` changes the names of types for PostgreSQL.
enum Migrations {
    struct Step: Sendable {
        var name: String
        var engines: [SQLEngine] = SQLEngine.allCases
        var script: String
    }

    static let all: [Step] = [runs, documents, keys, ledger]

    private static let runs = Step(
        name: "runs",
        script: """
            CREATE TABLE runs (
                id TEXT PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL, flow_digest TEXT NOT NULL, dataset_digest TEXT,
                settings TEXT NOT NULL, metrics TEXT NOT NULL, errors TEXT NOT NULL, start_ns INTEGER NOT NULL, end_ns INTEGER
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE lines (
                run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, line INTEGER NOT NULL, status TEXT NOT NULL,
                inputs TEXT NOT NULL, outputs TEXT NOT NULL, error_code TEXT, error_message TEXT, error_blame INTEGER,
                nodes TEXT NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL,
                cache_write_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL, cost_nano_usd INTEGER,
                start_ns INTEGER NOT NULL, duration_ns INTEGER NOT NULL, aggregation TEXT NOT NULL, PRIMARY KEY (run, line)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE spans (
                run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, line INTEGER NOT NULL, place INTEGER NOT NULL,
                id TEXT NOT NULL, parent TEXT, trace TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
                start_ns INTEGER NOT NULL, duration_ns INTEGER NOT NULL, error_code TEXT, error_message TEXT,
                attributes TEXT NOT NULL, PRIMARY KEY (run, line, place)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE cache (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
            """)

    // Full-text search is SQLite's own, so documents are indexed there only.
    private static let documents = Step(
        name: "documents", engines: [.sqlite],
        script: """
            CREATE TABLE documents (
                folder TEXT NOT NULL, path TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (folder, path)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE passages (
                id INTEGER PRIMARY KEY, folder TEXT NOT NULL, path TEXT NOT NULL, place INTEGER NOT NULL, text TEXT NOT NULL
            ) STRICT;
            CREATE INDEX passages_by_document ON passages (folder, path);
            CREATE TABLE vectors (
                passage INTEGER NOT NULL REFERENCES passages(id) ON DELETE CASCADE, model TEXT NOT NULL, vector BLOB NOT NULL,
                PRIMARY KEY (passage, model)
            ) STRICT, WITHOUT ROWID;
            """)

    // Owners, limits and delegates are one JSON object: nothing is searched by them.
    private static let keys = Step(
        name: "keys",
        script: """
            CREATE TABLE keys (
                id TEXT PRIMARY KEY, hash TEXT NOT NULL, created_ns INTEGER NOT NULL, expires_ns INTEGER, revoked_ns INTEGER,
                settings TEXT NOT NULL, note TEXT NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE key_revision (id INTEGER PRIMARY KEY, revision INTEGER NOT NULL) STRICT;
            INSERT INTO key_revision VALUES (1, 0);
            """)

    // Entries and spans are numbered as they come, so that both tables only grow at their end; the one index that is
    // written at random places is the key of entries.
    private static let ledger = Step(
        name: "ledger",
        script: """
            CREATE TABLE ledger_entries (
                entry INTEGER PRIMARY KEY, call TEXT NOT NULL, attempt INTEGER NOT NULL, trace TEXT NOT NULL, span TEXT NOT NULL,
                parent_span TEXT, key_id TEXT NOT NULL, team TEXT, service TEXT, use_case TEXT, end_user TEXT,
                session_id TEXT, flow_release TEXT, operation TEXT NOT NULL, model TEXT NOT NULL, target TEXT NOT NULL,
                provider TEXT NOT NULL, upstream_model TEXT NOT NULL, response_model TEXT, start_ns INTEGER NOT NULL,
                duration_ns INTEGER NOT NULL, first_token_ns INTEGER, status INTEGER NOT NULL, failure TEXT,
                finish_reason TEXT, is_stream INTEGER NOT NULL, is_cache_hit INTEGER NOT NULL, input_tokens INTEGER NOT NULL,
                output_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL,
                reasoning_tokens INTEGER NOT NULL, basis TEXT NOT NULL, cost_nano_usd INTEGER,
                reserved_nano_usd INTEGER NOT NULL, price_version TEXT NOT NULL, service_tier TEXT, raw_usage TEXT
            ) STRICT;
            CREATE UNIQUE INDEX ledger_entries_by_call ON ledger_entries (call, attempt);
            CREATE INDEX ledger_entries_unreconciled ON ledger_entries (entry) WHERE basis = 'unreconciled';
            CREATE TABLE call_spans (
                entry INTEGER PRIMARY KEY, trace TEXT NOT NULL, span TEXT NOT NULL, parent TEXT, name TEXT NOT NULL,
                start_ns INTEGER NOT NULL, duration_ns INTEGER NOT NULL, error TEXT, attributes TEXT NOT NULL
            ) STRICT;
            CREATE TABLE balances (
                scope_kind TEXT NOT NULL, scope_name TEXT NOT NULL, window_kind TEXT NOT NULL, start_ns INTEGER NOT NULL,
                spent_nano_usd INTEGER NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
                calls INTEGER NOT NULL, PRIMARY KEY (scope_kind, scope_name, window_kind, start_ns)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE ledger_position (
                id INTEGER PRIMARY KEY, ledger TEXT NOT NULL, segment INTEGER NOT NULL, place INTEGER NOT NULL
            ) STRICT;
            """)
}

extension Migrations {
    /// Where it is noted which steps were taken; SQLite's name is that of the library which did it first.
    static func table(_ engine: SQLEngine) -> String {
        switch engine {
        case .sqlite: "grdb_migrations"
        case .postgreSQL: "pawang_migrations"
        }
    }

    /// Takes the steps that are missing.
    ///
    /// All or none are taken. Two processes may do it at the same time: one waits for the other. Throws
    /// ``StoreFailure/Kind/newer`` if there are steps that this Pawang does not know, and then changes nothing.
    static func apply(to database: some SQLDatabase) throws {
        let engine = database.engine
        let steps = all.filter { $0.engines.contains(engine) }
        let known = Set(steps.map(\.name))
        let applied = try database.read { try Self.applied($0, on: engine) }
        try check(applied, known: known, name: database.name)
        // Nearly always nothing is left to do, and then nothing is written.
        guard applied != known else { return }
        let name = database.name
        try database.write { connection in
            if engine == .postgreSQL { _ = try connection.query("SELECT pg_advisory_xact_lock(7291835531)") }
            let applied = try Self.applied(connection, on: engine)
            try check(applied, known: known, name: name)
            let table = table(engine)
            if applied.isEmpty {
                try connection.run(
                    script: engine == .sqlite
                        ? "CREATE TABLE IF NOT EXISTS \(table) (identifier TEXT NOT NULL PRIMARY KEY)"
                        : "CREATE TABLE IF NOT EXISTS \(table) (identifier TEXT COLLATE \"C\" NOT NULL PRIMARY KEY)")
            }
            for step in steps where !applied.contains(step.name) {
                try connection.run(script: engine == .sqlite ? step.script : SQLText.postgreSQL(step.script))
                try connection.execute("INSERT INTO \(table) (identifier) VALUES (?)", [.text(step.name)])
            }
        }
    }

    private static func check(_ applied: Set<String>, known: Set<String>, name: String) throws {
        guard applied.isSubset(of: known) else {
            throw StoreFailure(
                .newer, "the store `\(name)` was written by a newer Pawang; use that one, or another store")
        }
    }

    private static func applied(_ connection: any SQLConnection, on engine: SQLEngine) throws -> Set<String> {
        let table = table(engine)
        let found =
            switch engine {
            case .sqlite:
                try connection.query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", [.text(table)])
            case .postgreSQL:
                try connection.query(
                    "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = ?", [.text(table)])
            }
        guard !found.isEmpty else { return [] }
        return Set(try connection.query("SELECT identifier FROM \(table)").map { try $0.text(0) })
    }
}

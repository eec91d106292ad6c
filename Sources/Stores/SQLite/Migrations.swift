import GRDB

/// The schema's history: a list that is only ever added to.
enum Migrations {
    private static let all: [(name: String, sql: String)] = [
        (
            "runs",
            """
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
            """
        ),
        (
            "documents",
            """
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
            """
        ),
    ]

    static func apply(to writer: any DatabaseWriter) throws {
        let known = Set(all.map(\.name))
        let applied = try writer.read { database in
            try database.tableExists("grdb_migrations")
                ? try String.fetchSet(database, sql: "SELECT identifier FROM grdb_migrations") : []
        }
        // A newer Pawang's database is not touched.
        guard applied.isSubset(of: known) else {
            throw StoreFailure("the store was written by a newer Pawang; use that one, or another store")
        }
        // Nearly always nothing is left to do, and then nothing is written.
        guard applied != known else { return }
        var migrator = DatabaseMigrator()
        for (name, sql) in all {
            migrator.registerMigration(name) { try $0.execute(sql: sql) }
        }
        try migrator.migrate(writer)
    }
}

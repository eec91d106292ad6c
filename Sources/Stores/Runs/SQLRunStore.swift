package import Domain

/// Runs, lines, spans and cached results.
package struct SQLRunStore: RunStore {
    private let database: any SQLDatabase

    package init(_ database: some SQLDatabase) { self.database = database }

    package func insert(_ run: RunRecord) async throws {
        try await database.writing { connection in
            _ = try connection.execute(
                "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    .text(run.id), .foreign(run.name), .text(run.status.rawValue), .text(run.flowDigest.description),
                    SQLValue(run.datasetDigest?.description), .text(JSONValue.object(run.settings).text()),
                    .text(JSONValue.object(run.metrics).text()), .text(JSONValue.object(run.errors).text()),
                    .int(run.start), SQLValue(run.end),
                ])
        }
    }

    package func update(_ run: RunRecord) async throws {
        try await database.writing { connection in
            _ = try connection.execute(
                "UPDATE runs SET status = ?, metrics = ?, errors = ?, end_ns = ?, dataset_digest = ? WHERE id = ?",
                [
                    .text(run.status.rawValue), .text(JSONValue.object(run.metrics).text()),
                    .text(JSONValue.object(run.errors).text()), SQLValue(run.end),
                    SQLValue(run.datasetDigest?.description), .text(run.id),
                ])
        }
    }

    package func run(id: String) async throws -> RunRecord? {
        try await database.reading { connection in
            try connection.query("SELECT * FROM runs WHERE id = ?", [.text(id)]).first.map(Self.run)
        }
    }

    package func runs(limit: Int) async throws -> [RunRecord] {
        try await database.reading { connection in
            try connection.query("SELECT * FROM runs ORDER BY start_ns DESC, id DESC LIMIT ?", [.int(limit)])
                .map(Self.run)
        }
    }

    package func append(_ lines: [LineRecord], to run: String) async throws {
        guard !lines.isEmpty else { return }
        // Of a number that is there twice, the later line counts.
        let lines = Array(
            Dictionary(lines.map { ($0.lineNumber, $0) }, uniquingKeysWith: { $1 }).values
                .sorted { $0.lineNumber < $1.lineNumber })
        try await database.writing { connection in
            try connection.insert(
                into: "lines", columns: Self.lineColumns, rows: lines.map { Self.values($0, run: run) },
                onConflict: .replace(key: ["run", "line"]))
            for line in lines {
                try connection.execute(
                    "DELETE FROM spans WHERE run = ? AND line = ? AND place >= ?",
                    [.text(run), .int(line.lineNumber), .int(line.spans.count)])
            }
            _ = try connection.insert(
                into: "spans", columns: Self.spanColumns,
                rows: lines.flatMap { line in
                    line.spans.enumerated().map {
                        Self.values($0.element, place: $0.offset, line: line.lineNumber, run: run)
                    }
                }, onConflict: .replace(key: ["run", "line", "place"]))
        }
    }

    package func lines(of run: String, after: Int, limit: Int) async throws -> [LineRecord] {
        try await database.reading { connection in
            try connection.query(
                "SELECT * FROM lines WHERE run = ? AND line > ? ORDER BY line LIMIT ?",
                [.text(run), .int(after), .int(limit)]
            ).map(Self.line)
        }
    }

    package func completedLineNumbers(of run: String) async throws -> Set<Int> {
        try await database.reading { connection in
            Set(
                try connection.query(
                    "SELECT line FROM lines WHERE run = ? AND status = 'completed'", [.text(run)]
                ).map { try $0.int(0) })
        }
    }

    package func spans(of run: String, line: Int) async throws -> [Span] {
        try await database.reading { connection in
            try connection.query(
                "SELECT * FROM spans WHERE run = ? AND line = ? ORDER BY place", [.text(run), .int(line)]
            ).map(Self.span)
        }
    }

    package func cachedValue(for key: Digest) async throws -> JSONValue? {
        try await database.reading { connection in
            try connection.query("SELECT value FROM cache WHERE key = ?", [.text(key.description)]).first
                .map { try JSONValue(parsing: $0.text(0)) }
        }
    }

    package func cache(_ values: [(key: Digest, value: JSONValue)]) async throws {
        guard !values.isEmpty else { return }
        let latest = Dictionary(values.map { ($0.key.description, $0.value.text()) }, uniquingKeysWith: { $1 })
        // In the order of keys, so that two writers never wait for each other.
        let rows = latest.sorted { $0.key < $1.key }.map { [SQLValue.text($0.key), .text($0.value)] }
        try await database.writing { connection in
            _ = try connection.insert(
                into: "cache", columns: ["key", "value"], rows: rows, onConflict: .replace(key: ["key"]))
        }
    }
}

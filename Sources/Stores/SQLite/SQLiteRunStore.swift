package import Domain
import Foundation
import GRDB

/// Runs, lines, spans and cached results in SQLite.
package struct SQLiteRunStore: RunStore {
    private let database: SQLiteDatabase

    package init(_ database: SQLiteDatabase) { self.database = database }

    package func insert(_ run: RunRecord) async throws {
        try await database.write { database in
            try database.execute(
                sql: "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    run.id, run.name, run.status.rawValue, run.flowDigest.description, run.datasetDigest?.description,
                    JSONValue.object(run.settings).text(), JSONValue.object(run.metrics).text(),
                    JSONValue.object(run.errors).text(),
                    run.start, run.end,
                ])
        }
    }

    package func update(_ run: RunRecord) async throws {
        try await database.write { database in
            try database.execute(
                sql: "UPDATE runs SET status = ?, metrics = ?, errors = ?, end_ns = ?, dataset_digest = ? WHERE id = ?",
                arguments: [
                    run.status.rawValue, JSONValue.object(run.metrics).text(), JSONValue.object(run.errors).text(),
                    run.end,
                    run.datasetDigest?.description, run.id,
                ])
        }
    }

    package func run(id: String) async throws -> RunRecord? {
        try await database.read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM runs WHERE id = ?", arguments: [id]).map(Self.run)
        }
    }

    package func runs(limit: Int) async throws -> [RunRecord] {
        try await database.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM runs ORDER BY start_ns DESC, id DESC LIMIT ?", arguments: [limit]
            ).map(Self.run)
        }
    }

    package func append(_ lines: [LineRecord], to run: String) async throws {
        guard !lines.isEmpty else { return }
        try await database.write { database in
            let insertLine = try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
            let insertSpan = try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO spans VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
            let deleteSpans = try database.cachedStatement(
                sql: "DELETE FROM spans WHERE run = ? AND line = ? AND place >= ?")
            for line in lines {
                try insertLine.execute(arguments: Self.arguments(line, run: run))
                try deleteSpans.execute(arguments: [run, line.lineNumber, line.spans.count])
                for (place, span) in line.spans.enumerated() {
                    try insertSpan.execute(
                        arguments: Self.arguments(span, place: place, line: line.lineNumber, run: run))
                }
            }
        }
    }

    package func lines(of run: String, after: Int, limit: Int) async throws -> [LineRecord] {
        try await database.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM lines WHERE run = ? AND line > ? ORDER BY line LIMIT ?",
                arguments: [run, after, limit]
            ).map(Self.line)
        }
    }

    package func completedLineNumbers(of run: String) async throws -> Set<Int> {
        try await database.read { database in
            try Int.fetchSet(
                database, sql: "SELECT line FROM lines WHERE run = ? AND status = 'completed'", arguments: [run])
        }
    }

    package func spans(of run: String, line: Int) async throws -> [Span] {
        try await database.read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM spans WHERE run = ? AND line = ? ORDER BY place", arguments: [run, line]
            ).map(Self.span)
        }
    }

    package func cachedValue(for key: Digest) async throws -> JSONValue? {
        try await database.read { database in
            try String.fetchOne(database, sql: "SELECT value FROM cache WHERE key = ?", arguments: [key.description])
                .map { try JSONValue(parsing: $0) }
        }
    }

    package func cache(_ values: [(key: Digest, value: JSONValue)]) async throws {
        guard !values.isEmpty else { return }
        try await database.write { database in
            let insert = try database.cachedStatement(sql: "INSERT OR REPLACE INTO cache VALUES (?, ?)")
            for (key, value) in values { try insert.execute(arguments: [key.description, value.text()]) }
        }
    }
}

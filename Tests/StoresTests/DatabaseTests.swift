import Domain
import Foundation
import GRDB
import Testing

@testable import Stores

@Suite("The database file")
struct DatabaseTests {
    private func failure(opening path: String) -> String {
        do {
            _ = try SQLiteDatabase(path: path)
            return "opened"
        } catch let failure as any Failure {
            return "\(failure)"
        } catch {
            return "not a Failure: \(error)"
        }
    }

    @Test("Opening again finds what was stored, and migrates nothing twice")
    func again() async throws {
        let folder = try TemporaryFolder(), path = folder.path + "/store.db"
        try await SQLRunStore(SQLiteDatabase(path: path)).insert(RunStoreTests.run("a"))
        for _ in 0..<2 {
            #expect(try await SQLRunStore(SQLiteDatabase(path: path)).run(id: "a") != nil)
        }
    }

    @Test("A store that an earlier version made, without the later tables, is brought up to date")
    func migrates() async throws {
        let folder = try TemporaryFolder(), path = folder.path + "/store.db"
        do {
            let database = try SQLiteDatabase(path: path)
            try await SQLRunStore(database).insert(RunStoreTests.run("old"))
            try await database.writeSQLite {
                try $0.execute(
                    sql: """
                        DROP TABLE vectors; DROP TABLE passages; DROP TABLE documents;
                        DELETE FROM grdb_migrations WHERE identifier = 'documents'
                        """)
            }
        }
        let database = try SQLiteDatabase(path: path)
        #expect(try await SQLRunStore(database).run(id: "old") != nil)
        #expect(try await database.readSQLite { try $0.tableExists("vectors") })
    }

    @Test("A newer Pawang's store is refused and not touched")
    func newer() async throws {
        let folder = try TemporaryFolder(), path = folder.path + "/store.db"
        do {
            let database = try SQLiteDatabase(path: path)
            try await database.writeSQLite {
                try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('from the future'); CREATE TABLE future (x)")
            }
        }
        #expect(failure(opening: path).contains("newer Pawang"))
        let raw = try DatabaseQueue(path: path)
        #expect(try await raw.read { try $0.tableExists("future") })
    }

    @Test("Hot queries use an index and never scan the lines of other runs")
    func plans() async throws {
        let database = try SQLiteDatabase()
        for sql in [
            "SELECT * FROM lines WHERE run = ? AND line > ? ORDER BY line LIMIT ?",
            "SELECT line FROM lines WHERE run = ? AND status = 'completed' LIMIT ? OFFSET ?",
            "SELECT * FROM spans WHERE run = ? AND line = ? ORDER BY place LIMIT ?",
        ] {
            let plan = try await database.readSQLite {
                try Row.fetchAll($0, sql: "EXPLAIN QUERY PLAN " + sql, arguments: ["r", 1, 1])
                    .map { $0["detail"] as String }.joined(separator: "; ")
            }
            #expect(plan.contains("SEARCH") && !plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "\(plan)")
        }
    }

    @Test("What is no database, is damaged, is a folder or cannot be made is a clear failure")
    func unusable() throws {
        let folder = try TemporaryFolder()
        try folder.write("text.db", String(repeating: "this is a text, not a database\n", count: 100))
        #expect(failure(opening: folder.path + "/text.db").contains("it is no SQLite database; move the file away"))
        #expect(failure(opening: folder.path).contains("StoreFailed: the store `\(folder.path)`: it cannot be opened"))
        #expect(failure(opening: folder.path + "/text.db/below.db").hasPrefix("StoreFailed: the store `"))
        #expect(failure(opening: "/proc/pawang/store.db").hasPrefix("StoreFailed: the store `"))
    }

    @Test("A store whose pages are damaged says so instead of giving wrong lines")
    func damaged() async throws {
        let folder = try TemporaryFolder(), path = folder.path + "/store.db"
        do {
            let store = SQLRunStore(try SQLiteDatabase(path: path))
            try await store.insert(RunStoreTests.run("r"))
            for start in stride(from: 0, to: 2000, by: 100) {
                try await store.append((start..<start + 100).map { RunStoreTests.line($0) }, to: "r")
            }
        }
        var bytes = try Data(contentsOf: URL(filePath: path))
        try #require(bytes.count > 100_000)
        // All but the first pages, which hold the schema.
        for place in 65_536..<bytes.count { bytes[place] = 0xAB }
        try bytes.write(to: URL(filePath: path))
        do {
            let lines = try await SQLRunStore(SQLiteDatabase(path: path)).lines(of: "r", after: -1, limit: 5000)
            Issue.record("read \(lines.count) lines from a damaged store")
        } catch let error as any Failure {
            #expect("\(error)".contains("it is damaged"), "\(error)")
        }
    }

    @Test("A full disk is a clear failure, and what was stored before is still there")
    func full() async throws {
        let folder = try TemporaryFolder()
        let database = try SQLiteDatabase(path: folder.path + "/store.db")
        let store = SQLRunStore(database)
        try await store.insert(RunStoreTests.run("r"))
        try await store.append([RunStoreTests.line(0)], to: "r")
        // As on a full disk, the file can grow no more.
        try await database.writer.writeWithoutTransaction { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            _ = try Int.fetchOne(database, sql: "PRAGMA max_page_count = \(pages)")
        }
        await #expect {
            for number in 1...500 { try await store.append([RunStoreTests.line(number)], to: "r") }
        } throws: {
            "\($0)".contains("the disk is full")
        }
        #expect(try await store.completedLineNumbers(of: "r").contains(0))
    }

    @Test(
        "Every trouble that SQLite may have says what to do",
        arguments: [
            (ResultCode.SQLITE_READONLY, "read-only"), (.SQLITE_BUSY, "another process"), (.SQLITE_FULL, "make room"),
            (.SQLITE_CORRUPT, "restore a copy"), (.SQLITE_CANTOPEN, "check the path"),
        ])
    func words(code: ResultCode, words: String) {
        let failure = StoreFailure(path: "/x/store.db", DatabaseError(resultCode: code))
        #expect(failure.message.contains(words) && failure.message.contains("/x/store.db"))
        #expect(failure.blame == .environment)
    }

    @Test("Lines that were appended survive kill -9")
    func killed() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "pawang-kill-\(getpid()).db").path
        defer {
            for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + ending) }
        }
        // The child finds the file by its parent's number.
        await #expect(processExitsWith: .signal(SIGKILL)) {
            let path = FileManager.default.temporaryDirectory.appending(path: "pawang-kill-\(getppid()).db").path
            let store = SQLRunStore(try SQLiteDatabase(path: path))
            try await store.insert(RunStoreTests.run("r"))
            for number in 0..<200 { try await store.append([RunStoreTests.line(number)], to: "r") }
            kill(getpid(), SIGKILL)
        }
        let store = SQLRunStore(try SQLiteDatabase(path: path))
        #expect(try await store.completedLineNumbers(of: "r") == Set(0..<200))
        #expect(try await store.spans(of: "r", line: 199).count == 2)
    }
}

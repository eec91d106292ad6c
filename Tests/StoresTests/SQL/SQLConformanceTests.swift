import Domain
import Testing

@testable import Stores

/// What every database must do; run on each engine.
@Suite("One SQL for two engines")
struct SQLConformanceTests {
    typealias Kind = DatabasePlace.Kind

    /// A database with one table for each type.
    private static func place(_ kind: Kind) throws -> DatabasePlace {
        let place = try DatabasePlace(kind)
        let script = """
            CREATE TABLE things (id INTEGER PRIMARY KEY, number INTEGER, amount REAL, name TEXT, bytes BLOB) STRICT;
            CREATE TABLE counts (name TEXT PRIMARY KEY, a INTEGER NOT NULL, b INTEGER NOT NULL) STRICT, WITHOUT ROWID;
            """
        try place.database.write { connection in
            try connection.run(
                script: connection.engine == .sqlite
                    ? script : SQLText.postgreSQL(script).replacing(" REAL", with: " DOUBLE PRECISION"))
        }
        return place
    }

    private static let columns = ["id", "number", "amount", "name", "bytes"]

    private func failure(_ body: () throws -> Void) -> StoreFailure? {
        do {
            try body()
            return nil
        } catch {
            return error as? StoreFailure
        }
    }

    static let values: [[SQLValue]] = [
        [.int(.max), .double(0.1), "plain", .blob([0, 1, 255, 0])],
        [.int(.min), .double(-1.7976931348623157e308), "", .blob([])],
        [0, .double(2.2250738585072014e-308), "emoji 🦫 é e\u{301} \u{10FFFF}", .blob(Array(0...255))],
        [-1, .double(.infinity), "tab\tline\nreturn\rslash\\quote'\"\\N", .null],
        [.null, .double(-.infinity), .null, .null],
        [.null, .null, .text(String(repeating: "x", count: 100_000)), .blob([UInt8](repeating: 92, count: 70_000))],
    ]

    @Test("Values come back as they were bound, one by one and in bulk", arguments: Kind.allCases)
    func roundTrip(kind: Kind) throws {
        let place = try Self.place(kind)
        let rows = Self.values.enumerated().map { [.int($0.offset)] + $0.element }
        try place.database.write { connection in
            for row in rows { try connection.execute("INSERT INTO things VALUES (?, ?, ?, ?, ?)", row) }
        }
        let read = { @Sendable (connection: any SQLConnection) in
            try connection.query("SELECT * FROM things ORDER BY id").map(\.values)
        }
        #expect(try place.database.read(read) == rows)
        try place.database.write { connection in
            try connection.execute("DELETE FROM things")
            let count = try connection.insert(into: "things", columns: Self.columns, rows: rows)
            #expect(count == rows.count)
        }
        #expect(try place.database.read(read) == rows)
    }

    @Test("NUL in a text and NaN are refused with a sentence, alone and in bulk", arguments: Kind.allCases)
    func refused(kind: Kind) throws {
        let place = try Self.place(kind)
        for (value, column, words) in [
            (SQLValue.text("a\u{0}b"), "name", "NUL (U+0000) cannot be kept; remove it"),
            (.double(.nan), "amount", "NaN cannot be kept"),
        ] {
            let failures = [
                failure {
                    try place.database.write {
                        _ = try $0.execute("INSERT INTO things (id, \(column)) VALUES (?, ?)", [1, value])
                    }
                },
                failure {
                    try place.database.write {
                        _ = try $0.insert(into: "things", columns: ["id", column], rows: [[1, .null], [2, value]])
                    }
                },
            ]
            for failure in failures {
                #expect(failure?.kind == .value)
                #expect(failure?.message.contains(words) == true)
                #expect(failure?.message.contains(place.database.name) == true)
            }
        }
        #expect(try place.database.read { try $0.query("SELECT COUNT(*) FROM things") } == [SQLRow([0])])
    }

    @Test("What clients make up is kept with U+FFFD for NUL")
    func foreign() {
        #expect(SQLValue.foreign("a\u{0}b") == "a\u{FFFD}b")
        #expect(SQLValue.foreign(nil) == .null)
        #expect(SQLValue.foreign("ab") == "ab")
    }

    @Test("A transaction whose body throws leaves nothing", arguments: Kind.allCases)
    func rollback(kind: Kind) throws {
        struct Stop: Error {}
        let place = try Self.place(kind)
        #expect(throws: Stop.self) {
            try place.database.write { connection in
                try connection.execute("INSERT INTO things (id) VALUES (1)")
                throw Stop()
            }
        }
        #expect(try place.database.read { try $0.query("SELECT COUNT(*) FROM things") } == [SQLRow([0])])
    }

    @Test("A statement that failed cannot be passed over: nothing of its transaction stays", arguments: Kind.allCases)
    func failedStatement(kind: Kind) throws {
        let place = try Self.place(kind)
        let failure = failure {
            try place.database.write { connection in
                try connection.execute("INSERT INTO things (id) VALUES (1)")
                try connection.execute("INSERT INTO things (id) VALUES (1)")
            }
        }
        #expect(failure?.kind == .conflict)
        #expect(try place.database.read { try $0.query("SELECT COUNT(*) FROM things") } == [SQLRow([0])])
    }

    @Test("A reading transaction cannot write", arguments: Kind.allCases)
    func reading(kind: Kind) throws {
        let place = try Self.place(kind)
        #expect(
            failure { try place.database.read { _ = try $0.execute("INSERT INTO things (id) VALUES (1)") } }?.kind
                == .readOnly)
    }

    @Test("Rows whose key is taken fail, stay, are replaced or added up as asked for", arguments: Kind.allCases)
    func conflicts(kind: Kind) throws {
        let place = try Self.place(kind)
        let columns = ["name", "a", "b"]
        let rows: [[SQLValue]] = (0..<120).map { [.text("n\($0)"), 1, .int($0)] }
        let read = { @Sendable (connection: any SQLConnection) in
            try connection.query("SELECT a, b FROM counts ORDER BY b, name").map(\.values)
        }
        let added = try place.database.write { connection in
            [
                try connection.insert(into: "counts", columns: columns, rows: rows),
                try connection.insert(
                    into: "counts", columns: columns, rows: rows + [["new", 1, 120]],
                    onConflict: .ignore(key: ["name"])),
            ]
        }
        #expect(added == [120, 1])
        #expect(
            failure { try place.database.write { _ = try $0.insert(into: "counts", columns: columns, rows: rows) } }?
                .kind
                == .conflict)
        #expect(try place.database.read(read) == (0...120).map { [1, .int($0)] })
        try place.database.write { connection in
            _ = try connection.insert(
                into: "counts", columns: columns, rows: rows.map { [$0[0], 5, $0[2]] },
                onConflict: .replace(key: ["name"]))
        }
        #expect(try place.database.read(read) == (0...120).map { [$0 < 120 ? 5 : 1, .int($0)] })
        try place.database.write { connection in
            for _ in 0..<2 {
                try connection.insert(
                    into: "counts", columns: columns, rows: rows.map { [$0[0], -2, 0] } + [["late", 7, 1000]],
                    onConflict: .add(key: ["name"]))
            }
        }
        let sums = try place.database.read(read)
        #expect(sums == (0...120).map { [1, .int($0)] } + [[14, 2000]])
    }

    @Test("A question mark in quotes or a comment is no placeholder", arguments: Kind.allCases)
    func placeholders(kind: Kind) throws {
        let place = try Self.place(kind)
        let rows = try place.database.read { connection in
            try connection.query(
                """
                SELECT '?', 'it''s ?' AS "a?" /* ? */, CAST(? AS BIGINT) -- ?
                , CAST(? AS BIGINT)
                """, [7, 8])
        }
        #expect(rows == [SQLRow(["?", "it's ?", 7, 8])])
    }

    @Test("Placeholders are numbered outside quotes and comments only")
    func numbered() {
        #expect(SQLText.numbered("a ? '?' \"?\" -- ?\n? /*/ ? */ ?") == "a $1 '?' \"?\" -- ?\n$2 /*/ ? */ $3")
    }

    @Test("Texts are ordered by their bytes", arguments: Kind.allCases)
    func order(kind: Kind) throws {
        let place = try Self.place(kind)
        let names = ["B", "_", "a", "é", "Z", "1"]
        try place.database.write { connection in
            _ = try connection.insert(
                into: "counts", columns: ["name", "a", "b"], rows: names.map { [.text($0), 0, 0] })
        }
        let read = try place.database.read { try $0.query("SELECT name FROM counts ORDER BY name") }
        #expect(try read.map { try $0.text(0) } == ["1", "B", "Z", "_", "a", "é"])
    }

    @Test("Writers at the same time lose nothing, of one connection and of two", arguments: Kind.allCases)
    func concurrent(kind: Kind) async throws {
        let place = try Self.place(kind)
        let databases = [place.database] + (try place.reopen.map { [try $0()] } ?? [])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                let database = databases[number % databases.count]
                group.addTask {
                    try await database.writing { connection in
                        for name: SQLValue in ["x", "y"] {
                            try connection.insert(
                                into: "counts", columns: ["name", "a", "b"], rows: [[name, 1, .int(number)]],
                                onConflict: .add(key: ["name"]))
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let rows = try place.database.read { try $0.query("SELECT name, a, b FROM counts ORDER BY name") }
        #expect(rows == [SQLRow(["x", 100, 4950]), SQLRow(["y", 100, 4950])])
    }

    @Test("A reading transaction sees one state while others write")
    func snapshot() throws {
        let place = try Self.place(.postgreSQL)
        let other = try #require(try place.reopen?())
        let counts = try place.database.read { connection in
            let before = try connection.query("SELECT COUNT(*) FROM things")
            try other.write { _ = try $0.execute("INSERT INTO things (id) VALUES (1)") }
            return before + (try connection.query("SELECT COUNT(*) FROM things"))
        }
        #expect(counts == [SQLRow([0]), SQLRow([0])])
    }
}

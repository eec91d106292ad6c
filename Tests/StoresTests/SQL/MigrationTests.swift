import Testing

@testable import Stores

@Suite("The schema's history")
struct MigrationTests {
    typealias Kind = DatabasePlace.Kind

    @Test("Opening again migrates nothing twice", arguments: Kind.allCases)
    func again(kind: Kind) throws {
        let place = try DatabasePlace(kind)
        guard let reopen = place.reopen else { return }
        try SQLKeyStore(place.database).insert(KeyStoreTests.key("a00000000000", created: 1))
        for _ in 0..<2 { #expect(try SQLKeyStore(try reopen()).keys().count == 1) }
    }

    @Test("A newer Pawang's store is refused and not touched", arguments: Kind.allCases)
    func newer(kind: Kind) throws {
        let place = try DatabasePlace(kind)
        guard let reopen = place.reopen else { return }
        let table = Migrations.table(place.database.engine)
        try place.database.write {
            try $0.execute("INSERT INTO \(table) VALUES ('from the future')")
            try $0.execute("DELETE FROM \(table) WHERE identifier = 'keys'")
            try $0.run(script: "DROP TABLE keys; DROP TABLE key_revision")
        }
        do {
            _ = try reopen()
            Issue.record("a newer store was opened")
        } catch let failure as StoreFailure {
            #expect(failure.kind == .newer)
            #expect(failure.message.contains("newer Pawang"))
        }
        // The missing step was not taken.
        #expect(throws: StoreFailure.self) { try SQLKeyStore(place.database).keys() }
    }

    @Test("Steps that are missing are taken when an older store is opened", arguments: Kind.allCases)
    func older(kind: Kind) throws {
        let place = try DatabasePlace(kind)
        guard let reopen = place.reopen else { return }
        let table = Migrations.table(place.database.engine)
        try place.database.write {
            try $0.run(
                script: """
                    DROP TABLE keys; DROP TABLE key_revision; DROP TABLE ledger_entries; DROP TABLE call_spans;
                    DROP TABLE balances; DROP TABLE ledger_position;
                    DELETE FROM \(table) WHERE identifier IN ('keys', 'ledger')
                    """)
        }
        let database = try reopen()
        #expect(try SQLKeyStore(database).revision() == 0)
        #expect(try SQLLedgerStore(database).totals().entries == 0)
    }

    @Test(
        "Processes that migrate at the same time do not get in each other's way", arguments: [Kind.file, .postgreSQL])
    func together(kind: Kind) async throws {
        let place = try DatabasePlace(kind)
        let reopen = try #require(place.reopen)
        try place.database.write {
            try $0.run(script: "DROP TABLE keys; DROP TABLE key_revision")
            try $0.execute("DELETE FROM \(Migrations.table($0.engine)) WHERE identifier = 'keys'")
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<6 { group.addTask { _ = try reopen() } }
            try await group.waitForAll()
        }
        #expect(try SQLKeyStore(place.database).revision() == 0)
    }

    @Test("Types are renamed for PostgreSQL, and nothing else")
    func translated() {
        #expect(
            SQLText.postgreSQL("CREATE TABLE a (b INTEGER, c BLOB, d TEXT NOT NULL) STRICT, WITHOUT ROWID;")
                == "CREATE TABLE a (b BIGINT, c BYTEA, d TEXT COLLATE \"C\" NOT NULL);")
    }
}

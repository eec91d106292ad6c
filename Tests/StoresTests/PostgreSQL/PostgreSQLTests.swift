import Dispatch
import Gateway
import Glibc
import Testing

@testable import Stores

@Suite("PostgreSQL")
struct PostgreSQLTests {
    private func failure(_ body: () throws -> Void) -> StoreFailure? {
        do {
            try body()
            return nil
        } catch {
            return error as? StoreFailure
        }
    }

    private func failure(opening url: String) -> StoreFailure? { failure { _ = try PostgreSQLDatabase(url: url) } }

    @Test("What keeps a database from being reached is said without the password")
    func unreachable() throws {
        let server = try PostgreSQLServer.common()
        let good = try server.makeDatabase()
        for (url, kind, words) in [
            (server.url(database: "nowhere"), StoreFailure.Kind.unavailable, "make it with `createdb`"),
            (server.url(database: "test1", password: "hunter2"), .unavailable, "refuses the user or the password"),
            ("postgres://pawang:hunter2@127.0.0.1:1/x", .unavailable, "check that it runs"),
            ("postgres://pawang:hunter2@nowhere.invalid/x", .unavailable, "cannot be reached"),
            ("postgres://pawang:hunter2@:port/x y", .unavailable, "write postgres://user:password@host:5432/database"),
            ("postgres://pawang:hun/ter2@127.0.0.1/x", .unavailable, "with %-escapes for signs"),
            ("postgres://pawang:hun@hunter2@127.0.0.1/x", .unavailable, "with %-escapes for signs"),
            ("postgres://pawang:hunter2@127.0.0.1:70000/x", .unavailable, "cannot be reached"),
            (good + "?sslmode=require", .unavailable, "SSL"),
            (good + "?nonsense=1", .unavailable, "write postgres://"),
        ] {
            let found = self.failure(opening: url)
            let failure = try #require(found, "\(url) was opened")
            #expect(failure.kind == kind)
            #expect(failure.message.contains(words), "\(failure.message)")
            #expect(!failure.message.contains("hunter2") && !failure.message.contains("secret"))
        }
    }

    @Test("A name in messages has host, port and database, but neither user nor password")
    func name() throws {
        #expect(
            try PostgreSQLAddress(url: "postgres://me:pw%40@db.example:5433/gateway?sslmode=prefer").name
                == "postgres://db.example:5433/gateway")
        #expect(try PostgreSQLAddress(url: "postgresql:///gateway?host=/run/pg&user=me").name == "postgres:///gateway")
    }

    @Test("Two transactions that wait for each other both succeed: one of them is run again")
    func deadlock() async throws {
        let place = try DatabasePlace(.postgreSQL)
        try place.database.write {
            try $0.run(
                script:
                    "CREATE TABLE a (n BIGINT); CREATE TABLE b (n BIGINT); INSERT INTO a VALUES (0); INSERT INTO b VALUES (0)"
            )
        }
        let (first, second) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        async let left: Void = place.database.writing { connection in
            try connection.execute("UPDATE a SET n = n + 1")
            first.signal()
            _ = second.wait(timeout: .now() + .milliseconds(500))
            try connection.execute("UPDATE b SET n = n + 1")
        }
        async let right: Void = place.database.writing { connection in
            try connection.execute("UPDATE b SET n = n + 1")
            second.signal()
            _ = first.wait(timeout: .now() + .milliseconds(500))
            try connection.execute("UPDATE a SET n = n + 1")
        }
        _ = try await (left, right)
        #expect(try place.database.read { try $0.query("SELECT a.n, b.n FROM a, b") } == [SQLRow([2, 2])])
    }

    @Test("A connection that the server ended is opened again, and the transaction is run once")
    func reconnects() throws {
        let url = try PostgreSQLServer.common().makeDatabase()
        let database = try PostgreSQLDatabase(url: url, connections: 1)
        let other = try PostgreSQLDatabase(url: url, connections: 1)
        try database.write { try $0.run(script: "CREATE TABLE a (n BIGINT)") }
        for number in 1...3 {
            _ = try other.read {
                try $0.query(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            }
            try database.write { _ = try $0.execute("INSERT INTO a VALUES (?)", [.int(number)]) }
        }
        #expect(
            try database.read { try $0.query("SELECT n FROM a ORDER BY n") } == [1, 2, 3].map { SQLRow([.int($0)]) })
    }

    @Test("kill -9 of the server between and within batches loses nothing and doubles nothing", .timeLimit(.minutes(2)))
    func killed() throws {
        let server = try PostgreSQLServer()
        let store = SQLLedgerStore(try PostgreSQLDatabase(url: server.makeDatabase()))
        var acknowledged = 0
        for round in 0..<3 {
            // Somebody writes while the server dies.
            let done = DispatchSemaphore(value: 0)
            let start = acknowledged
            let outcome = Counter()
            let thread = Worker {
                for number in start..<start + 2000 {
                    let batch = LedgerStoreTests.batch([LedgerStoreTests.entry(number)], at: number + 1)
                    guard (try? store.apply(batch)) != nil else { break }
                    outcome.value = number + 1
                }
                done.signal()
            }
            thread.start()
            while outcome.value < start + 20 * (round + 1) { usleep(500) }
            try server.kill()
            done.wait()
            try server.start()
            acknowledged = outcome.value
            // What was not acknowledged is sent again.
            try store.apply(LedgerStoreTests.batch([LedgerStoreTests.entry(acknowledged)], at: acknowledged + 1))
            acknowledged += 1
            #expect(try store.totals().entries == acknowledged)
            #expect(try store.position()?.offset == acknowledged)
            #expect(try store.differences(limit: 5) == [])
        }
        #expect(acknowledged >= 100)
    }

    @Test("A statement that takes too long is ended with a sentence")
    func timeout() throws {
        let place = try DatabasePlace(.postgreSQL)
        let failure = failure {
            try place.database.read { connection in
                try connection.run(script: "SET LOCAL statement_timeout = '50ms'")
                _ = try connection.query("SELECT 1 FROM pg_sleep(20)")
            }
        }
        #expect(failure?.kind == .timeout)
        #expect(try place.database.read { try $0.query("SELECT 1") } == [SQLRow([1])])
    }

    @Test("More statements than are kept prepared work as well")
    func manyStatements() throws {
        let place = try DatabasePlace(.postgreSQL)
        let rows = try place.database.read { connection in
            try (0..<600).flatMap { try connection.query("SELECT \($0) + CAST(? AS BIGINT)", [1]) }
        }
        #expect(rows == (1...600).map { SQLRow([.int($0)]) })
    }
}

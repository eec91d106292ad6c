import Domain
import Foundation
import GRDB
import Gateway
import Testing

@testable import Stores

@Suite("Trouble with the database file")
struct SQLiteFailureTests {
    private func failure(_ body: () throws -> Void) -> StoreFailure? {
        do {
            try body()
            return nil
        } catch {
            return error as? StoreFailure
        }
    }

    @Test("A full disk stops a batch as a whole, and with room again it goes on")
    func full() throws {
        let folder = try TemporaryFolder()
        let database = try SQLiteDatabase(path: folder.path + "/store.db")
        let store = SQLLedgerStore(database)
        try store.apply(LedgerStoreTests.batch((0..<10).map { LedgerStoreTests.entry($0) }, at: 1))
        func allow(pages: Int) throws {
            try database.writer.writeWithoutTransaction {
                _ = try Int.fetchOne($0, sql: "PRAGMA max_page_count = \(pages)")
            }
        }
        let pages = try database.writer.read { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
        try allow(pages: pages + 4)
        let large = LedgerStoreTests.batch((10..<500).map { LedgerStoreTests.entry($0) }, at: 2)
        let failure = failure { try store.apply(large) }
        #expect(failure?.kind == .full)
        #expect(failure?.message.contains("the disk is full; make room and try again") == true)
        #expect(try store.totals().entries == 10)
        #expect(try store.position()?.offset == 1)
        #expect(try store.differences(limit: 9) == [])
        try allow(pages: 1_000_000)
        try store.apply(large)
        #expect(try store.totals().entries == 500)
        #expect(try store.differences(limit: 9) == [])
    }

    @Test("A file that another process is writing to is waited for, then refused with a sentence")
    func locked() throws {
        let folder = try TemporaryFolder(), path = folder.path + "/store.db"
        let database = try SQLiteDatabase(path: path)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: path, configuration: configuration)
        try database.writer.writeWithoutTransaction { try $0.execute(sql: "PRAGMA busy_timeout = 50") }
        try other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE; CREATE TABLE mine (x)") }
        let failure = failure { try SQLKeyStore(database).insert(KeyStoreTests.key("a00000000000", created: 1)) }
        #expect(failure?.kind == .busy)
        #expect(failure?.message.contains("another process has been writing") == true)
        // Reading goes on meanwhile.
        #expect(try SQLKeyStore(database).revision() == 0)
        try other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        try SQLKeyStore(database).insert(KeyStoreTests.key("a00000000000", created: 1))
        #expect(try SQLKeyStore(database).revision() == 1)
    }

    @Test("A folder that may not be written to is a clear failure for who is not root")
    func readOnly() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "pawang-readonly-\(getpid())").path
        defer {
            chmod(path, 0o700)
            try? FileManager.default.removeItem(atPath: path)
        }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        do {
            try SQLKeyStore(SQLiteDatabase(path: path + "/store.db")).insert(
                KeyStoreTests.key("a00000000000", created: 1))
        }
        chmod(path, 0o555)
        chmod(path + "/store.db", 0o444)
        await #expect(processExitsWith: .success) {
            let path = FileManager.default.temporaryDirectory.appending(path: "pawang-readonly-\(getppid())").path
            // Root may write anywhere, so the child is nobody.
            if getuid() == 0 { setuid(65_534) }
            for file in ["/store.db", "/new.db"] {
                do {
                    try SQLKeyStore(SQLiteDatabase(path: path + file)).insert(
                        KeyStoreTests.key("b00000000000", created: 1))
                    exit(1)
                } catch let failure as StoreFailure {
                    guard
                        failure.message.contains("check its permissions") || failure.message.contains("its permissions")
                    else {
                        print(failure)
                        exit(2)
                    }
                }
            }
            exit(0)
        }
        chmod(path, 0o700)
        chmod(path + "/store.db", 0o600)
        #expect(try SQLKeyStore(SQLiteDatabase(path: path + "/store.db")).keys().map(\.id) == ["a00000000000"])
    }

    @Test("A damaged ledger says so, and no batch is half written to it")
    func damaged() throws {
        let folder = try TemporaryFolder(), path = folder.path + "/store.db"
        do {
            let store = SQLLedgerStore(try SQLiteDatabase(path: path))
            for number in 0..<20 {
                let entries = (0..<100).map { LedgerStoreTests.entry(100 * number + $0) }
                try store.apply(LedgerStoreTests.batch(entries, at: number + 1))
            }
        }
        var bytes = try Data(contentsOf: URL(filePath: path))
        try #require(bytes.count > 500_000)
        for place in 200_000..<bytes.count { bytes[place] = 0xAB }
        try bytes.write(to: URL(filePath: path))
        let store = SQLLedgerStore(try SQLiteDatabase(path: path))
        for failure in [
            failure { _ = try store.differences(limit: 1) },
            failure { try store.apply(LedgerStoreTests.batch([LedgerStoreTests.entry(5000)], at: 99)) },
        ] {
            #expect(failure?.kind == .damaged)
            #expect(failure?.message.contains("it is damaged; restore a copy") == true)
        }
    }

    @Test("A ledger's batches survive kill -9")
    func killed() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "pawang-ledger-kill-\(getpid()).db").path
        defer {
            for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + ending) }
        }
        await #expect(processExitsWith: .signal(SIGKILL)) {
            let path = FileManager.default.temporaryDirectory.appending(path: "pawang-ledger-kill-\(getppid()).db").path
            let store = SQLLedgerStore(try SQLiteDatabase(path: path))
            for number in 0..<50 {
                let entries = (0..<20).map { LedgerStoreTests.entry(20 * number + $0) }
                try store.apply(LedgerStoreTests.batch(entries, at: number + 1))
            }
            kill(getpid(), SIGKILL)
        }
        let store = SQLLedgerStore(try SQLiteDatabase(path: path))
        #expect(try store.totals().entries == 1000)
        #expect(try store.position()?.offset == 50)
        #expect(try store.differences(limit: 9) == [])
    }
}

import Foundation
import Gateway
import Testing

@testable import Stores

@Suite("Backup and restore")
struct SQLiteBackupTests {
    private func failure(_ body: () throws -> Void) -> StoreFailure? {
        do {
            try body()
            return nil
        } catch {
            return error as? StoreFailure
        }
    }

    /// A store with one key.
    private func makeStore(_ path: String, key: String) throws {
        try SQLKeyStore(SQLiteDatabase(path: path)).insert(KeyStoreTests.key(key, created: 1))
    }

    private func keys(_ path: String) throws -> [String] {
        try SQLKeyStore(SQLiteDatabase(path: path)).keys().map(\.id)
    }

    @Test("A backup that is made while others write is one whole state, in one file")
    func whileWriting() throws {
        let folder = try TemporaryFolder(), path = folder.path + "/store.db"
        let database = try SQLiteDatabase(path: path), other = SQLLedgerStore(try SQLiteDatabase(path: path))
        let isDone = Counter()
        let ended = DispatchSemaphore(value: 0)
        Worker {
            var number = 0
            while isDone.value == 0, number < 10_000 {
                let batch = LedgerStoreTests.batch((0..<5).map { LedgerStoreTests.entry(number + $0) }, at: number + 1)
                try? other.apply(batch)
                number += 5
            }
            ended.signal()
        }.start()
        for number in 0..<5 {
            let copy = folder.path + "/copy\(number).db"
            try database.backUp(to: copy)
            try SQLiteBackup.check(copy)
            #expect(!FileManager.default.fileExists(atPath: copy + "-wal"))
            #expect(!FileManager.default.fileExists(atPath: copy + ".partial"))
            let attributes = try FileManager.default.attributesOfItem(atPath: copy)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            #expect(try SQLLedgerStore(SQLiteDatabase(path: copy)).differences(limit: 3) == [])
        }
        isDone.value = 1
        ended.wait()
    }

    @Test("A restored store is the backup, and what was there is kept beside it")
    func restore() throws {
        let folder = try TemporaryFolder(), path = folder.path + "/deep/store.db", copy = folder.path + "/copy.db"
        try makeStore(path, key: "old000000000")
        try SQLiteDatabase(path: path).backUp(to: copy)
        try makeStore(path, key: "new000000000")
        #expect(try SQLiteBackup.restore(copy, to: path, keeping: ".kept") == path + ".kept")
        #expect(try keys(path) == ["old000000000"])
        #expect(try Set(keys(path + ".kept")) == ["old000000000", "new000000000"])
        #expect(try SQLiteBackup.restore(copy, to: folder.path + "/fresh/store.db", keeping: ".kept") == nil)
        #expect(try keys(folder.path + "/fresh/store.db") == ["old000000000"])
    }

    @Test("A store that somebody uses is not replaced")
    func inUse() throws {
        let folder = try TemporaryFolder(), path = folder.path + "/store.db", copy = folder.path + "/copy.db"
        try makeStore(path, key: "old000000000")
        try SQLiteDatabase(path: path).backUp(to: copy)
        let user = try SQLiteDatabase(path: path)
        try SQLKeyStore(user).insert(KeyStoreTests.key("new000000000", created: 2))
        #expect(failure { _ = try SQLiteBackup.restore(copy, to: path, keeping: ".kept") }?.kind == .busy)
        #expect(try SQLKeyStore(user).keys().count == 2)
        #expect(!FileManager.default.fileExists(atPath: path + ".restoring"))
    }

    @Test("A damaged store can be replaced")
    func damagedStore() throws {
        let folder = try TemporaryFolder(), path = folder.path + "/store.db", copy = folder.path + "/copy.db"
        try makeStore(path, key: "old000000000")
        try SQLiteDatabase(path: path).backUp(to: copy)
        try folder.write("store.db", "garbage")
        try folder.write("store.db-wal", "garbage")
        #expect(try SQLiteBackup.restore(copy, to: path, keeping: ".kept") == path + ".kept")
        #expect(try keys(path) == ["old000000000"])
        #expect(try String(contentsOfFile: path + ".kept", encoding: .utf8) == "garbage")
    }

    @Test("What is no sound backup of ours changes nothing")
    func refused() throws {
        let folder = try TemporaryFolder(), path = folder.path + "/store.db", copy = folder.path + "/copy.db"
        try makeStore(path, key: "old000000000")
        let database = try SQLiteDatabase(path: path)
        try database.backUp(to: copy)
        let bytes = try Data(contentsOf: URL(filePath: copy))
        try folder.write("text.db", "this is no database")
        try bytes.prefix(bytes.count / 2).write(to: URL(filePath: folder.path + "/cut.db"))
        var flipped = bytes
        for place in 8192..<16_384 { flipped[place] = 0xAB }
        try flipped.write(to: URL(filePath: folder.path + "/flipped.db"))
        try database.write { _ = try $0.execute("INSERT INTO grdb_migrations VALUES ('from the future')") }
        try database.backUp(to: folder.path + "/newer.db")
        for (name, kind) in [
            ("text.db", StoreFailure.Kind.damaged), ("cut.db", .damaged), ("flipped.db", .damaged),
            ("newer.db", .newer), ("none.db", .unavailable),
        ] {
            let target = folder.path + "/target.db"
            let failure = failure { _ = try SQLiteBackup.restore(folder.path + "/" + name, to: target, keeping: "") }
            #expect(failure?.kind == kind, "\(name): \(failure?.message ?? "restored")")
            #expect(!FileManager.default.fileExists(atPath: target))
        }
    }

    @Test("A damaged store is not backed up, and its problems are said")
    func damagedSource() throws {
        let folder = try TemporaryFolder(), path = folder.path + "/store.db"
        do {
            let store = SQLLedgerStore(try SQLiteDatabase(path: path))
            try store.apply(LedgerStoreTests.batch((0..<500).map { LedgerStoreTests.entry($0) }, at: 1))
        }
        var bytes = try Data(contentsOf: URL(filePath: path))
        for place in 200_000..<260_000 { bytes[place] = 0xAB }
        try bytes.write(to: URL(filePath: path))
        let database = try SQLiteDatabase(path: path)
        #expect(failure { try database.backUp(to: folder.path + "/copy.db") }?.kind == .damaged)
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/copy.db"))
        #expect(try !database.problems().isEmpty)
    }
}

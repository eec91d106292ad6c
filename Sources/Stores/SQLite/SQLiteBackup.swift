import Foundation
import GRDB
import Glibc

extension SQLiteDatabase {
    /// Copies the whole database into a new file while others may go on writing, and checks the copy.
    ///
    /// The file appears when it is complete; one that is there is replaced. It needs no other file beside it.
    package func backUp(to path: String) throws {
        let partial = path + ".partial"
        defer { SQLiteFile.remove(partial) }
        SQLiteFile.remove(partial)
        do {
            let copy = try DatabaseQueue(path: partial)
            try writer.backup(to: copy)
            try copy.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
            let problems = try SQLiteFile.problems(copy)
            try copy.close()
            guard problems.isEmpty else {
                throw StoreFailure(.damaged, "the store `\(name)` is damaged, so no backup was made: \(problems[0])")
            }
        } catch let error as DatabaseError {
            throw StoreFailure(path: "\(name)` or its copy `\(path)", error)
        }
        // It holds what the database holds: nobody else may read it.
        chmod(partial, 0o600)
        try SQLiteFile.synchronize(partial)
        try SQLiteFile.move(partial, to: path)
    }

    /// What SQLite finds wrong with the file; nothing if it is sound.
    package func problems() throws -> [String] {
        do {
            return try SQLiteFile.problems(writer)
        } catch let error as DatabaseError {
            throw StoreFailure(path: name, error)
        }
    }
}

/// Backups as files.
package enum SQLiteBackup {
    /// Checks that a file is a sound database of a Pawang not newer than this one.
    package static func check(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            throw StoreFailure(.unavailable, "the backup `\(path)` does not exist; check the path")
        }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            let file = try DatabaseQueue(path: path, configuration: configuration)
            let problems = try SQLiteFile.problems(file)
            guard problems.isEmpty else {
                throw StoreFailure(.damaged, "the backup `\(path)` is damaged: \(problems[0]); take another one")
            }
            let steps = try file.read { database in
                try database.tableExists("grdb_migrations")
                    ? try String.fetchSet(database, sql: "SELECT identifier FROM grdb_migrations") : []
            }
            guard steps.contains("runs") else {
                throw StoreFailure(.damaged, "the backup `\(path)` is no database of Pawang's; take another file")
            }
            guard steps.isSubset(of: Migrations.all.map(\.name)) else {
                throw StoreFailure(.newer, "the backup `\(path)` was made by a newer Pawang; use that one")
            }
        } catch let error as DatabaseError {
            throw StoreFailure(path: path, error)
        }
    }

    /// Puts a backup in the place of a database that nobody uses; what was there is kept beside it.
    ///
    /// Returns where what was there is now, or `nil` if nothing was. Either all of it is done or nothing. Throws
    /// ``StoreFailure/Kind/busy`` if a process has the database open.
    package static func restore(_ backup: String, to path: String, keeping suffix: String) throws -> String? {
        try check(backup)
        let folder = (path as NSString).deletingLastPathComponent
        let partial = path + ".restoring"
        defer { SQLiteFile.remove(partial) }
        do {
            if !folder.isEmpty {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            }
            SQLiteFile.remove(partial)
            try FileManager.default.copyItem(atPath: backup, toPath: partial)
        } catch let error as CocoaError {
            throw StoreFailure(
                .unavailable, "the backup cannot be copied to `\(partial)`: \(error.localizedDescription)")
        }
        chmod(partial, 0o600)
        try check(partial)
        try SQLiteFile.synchronize(partial)
        let kept = try keep(path, as: path + suffix)
        try SQLiteFile.move(partial, to: path)
        return kept
    }

    /// Gives the database a second name and folds its log into it, so that it can be replaced in one step.
    private static func keep(_ path: String, as kept: String) throws -> String? {
        guard FileManager.default.fileExists(atPath: path) else {
            for ending in ["-wal", "-shm"] { unlink(path + ending) }
            return nil
        }
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(1)
            let old = try DatabaseQueue(path: path, configuration: configuration)
            // Only the last user of a file can leave WAL mode.
            try old.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
            try old.close()
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            throw StoreFailure(.busy, "the store `\(path)` is in use; stop what uses it, then restore again")
        } catch is DatabaseError {
            // It is damaged, which may be why it is to be replaced; its log is kept with it.
            for ending in ["-wal", "-shm"] { rename(path + ending, kept + ending) }
        }
        guard link(path, kept) == 0 else { throw SQLiteFile.failure("kept as `\(kept)`", path) }
        return kept
    }
}

/// Steps on files.
enum SQLiteFile {
    static func problems(_ reader: any DatabaseReader) throws -> [String] {
        try reader.read { database in
            try String.fetchAll(database, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
        }
    }

    static func remove(_ path: String) {
        for ending in ["", "-journal", "-wal", "-shm"] { unlink(path + ending) }
    }

    /// Brings a file's bytes to the disk.
    static func synchronize(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("opened", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("brought to the disk", path) }
    }

    static func move(_ path: String, to destination: String) throws {
        guard rename(path, destination) == 0 else { throw failure("moved to `\(destination)`", path) }
        let folder = (destination as NSString).deletingLastPathComponent
        // The new name is on the disk when its folder is.
        try synchronize(folder.isEmpty ? "." : folder)
    }

    static func failure(_ what: String, _ path: String) -> StoreFailure {
        StoreFailure(.unavailable, "`\(path)` cannot be \(what): \(String(cString: strerror(errno)))")
    }
}

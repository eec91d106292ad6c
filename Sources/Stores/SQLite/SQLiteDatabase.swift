import Domain
import Foundation
import GRDB

/// The database file that everything of a workspace is kept in.
package struct SQLiteDatabase: Sendable {
    let writer: any DatabaseWriter
    private let path: String

    /// Opens the file at `path`, making it and its folder if need be, and brings its schema up to date.
    ///
    /// Waits up to 10 s for another process that writes.
    package init(path: String) throws {
        do {
            let folder = (path as NSString).deletingLastPathComponent
            if !folder.isEmpty {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            }
            var configuration = Configuration()
            configuration.busyMode = .timeout(10)
            configuration.prepareDatabase { database in
                // In WAL mode NORMAL survives the end of the process, only not the loss of power, at a fraction of the cost.
                // Checkpoints at 16 MB instead of 4: a page that many lines change is then copied once.
                try database.execute(
                    sql: """
                        PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;
                        PRAGMA cache_size = -8000; PRAGMA wal_autocheckpoint = 4000
                        """)
            }
            // One connection: a pool's readers gain nothing here, and a pool writes to the file whenever it is opened.
            writer = try DatabaseQueue(path: path, configuration: configuration)
            try Migrations.apply(to: writer)
            self.path = path
        } catch let error as DatabaseError {
            throw StoreFailure(path: path, error)
        } catch let error as CocoaError {
            throw StoreFailure("the store `\(path)`: its folder cannot be made: \(error.localizedDescription)")
        }
    }

    /// A database in memory, for tests and for runs that keep nothing.
    package init() throws {
        writer = try DatabaseQueue()
        path = ":memory:"
        try Migrations.apply(to: writer)
    }

    /// Writes in one transaction, even if the caller's task is cancelled: what was finished before Ctrl-C cost money
    /// and must be kept.
    func write<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result) async throws -> Result {
        let writer = writer
        do {
            return try await Task { try await writer.write(body) }.value
        } catch let error as DatabaseError {
            throw StoreFailure(path: path, error)
        }
    }

    /// Reads one consistent state.
    func read<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result) async throws -> Result {
        do {
            return try await writer.read(body)
        } catch let error as DatabaseError {
            throw StoreFailure(path: path, error)
        }
    }
}

/// The database cannot be used.
struct StoreFailure: Failure {
    let message: String
    var code: String { "StoreFailed" }
    var blame: Blame { .environment }

    init(path: String, _ error: DatabaseError) {
        let reason =
            switch error.resultCode {
            case .SQLITE_CANTOPEN: "it cannot be opened; check the path and its permissions"
            case .SQLITE_NOTADB: "it is no SQLite database; move the file away"
            case .SQLITE_FULL: "the disk is full; make room and try again"
            case .SQLITE_CORRUPT: "it is damaged; restore a copy"
            case .SQLITE_BUSY: "another process has been writing for 10 s; try again when it is done"
            case .SQLITE_READONLY: "it is read-only; check its permissions"
            default: error.message ?? "\(error.resultCode)"
            }
        message = "the store `\(path)`: \(reason)"
    }

    init(_ message: String) { self.message = message }
}

import Domain
import Foundation
import GRDB

/// The database file that everything of a workspace is kept in.
package struct SQLiteDatabase: SQLDatabase {
    let writer: any DatabaseWriter
    package let engine = SQLEngine.sqlite
    /// Its path.
    package let name: String
    private let workers: SQLWorkers<Void>

    /// Calls that may wait; a call takes about a tenth of a millisecond.
    private static let queueLimit = 4096

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
            // One connection: a pool's readers gain nothing here, and a pool writes to the file whenever it is opened.
            try self.init(writer: DatabaseQueue(path: path, configuration: Self.configuration()), name: path)
        } catch let error as DatabaseError {
            throw StoreFailure(path: path, error)
        } catch let error as CocoaError {
            throw StoreFailure(
                .unavailable, "the store `\(path)`: its folder cannot be made: \(error.localizedDescription)")
        }
    }

    /// A database in memory, for tests and for runs that keep nothing.
    package init() throws {
        try self.init(writer: DatabaseQueue(), name: ":memory:")
    }

    private init(writer: any DatabaseWriter, name: String) throws {
        self.writer = writer
        self.name = name
        workers = SQLWorkers(name: "pawang-sqlite", count: 1, limit: Self.queueLimit) {}
        try Migrations.apply(to: self)
    }

    /// What a connection is set to; `busySeconds` is how long it waits for another process that writes.
    static func configuration(busySeconds: Double = 10) -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(busySeconds)
        configuration.prepareDatabase { database in
            // In WAL mode NORMAL survives the end of the process, only not the loss of power, at a fraction of the cost.
            // Checkpoints at 16 MB instead of 4: a page that many lines change is then copied once.
            try database.execute(
                sql: """
                    PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;
                    PRAGMA cache_size = -8000; PRAGMA wal_autocheckpoint = 4000
                    """)
        }
        return configuration
    }

    package func run<Value: Sendable>(
        _ access: SQLAccess, _ body: @escaping @Sendable (any SQLConnection) throws -> Value,
        completion: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        submit(completion: completion) { writer in
            switch access {
            case .read: try writer.read { try body(SQLiteConnection($0)) }
            case .write: try writer.write { try body(SQLiteConnection($0)) }
            }
        }
    }

    /// Writes with GRDB itself, for what only SQLite can do.
    func writeSQLite<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            submit(completion: { continuation.resume(with: $0) }) { try $0.write(body) }
        }
    }

    /// Reads with GRDB itself.
    func readSQLite<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            submit(completion: { continuation.resume(with: $0) }) { try $0.read(body) }
        }
    }

    private func submit<Value: Sendable>(
        completion: @escaping @Sendable (Result<Value, any Error>) -> Void,
        _ work: @escaping @Sendable (any DatabaseWriter) throws -> Value
    ) {
        let isQueued = workers.submit { [writer, name] _ in
            let result = Result {
                do {
                    return try work(writer)
                } catch let error as DatabaseError {
                    throw StoreFailure(path: name, error)
                } catch let failure as StoreFailure where failure.kind == .value {
                    throw StoreFailure(.value, "the store `\(name)`: \(failure.message)")
                }
            }
            return { completion(result) }
        }
        if !isQueued { completion(.failure(StoreFailure.tooMany(name, limit: Self.queueLimit))) }
    }
}

extension StoreFailure {
    init(path: String, _ error: DatabaseError) {
        let (kind, reason): (Kind, String) =
            switch error.resultCode {
            case .SQLITE_CANTOPEN: (.unavailable, "it cannot be opened; check the path and its permissions")
            case .SQLITE_NOTADB: (.damaged, "it is no SQLite database; move the file away")
            case .SQLITE_FULL: (.full, "the disk is full; make room and try again")
            case .SQLITE_CORRUPT: (.damaged, "it is damaged; restore a copy")
            case .SQLITE_BUSY: (.busy, "another process has been writing for 10 s; try again when it is done")
            case .SQLITE_READONLY: (.readOnly, "it is read-only; check its permissions")
            case .SQLITE_IOERR:
                (.unavailable, "the disk cannot be read or written (\(error.extendedResultCode)); check it")
            case .SQLITE_CONSTRAINT:
                (.conflict, "what is to be added contradicts what is there: \(error.message ?? "\(error.resultCode)")")
            default: (.other, error.message ?? "\(error.resultCode)")
            }
        self.init(kind, "the store `\(path)`: \(reason)")
    }

    /// The sentences without the store's name, which whoever runs the transaction puts before them.
    static let notANumber = StoreFailure(.value, "NaN cannot be kept; leave the value out")
    static let textWithNUL = StoreFailure(.value, "a text with the character NUL (U+0000) cannot be kept; remove it")

    static func tooMany(_ name: String, limit: Int) -> StoreFailure {
        StoreFailure(.busy, "the store `\(name)`: \(limit) calls are waiting already; try again later")
    }
}

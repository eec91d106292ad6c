import Dispatch
import Synchronization

/// Which database it is: only types, locks and bulk loading differ.
package enum SQLEngine: String, Sendable, CaseIterable {
    case sqlite
    case postgreSQL = "postgresql"
}

/// What a transaction may do.
package enum SQLAccess: Sendable {
    /// One consistent state; nothing can be changed.
    case read
    /// SQLite: the only writer. PostgreSQL: rows are locked as they are changed.
    case write
}

/// A database, whichever it is.
///
/// Transactions run on the database's own threads. A body must not start another transaction of the same database, and
/// it may be run a second time when the connection was lost or another transaction was in the way, before anything was
/// committed: it changes nothing but the database.
package protocol SQLDatabase: Sendable {
    var engine: SQLEngine { get }
    /// What it is called in messages; without a password.
    var name: String { get }

    /// Runs `body` in a transaction, which is rolled back if it throws, then gives `completion` what came of it.
    ///
    /// The queue is bounded; where it is full, `completion` is called at once with a failure.
    func run<Value: Sendable>(
        _ access: SQLAccess, _ body: @escaping @Sendable (any SQLConnection) throws -> Value,
        completion: @escaping @Sendable (Result<Value, any Error>) -> Void)
}

extension SQLDatabase {
    /// Reads in one transaction; blocks the calling thread.
    package func read<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) throws -> Value
    {
        try wait(.read, body)
    }

    /// Writes in one transaction; blocks the calling thread.
    package func write<Value: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Value) throws -> Value
    {
        try wait(.write, body)
    }

    /// Reads in one transaction without blocking a thread of Swift's pool.
    package func reading<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            run(.read, body) { continuation.resume(with: $0) }
        }
    }

    /// Writes in one transaction without blocking a thread of Swift's pool.
    ///
    /// It is not canceled with the caller's task: what was finished before Ctrl-C cost money and must be kept.
    package func writing<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            run(.write, body) { continuation.resume(with: $0) }
        }
    }

    private func wait<Value: Sendable>(
        _ access: SQLAccess, _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) throws -> Value {
        let outcome = Outcome<Value>()
        run(access, body) { outcome.set($0) }
        return try outcome.wait()
    }
}

/// What comes of a call on another thread.
private final class Outcome<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let isThere = DispatchSemaphore(value: 0)

    func set(_ value: Result<Value, any Error>) {
        result.withLock { $0 = value }
        isThere.signal()
    }

    func wait() throws -> Value {
        isThere.wait()
        let result = result.withLock { $0 }
        guard let result else { preconditionFailure("woken without a result") }
        return try result.get()
    }
}

/// A connection within a transaction.
///
/// Statements are plain SQL that both engines understand, with `?` for values; they are prepared once a connection.
package protocol SQLConnection: AnyObject {
    var engine: SQLEngine { get }

    /// Runs a statement and returns how many rows it changed.
    @discardableResult
    func execute(_ sql: String, _ values: [SQLValue]) throws -> Int

    /// Runs a statement and returns its rows; what may be large is asked for in pages.
    func query(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow]

    /// Runs statements without values, for the schema.
    func run(script: String) throws

    /// Adds rows and returns how many were added or changed. No key may be twice among rows that replace or add.
    @discardableResult
    func insert(into table: String, columns: [String], rows: [[SQLValue]], onConflict: SQLConflict) throws -> Int
}

extension SQLConnection {
    @discardableResult
    package func execute(_ sql: String) throws -> Int { try execute(sql, []) }

    package func query(_ sql: String) throws -> [SQLRow] { try query(sql, []) }

    @discardableResult
    package func insert(into table: String, columns: [String], rows: [[SQLValue]]) throws -> Int {
        try insert(into: table, columns: columns, rows: rows, onConflict: .fail)
    }
}

/// What happens to a row whose key is taken.
package enum SQLConflict: Sendable, Hashable {
    /// Nothing of the batch is added.
    case fail
    /// The row that is there stays.
    case ignore(key: [String])
    /// All other columns are replaced.
    case replace(key: [String])
    /// All other columns are added to those that are there.
    case add(key: [String])
}

import CPostgreSQL
import Glibc

/// One connection to PostgreSQL, used by one thread only.
///
/// It is opened at the first transaction and again after it was lost.
final class PostgreSQLConnection: SQLConnection {
    /// How long a statement may take.
    static let statementSeconds = 60
    /// Prepared statements that are kept a connection.
    private static let statementLimit = 256
    /// Tries of a transaction that another one got in the way of.
    private static let attempts = 6

    let engine = SQLEngine.postgreSQL
    private let address: PostgreSQLAddress
    private var handle: OpaquePointer?
    private var statements: [String: String] = [:]

    init(_ address: PostgreSQLAddress) { self.address = address }

    deinit { PQfinish(handle) }

    /// Runs `body` in a transaction.
    ///
    /// It is run again after the connection was lost before the commit (once), and after a deadlock.
    func transaction<Value>(_ access: SQLAccess, _ body: (any SQLConnection) throws -> Value) throws -> Value {
        var losses = 0
        var conflicts = 0
        while true {
            do {
                try open()
                return try attempt(access, body)
            } catch let failure as PostgreSQLFailure where isLost {
                close()
                losses += 1
                guard losses < 2 else { throw failure.failure(store: address.name) }
            } catch let failure as PostgreSQLFailure where failure.isTransient {
                conflicts += 1
                guard conflicts < Self.attempts else { throw failure.failure(store: address.name) }
                // A moment of chance, so that the two do not meet again.
                usleep(.random(in: 1000...20_000) * UInt32(conflicts))
            } catch let failure as PostgreSQLFailure {
                throw failure.failure(store: address.name)
            } catch let failure as StoreFailure where failure.kind == .value {
                throw StoreFailure(.value, "the store `\(address.name)`: \(failure.message)")
            }
        }
    }

    private func attempt<Value>(
        _ access: SQLAccess, _ body: (any SQLConnection) throws -> Value
    ) throws -> Value {
        try run(script: access == .write ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        let value: Value
        do {
            value = try body(self)
        } catch {
            try? run(script: "ROLLBACK")
            // A connection that cannot go back is of no more use; with it goes the transaction.
            if !isLost, PQtransactionStatus(handle) != PQTRANS_IDLE { close() }
            throw error
        }
        do {
            try commit()
        } catch let failure as PostgreSQLFailure where isLost && access == .write {
            close()
            throw StoreFailure(
                .uncertain,
                "the store `\(address.name)`: the connection was lost while committing; whether it was done is not known: \(failure.text)"
            )
        }
        return value
    }

    /// Commits; where a statement failed and nobody minded, the server would roll back and say that all is well.
    private func commit() throws {
        let result = try checked(PQexec(handle, "COMMIT"))
        defer { PQclear(result) }
        guard String(cString: PQcmdStatus(result)) == "COMMIT" else {
            throw PostgreSQLFailure(state: "25P02", text: "a statement before had failed, so nothing was committed")
        }
    }

    private var isLost: Bool { PQstatus(handle) != CONNECTION_OK }

    private func close() {
        PQfinish(handle)
        handle = nil
        statements = [:]
    }

    /// Opens the connection if need be.
    private func open() throws {
        guard handle == nil else { return }
        // What the URL says comes later and counts.
        let settings: [(String, String)] = [
            ("connect_timeout", "10"), ("application_name", "pawang"), ("client_encoding", "UTF8"),
            ("keepalives_idle", "30"), ("tcp_user_timeout", "30000"), ("dbname", address.url),
        ]
        handle = withCStrings(settings.map(\.0)) { keywords in
            withCStrings(settings.map(\.1)) { values in PQconnectdbParams(keywords, values, 1) }
        }
        guard PQstatus(handle) == CONNECTION_OK else {
            let failure = PostgreSQLFailure(connecting: String(cString: PQerrorMessage(handle)))
            close()
            throw failure.failure(store: address.name)
        }
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        let seconds = Self.statementSeconds
        try run(
            script: """
                SET statement_timeout = '\(seconds)s'; SET lock_timeout = '\(seconds)s';
                SET idle_in_transaction_session_timeout = '\(2 * seconds)s'; SET client_min_messages = warning;
                SET bytea_output = hex; SET extra_float_digits = 1; SET standard_conforming_strings = on;
                SET client_encoding = 'UTF8'
                """)
    }

    func execute(_ sql: String, _ values: [SQLValue]) throws -> Int {
        let result = try perform(sql, values)
        defer { PQclear(result) }
        return Self.changes(result)
    }

    func query(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow] {
        let result = try perform(sql, values)
        defer { PQclear(result) }
        return try PostgreSQLResult(result).rows()
    }

    func run(script: String) throws { PQclear(try checked(PQexec(handle, script))) }

    private func perform(_ sql: String, _ values: some Collection<SQLValue>) throws -> OpaquePointer? {
        let parameters = try PostgreSQLParameters(values)
        let name = try prepare(sql)
        let result = parameters.with { count, pointers, lengths, formats in
            PQexecPrepared(handle, name, count, pointers, lengths, formats, 0)
        }
        return try checked(result)
    }

    /// The name of the statement on the server, prepared at its first use.
    private func prepare(_ sql: String) throws -> String {
        if let name = statements[sql] { return name }
        if statements.count >= Self.statementLimit {
            try run(script: "DEALLOCATE ALL")
            statements = [:]
        }
        let name = "s\(statements.count)"
        PQclear(try checked(PQprepare(handle, name, SQLText.numbered(sql), 0, nil)))
        statements[sql] = name
        return name
    }

    /// The result, if it is no error.
    private func checked(_ result: OpaquePointer?) throws -> OpaquePointer? {
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_COPY_IN: return result
        default:
            defer { PQclear(result) }
            throw PostgreSQLFailure(result: result, connection: handle)
        }
    }

    private static func changes(_ result: OpaquePointer?) -> Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }
}

extension PostgreSQLConnection {
    /// Values of one statement; PostgreSQL's protocol has 16 bits for their number.
    private static let valueLimit = 60_000
    /// Rows of a prepared `INSERT`; what is left of a batch is sent in statements of one row.
    private static let chunk = 50
    /// Bytes that are handed to `COPY` at once.
    private static let copyBytes = 1 << 20

    func insert(into table: String, columns: [String], rows: [[SQLValue]], onConflict: SQLConflict) throws -> Int {
        guard !rows.isEmpty else { return 0 }
        switch onConflict {
        case .fail: return try copy(into: table, columns: columns, rows: rows)
        case .ignore:
            // Nearly always no key is taken, and COPY costs half.
            try run(script: "SAVEPOINT bulk")
            do {
                let count = try copy(into: table, columns: columns, rows: rows)
                try run(script: "RELEASE SAVEPOINT bulk")
                return count
            } catch let failure as PostgreSQLFailure where failure.isConflict {
                try run(script: "ROLLBACK TO SAVEPOINT bulk")
                return try insertInChunks(into: table, columns: columns, rows: rows, onConflict: onConflict)
            }
        case .replace, .add:
            return try insertInChunks(into: table, columns: columns, rows: rows, onConflict: onConflict)
        }
    }

    private func insertInChunks(
        into table: String, columns: [String], rows: [[SQLValue]], onConflict: SQLConflict
    ) throws -> Int {
        let size = max(1, min(Self.chunk, Self.valueLimit / max(1, columns.count)))
        var changed = 0
        var place = 0
        while place < rows.count {
            let count = rows.count - place >= size ? size : 1
            let sql = SQLText.insert(into: table, columns: columns, rows: count, onConflict: onConflict)
            changed += try execute(sql, rows[place..<place + count].flatMap { $0 })
            place += count
        }
        return changed
    }

    private func copy(into table: String, columns: [String], rows: [[SQLValue]]) throws -> Int {
        PQclear(try checked(PQexec(handle, "COPY \(table) (\(columns.joined(separator: ", "))) FROM STDIN")))
        var text = PostgreSQLCopyText()
        do {
            for row in rows {
                try text.append(row)
                if text.bytes.count >= Self.copyBytes { try send(&text) }
            }
            try send(&text)
        } catch {
            // A value that cannot be kept: the server is told to forget what it has.
            _ = PQputCopyEnd(handle, "a value was refused")
            while let result = PQgetResult(handle) { PQclear(result) }
            throw error
        }
        guard PQputCopyEnd(handle, nil) == 1 else { throw PostgreSQLFailure(result: nil, connection: handle) }
        var count = 0
        var failure: PostgreSQLFailure?
        while let result = PQgetResult(handle) {
            if PQresultStatus(result) == PGRES_COMMAND_OK {
                count = Self.changes(result)
            } else {
                failure = failure ?? PostgreSQLFailure(result: result, connection: handle)
            }
            PQclear(result)
        }
        if let failure { throw failure }
        return count
    }

    private func send(_ text: inout PostgreSQLCopyText) throws {
        let status = text.bytes.withUnsafeBytes { buffer in
            PQputCopyData(handle, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count))
        }
        guard status == 1 else { throw PostgreSQLFailure(result: nil, connection: handle) }
        text.removeAll()
    }
}

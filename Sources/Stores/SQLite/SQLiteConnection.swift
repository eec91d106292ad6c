import GRDB
import GRDBSQLite
import Glibc

/// SQLite's connection within a transaction.
///
/// Values are bound and read by SQLite's own functions: GRDB's arguments would cost more than the statement does.
final class SQLiteConnection: SQLConnection {
    private let database: Database
    let engine = SQLEngine.sqlite

    init(_ database: Database) { self.database = database }

    func execute(_ sql: String, _ values: [SQLValue]) throws -> Int {
        let statement = try prepared(sql, values)
        defer { sqlite3_reset(statement) }
        try step(statement, sql) { _ in }
        return database.changesCount
    }

    func query(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow] {
        let statement = try prepared(sql, values)
        defer { sqlite3_reset(statement) }
        let columns = sqlite3_column_count(statement)
        var rows: [SQLRow] = []
        try step(statement, sql) { statement in
            rows.append(SQLRow((0..<columns).map { Self.value(statement, $0) }))
        }
        return rows
    }

    func run(script: String) throws { try database.execute(sql: script) }

    func insert(into table: String, columns: [String], rows: [[SQLValue]], onConflict: SQLConflict) throws -> Int {
        guard let first = rows.first else { return 0 }
        let sql = SQLText.insert(into: table, columns: columns, rows: 1, onConflict: onConflict)
        let statement = try prepared(sql, first)
        defer { sqlite3_reset(statement) }
        var changed = 0
        for (number, row) in rows.enumerated() {
            if number > 0 {
                sqlite3_reset(statement)
                try bind(row, to: statement)
            }
            try step(statement, sql) { _ in }
            changed += Int(sqlite3_changes(database.sqliteConnection))
        }
        return changed
    }

    private func prepared(_ sql: String, _ values: [SQLValue]) throws -> OpaquePointer {
        let statement = try database.cachedStatement(sql: sql).sqliteStatement
        sqlite3_reset(statement)
        try bind(values, to: statement)
        return statement
    }

    private func bind(_ values: [SQLValue], to statement: OpaquePointer) throws {
        precondition(
            values.count == sqlite3_bind_parameter_count(statement), "a value for each `?` of the statement")
        for (index, value) in values.enumerated() {
            let place = Int32(truncatingIfNeeded: index + 1)
            let code =
                switch value {
                case .null: sqlite3_bind_null(statement, place)
                case .int(let number): sqlite3_bind_int64(statement, place, Int64(number))
                case .double(let number): try Self.bind(number, to: statement, at: place)
                case .text(let text): try Self.bind(text, to: statement, at: place)
                case .blob(let bytes): Self.bind(bytes, to: statement, at: place)
                }
            guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
        }
    }

    private static func bind(_ number: Double, to statement: OpaquePointer, at place: Int32) throws -> Int32 {
        guard !number.isNaN else { throw StoreFailure.notANumber }
        return sqlite3_bind_double(statement, place, number)
    }

    private static func bind(_ text: String, to statement: OpaquePointer, at place: Int32) throws -> Int32 {
        var text = text
        return try text.withUTF8 { bytes in
            // The address of nothing would bind NULL.
            guard let base = bytes.baseAddress, !bytes.isEmpty else {
                return sqlite3_bind_text(statement, place, "", 0, transient)
            }
            guard memchr(base, 0, bytes.count) == nil else { throw StoreFailure.textWithNUL }
            return base.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                sqlite3_bind_text64(
                    statement, place, $0, sqlite3_uint64(bytes.count), transient, UInt8(SQLITE_UTF8))
            }
        }
    }

    private static func bind(_ bytes: [UInt8], to statement: OpaquePointer, at place: Int32) -> Int32 {
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress, !buffer.isEmpty else {
                return sqlite3_bind_zeroblob(statement, place, 0)
            }
            return sqlite3_bind_blob64(statement, place, base, sqlite3_uint64(buffer.count), transient)
        }
    }

    /// Tells SQLite to copy what it is given.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private func step(_ statement: OpaquePointer, _ sql: String, _ row: (OpaquePointer) -> Void) throws {
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: row(statement)
            case SQLITE_DONE: return
            case let code:
                throw DatabaseError(
                    resultCode: ResultCode(rawValue: code),
                    message: String(cString: sqlite3_errmsg(sqlite3_db_handle(statement))), sql: sql)
            }
        }
    }

    private static func value(_ statement: OpaquePointer, _ column: Int32) -> SQLValue {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: return .int(Int(sqlite3_column_int64(statement, column)))
        case SQLITE_FLOAT: return .double(sqlite3_column_double(statement, column))
        case SQLITE_TEXT:
            guard let text = sqlite3_column_text(statement, column) else { return .null }
            let count = Int(sqlite3_column_bytes(statement, column))
            return .text(String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            guard let bytes = sqlite3_column_blob(statement, column) else { return .blob([]) }
            let count = Int(sqlite3_column_bytes(statement, column))
            return .blob(Array(UnsafeRawBufferPointer(start: bytes, count: count)))
        default: return .null
        }
    }
}

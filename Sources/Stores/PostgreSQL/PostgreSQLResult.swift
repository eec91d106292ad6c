import CPostgreSQL
import Glibc

/// What a statement gave.
struct PostgreSQLResult {
    private let result: OpaquePointer?

    init(_ result: OpaquePointer?) { self.result = result }

    func rows() throws -> [SQLRow] {
        let columns = PQnfields(result)
        let types = (0..<columns).map { Kind(PQftype(result, $0)) }
        var rows: [SQLRow] = []
        rows.reserveCapacity(Int(PQntuples(result)))
        for row in 0..<PQntuples(result) {
            rows.append(SQLRow(try (0..<columns).map { try value(row, $0, types[Int($0)]) }))
        }
        return rows
    }

    /// How a column's texts are read.
    private enum Kind {
        case int, double, bytes, bool, text

        /// The numbers of types are fixed in PostgreSQL's catalogue `pg_type`.
        init(_ type: Oid) {
            self =
                switch type {
                case 20, 21, 23, 26: .int
                case 700, 701: .double
                case 17: .bytes
                case 16: .bool
                default: .text
                }
        }
    }

    private func value(_ row: Int32, _ column: Int32, _ kind: Kind) throws -> SQLValue {
        guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else { return .null }
        let count = Int(PQgetlength(result, row, column))
        let bytes = UnsafeRawBufferPointer(start: start, count: count)
        switch kind {
        case .text: return .text(String(decoding: bytes, as: UTF8.self))
        case .bool: return .int(bytes.first == UInt8(ascii: "t") ? 1 : 0)
        case .bytes: return .blob(try Self.blob(bytes))
        case .int:
            guard let number = Int(String(decoding: bytes, as: UTF8.self)) else { throw Self.unreadable }
            return .int(number)
        case .double:
            // `Infinity` and `NaN` are read as well.
            guard let number = Double(String(decoding: bytes, as: UTF8.self)) else { throw Self.unreadable }
            return .double(number)
        }
    }

    /// Bytes from `\x` and two hexadecimal digits each.
    private static func blob(_ text: UnsafeRawBufferPointer) throws -> [UInt8] {
        guard text.count >= 2, text.count.isMultiple(of: 2), text[0] == UInt8(ascii: "\\"), text[1] == UInt8(ascii: "x")
        else { throw unreadable }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        for place in stride(from: 2, to: text.count, by: 2) {
            guard let high = digit(text[place]), let low = digit(text[place + 1]) else { throw unreadable }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    private static let unreadable = StoreFailure(.damaged, "the server answered a value that cannot be read")
}

/// Calls `body` with a null-terminated array of C strings.
func withCStrings<Value>(_ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value) -> Value {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return (copies.map { UnsafePointer($0) } + [nil]).withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("the array holds at least its end") }
        return body(base)
    }
}

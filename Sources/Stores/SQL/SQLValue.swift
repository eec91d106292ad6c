/// A value that both engines keep alike.
///
/// Texts hold no NUL, which PostgreSQL cannot keep, and numbers are never NaN, which SQLite turns into NULL; both are
/// refused where they are bound.
package enum SQLValue: Sendable, Hashable {
    case null
    case int(Int)
    case double(Double)
    case text(String)
    case blob([UInt8])

    package init(_ value: Int?) { self = value.map { .int($0) } ?? .null }
    package init(_ value: String?) { self = value.map { .text($0) } ?? .null }
    package init(_ value: Bool) { self = .int(value ? 1 : 0) }

    /// A text of somebody else's, in which NUL becomes U+FFFD: a name that a client made up must not stop a batch.
    package static func foreign(_ text: String) -> SQLValue {
        text.utf8.contains(0) ? .text(text.replacing("\u{0}", with: "\u{FFFD}")) : .text(text)
    }

    /// The same for a text that may be missing.
    package static func foreign(_ text: String?) -> SQLValue { text.map { .foreign($0) } ?? .null }
}

extension SQLValue: ExpressibleByNilLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    package init(nilLiteral: ()) { self = .null }
    package init(integerLiteral value: Int) { self = .int(value) }
    package init(stringLiteral value: String) { self = .text(value) }
}

/// One row of an answer; columns count from 0 in the statement's order.
package struct SQLRow: Sendable, Hashable {
    package let values: [SQLValue]

    package init(_ values: [SQLValue]) { self.values = values }

    /// The integer in a column.
    ///
    /// Throws if it holds anything else: the schema and the code do not fit each other.
    package func int(_ column: Int) throws -> Int {
        guard case .int(let value) = values[column] else { throw mismatch(column, "an integer") }
        return value
    }

    package func text(_ column: Int) throws -> String {
        guard case .text(let value) = values[column] else { throw mismatch(column, "a text") }
        return value
    }

    package func double(_ column: Int) throws -> Double {
        switch values[column] {
        case .double(let value): return value
        case .int(let value): return Double(value)
        default: throw mismatch(column, "a number")
        }
    }

    package func blob(_ column: Int) throws -> [UInt8] {
        guard case .blob(let value) = values[column] else { throw mismatch(column, "bytes") }
        return value
    }

    package func bool(_ column: Int) throws -> Bool { try int(column) != 0 }

    package func optionalInt(_ column: Int) throws -> Int? { values[column] == .null ? nil : try int(column) }

    package func optionalText(_ column: Int) throws -> String? { values[column] == .null ? nil : try text(column) }

    private func mismatch(_ column: Int, _ wanted: String) -> StoreFailure {
        StoreFailure(
            .damaged,
            "the store holds no \(wanted.dropFirst(2)) where \(wanted) belongs (column \(column)); restore a copy")
    }
}

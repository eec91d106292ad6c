/// Statements in the form that an engine wants.
enum SQLText {
    /// The statement with `$1`, `$2` … for each `?` that stands outside quotes and comments.
    static func numbered(_ sql: String) -> String {
        var result: [UInt8] = []
        var number = 0
        /// What ends the quoted part or comment that we are in.
        var end: [UInt8]?
        let bytes = Array(sql.utf8)
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            let next = place + 1 < bytes.count ? bytes[place + 1] : 0
            if let closing = end {
                if byte == closing[0], closing.count == 1 || next == closing[1] {
                    result.append(contentsOf: closing)
                    place += closing.count
                    end = nil
                    continue
                }
                result.append(byte)
            } else if byte == UInt8(ascii: "?") {
                number += 1
                result.append(contentsOf: "$\(number)".utf8)
            } else {
                if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") { end = [byte] }
                if byte == UInt8(ascii: "-"), next == byte { end = [UInt8(ascii: "\n")] }
                if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
                    end = Array("*/".utf8)
                    // `/*/` does not end what it begins.
                    result.append(byte)
                    place += 1
                    result.append(next)
                    place += 1
                    continue
                }
                result.append(byte)
            }
            place += 1
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// An `INSERT` of `rows` rows with a `?` for each value.
    static func insert(into table: String, columns: [String], rows: Int, onConflict: SQLConflict) -> String {
        let row = "(" + repeatElement("?", count: columns.count).joined(separator: ", ") + ")"
        let values = repeatElement(row, count: rows).joined(separator: ", ")
        return "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES \(values)"
            + onConflict.clause(table: table, columns: columns)
    }

    /// A script of the schema's history, which is written for SQLite, with PostgreSQL's types.
    ///
    /// Texts are compared by their bytes, as in SQLite.
    static func postgreSQL(_ script: String) -> String {
        script.replacing(") STRICT, WITHOUT ROWID;", with: ");").replacing(") STRICT;", with: ");")
            .replacing(" INTEGER", with: " BIGINT").replacing(" BLOB", with: " BYTEA")
            .replacing(" TEXT", with: " TEXT COLLATE \"C\"")
    }
}

extension SQLConflict {
    fileprivate func clause(table: String, columns: [String]) -> String {
        switch self {
        case .fail: ""
        case .ignore(let key): " ON CONFLICT (\(key.joined(separator: ", "))) DO NOTHING"
        case .replace(let key): Self.update(key, columns) { "\($0) = excluded.\($0)" }
        case .add(let key): Self.update(key, columns) { "\($0) = \(table).\($0) + excluded.\($0)" }
        }
    }

    private static func update(_ key: [String], _ columns: [String], _ change: (String) -> String) -> String {
        " ON CONFLICT (\(key.joined(separator: ", "))) DO UPDATE SET "
            + columns.filter { !key.contains($0) }.map(change).joined(separator: ", ")
    }
}

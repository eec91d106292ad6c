package import Domain

/// Joins the rows of several sources into lines.
package enum SourceAlignment {
    /// One line: its number, and for each source its row.
    package struct Line: Sendable, Equatable {
        package var lineNumber: Int
        /// `source name → row`, as ``ColumnMapping/apply(to:)`` takes it.
        package var sources: JSONObject

        package init(lineNumber: Int, sources: JSONObject) {
            self.lineNumber = lineNumber
            self.sources = sources
        }
    }

    /// Joins sources by `line_number` where a source has one, and by position where it has none.
    ///
    /// Lines missing in any source are dropped, as are rows without a number in a source that has numbers. Lines come in
    /// the order in which the first source introduces them. Throws ``InputMappingError`` for an empty source, for sources
    /// without numbers of different lengths, and if no line is left.
    package static func join(
        _ sources: [(name: String, rows: [JSONObject])]
    ) throws(InputMappingError) -> [Line] {
        var lengths: [String: Int] = [:]
        for (name, rows) in sources {
            guard !rows.isEmpty else { throw InputMappingError(.emptySource(name)) }
            if !rows.contains(where: { $0.contains(ColumnMapping.lineNumberKey) }) { lengths[name] = rows.count }
        }
        guard Set(lengths.values).count <= 1 else { throw InputMappingError(.differentLengths(lengths)) }

        var order: [Int] = []
        var lines: [Int: JSONObject] = [:]
        for (name, rows) in sources {
            for (position, row) in rows.enumerated() {
                guard let number = lengths[name] == nil ? row[ColumnMapping.lineNumberKey]?.int : position else {
                    continue
                }
                if lines[number] == nil { order.append(number) }
                lines[number, default: JSONObject()][name] = .object(row)
            }
        }
        let complete = order.compactMap { number -> Line? in
            guard let joined = lines[number], joined.count == sources.count else { return nil }
            return Line(lineNumber: number, sources: joined)
        }
        guard !complete.isEmpty else { throw InputMappingError(.noCompleteLine) }
        return complete
    }
}

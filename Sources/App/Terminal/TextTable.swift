/// A table of aligned columns for the terminal.
struct TextTable {
    private let headings: [String]
    private var rows: [[String]] = []

    init(_ headings: [String]) { self.headings = headings }

    /// Adds a row; missing cells are empty.
    mutating func add(_ cells: [String]) { rows.append(cells) }

    /// The table's lines, each column as wide as its widest cell.
    var text: String {
        let all = [headings] + rows
        let widths = headings.indices.map { column in
            all.map { column < $0.count ? Self.width($0[column]) : 0 }.max() ?? 0
        }
        return all.map { row in
            headings.indices.map { column -> String in
                let cell = column < row.count ? row[column] : ""
                let isLast = column == headings.count - 1
                return isLast ? cell : cell + String(repeating: " ", count: widths[column] - Self.width(cell))
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    /// Columns a text takes: escape sequences take none, wide East Asian characters two.
    private static func width(_ text: String) -> Int {
        var width = 0
        var isEscape = false
        for scalar in text.unicodeScalars {
            if scalar == "\u{1B}" { isEscape = true }
            if isEscape {
                if scalar == "m" { isEscape = false }
                continue
            }
            if scalar.properties.generalCategory == .nonspacingMark { continue }
            let isWide =
                (0x1100...0x115F).contains(scalar.value) || (0x2E80...0xA4CF).contains(scalar.value)
                || (0xAC00...0xD7A3).contains(scalar.value) || (0xFF00...0xFF60).contains(scalar.value)
                || scalar.value >= 0x1F300
            width += isWide ? 2 : 1
        }
        return width
    }
}

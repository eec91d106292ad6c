import Domain

/// Writes the report of an experiment: one HTML file that needs no network, whatever the number of lines.
///
/// Memory is bounded by one block of lines. The file appears at its path when ``finish()`` returns, and not before;
/// a writer that is dropped leaves nothing behind.
package struct ReportWriter: ~Copyable {
    /// A block ends at this many lines, or when it holds this many bytes.
    static let linesPerBlock = 200
    static let bytesPerBlock = 1 << 20

    private let file: ReportFile
    private let assets: ReportAssets
    private let index: ReportIndex
    private var lineBlock: JSONWriter
    private var indexBlock: JSONWriter
    private var linesInBlock: Int
    private var linesWritten: Int

    /// JSON that can stand inside a script element: no `<`, and nothing that `JSON.parse` refuses.
    private static let options = JSONWriter.Options(escapesHTML: true, allowsNonFinite: false)

    /// Opens the report at `path` and writes all but its lines.
    package init(to path: String, assets: ReportAssets, summary: ReportSummary) throws {
        // A value that cannot be copied is initialised at once, after all that may throw.
        let file = try ReportFile(path: path)
        try Self.writeHead(of: summary, assets: assets, to: file)
        self.file = file
        self.assets = assets
        index = ReportIndex(summary)
        lineBlock = JSONWriter(options: Self.options)
        indexBlock = JSONWriter(options: Self.options)
        linesInBlock = 0
        linesWritten = 0
    }

    /// Adds a line; lines stand in the report in the order in which they are added.
    ///
    /// Throws if the summary does not name the line's dataset or has another number of variants.
    package mutating func append(_ line: ReportLine) throws {
        let row = try index.row(of: line)
        if linesInBlock > 0 {
            lineBlock.append(raw: ",")
            indexBlock.append(raw: ",")
        }
        lineBlock.append(line.json)
        indexBlock.append(row)
        linesInBlock += 1
        if linesInBlock >= Self.linesPerBlock || lineBlock.bytes.count >= Self.bytesPerBlock { try flush() }
    }

    /// Completes the report and puts it in place, over an older one.
    package consuming func finish() throws {
        try flush()
        try file.write(assets.pieces.last ?? "")
        try file.publish()
    }

    private mutating func flush() throws {
        guard linesInBlock > 0 else { return }
        try file.write("<script type=\"application/json\" class=\"index\">[")
        try file.write(indexBlock.bytes)
        try file.write("]</script>\n<script type=\"application/json\" class=\"lines\" data-from=\"\(linesWritten)\"")
        try file.write(" data-count=\"\(linesInBlock)\">[")
        try file.write(lineBlock.bytes)
        try file.write("]</script>\n")
        linesWritten += linesInBlock
        linesInBlock = 0
        lineBlock.removeAll()
        indexBlock.removeAll()
    }

    private static func writeHead(of summary: ReportSummary, assets: ReportAssets, to file: ReportFile) throws {
        var json = JSONWriter(options: options)
        json.append(summary.json)
        for (piece, slot) in zip(assets.pieces, ReportAssets.Slot.allCases) {
            try file.write(piece)
            switch slot {
            case .title: try file.write(escaped(summary.title))
            case .summary: try file.write(json.bytes)
            default: try file.write(assets.fixed[slot] ?? "")
            }
        }
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}

import Domain

/// Reads tables by RFC 4180: quoted cells may hold delimiters, doubled quotes and line ends.
///
/// Cells stay text.
///
/// Lines end with CRLF, LF or CR; blank lines count for nothing; a byte order mark is dropped.
struct DelimitedReader {
    private var window: ByteWindow
    private let delimiter: UInt8
    private var header: [String] = []
    /// The physical line where the row last read begins, from 1.
    private(set) var line = 0
    private var nextLine = 1
    /// Whether the cell that is being looked at began with a quote.
    private var isInQuotedCell = false

    init(path: String, delimiter: UInt8) throws {
        window = try ByteWindow(path: path)
        self.delimiter = delimiter
        guard let names = try nextRow() else { throw DatasetError(.empty, file: path, "the file is empty") }
        var seen: [String: Int] = [:]
        for (place, name) in names.enumerated() {
            guard !name.isEmpty else {
                throw DatasetError(.invalidHeader, file: path, line: line, "column \(place + 1) has no name")
            }
            if let first = seen.updateValue(place, forKey: name) {
                throw DatasetError(
                    .invalidHeader, file: path, line: line,
                    "column name `\(name)` is used twice, by columns \(first + 1) and \(place + 1)")
            }
        }
        header = names
    }

    mutating func next() throws -> JSONObject? {
        guard let cells = try nextRow() else { return nil }
        guard cells.count == header.count else {
            throw DatasetError(
                .raggedRow, file: window.path, line: line,
                "the row has \(cells.count) cell\(cells.count == 1 ? "" : "s"), but the header has \(header.count)")
        }
        var object = JSONObject()
        for (name, cell) in zip(header, cells) { object.append(name, .string(cell)) }
        return object
    }

    private mutating func nextRow() throws -> [String]? {
        while true {
            line = nextLine
            guard let row = try rowExtent() else { return nil }
            nextLine += row.newlines
            defer { window.consume(row.length + row.terminator) }
            if row.length > 0 { return try cells(in: window.start..<window.start + row.length) }
        }
    }

    private struct Extent {
        var length: Int
        var terminator: Int
        var newlines: Int
    }

    /// The bytes up to the row's end, the bytes of its line end, and the line ends in both.
    private mutating func rowExtent() throws -> Extent? {
        var place = 0
        var newlines = 0
        var isQuoted = false
        var isAtCellStart = true
        while true {
            while place < window.count {
                let byte = window.buffer[window.start + place]
                if isQuoted {
                    if byte == 0x22 { isQuoted = false } else if byte == 0x0A { newlines += 1 }
                    isAtCellStart = false
                } else if byte == 0x22 {
                    // A quote opens a cell at its start, and re-opens it right after a quote: that is a doubled one.
                    let follows = place > 0 && window.buffer[window.start + place - 1] == 0x22
                    if isAtCellStart || (follows && isInQuotedCell) { isQuoted = true }
                    if isAtCellStart { isInQuotedCell = true }
                    isAtCellStart = false
                } else if byte == delimiter {
                    isAtCellStart = true
                    isInQuotedCell = false
                } else if byte == 0x0A {
                    isInQuotedCell = false
                    return Extent(length: place, terminator: 1, newlines: newlines + 1)
                } else if byte == 0x0D {
                    if place + 1 == window.count, !window.isAtEnd { break }
                    isInQuotedCell = false
                    let isPair = place + 1 < window.count && window.buffer[window.start + place + 1] == 0x0A
                    return Extent(length: place, terminator: isPair ? 2 : 1, newlines: newlines + 1)
                } else {
                    isAtCellStart = false
                }
                place += 1
            }
            if window.isAtEnd {
                guard !isQuoted else {
                    throw DatasetError(
                        .unterminatedQuote, file: window.path, line: line,
                        "a quoted cell that begins in this row does not end")
                }
                guard window.count > 0 else { return nil }
                isInQuotedCell = false
                return Extent(length: window.count, terminator: 0, newlines: newlines)
            }
            do {
                try window.fill()
            } catch let error as DatasetError where error.kind == .tooLarge {
                throw DatasetError(.tooLarge, file: error.file, line: line, error.problem)
            }
        }
    }
    private func cells(in range: Range<Int>) throws -> [String] {
        var cells: [String] = []
        cells.reserveCapacity(header.count)
        var place = range.lowerBound
        while true {
            if place < range.upperBound, window.buffer[place] == 0x22 {
                cells.append(try quotedCell(at: &place, before: range.upperBound))
            } else {
                let start = place
                while place < range.upperBound, window.buffer[place] != delimiter { place += 1 }
                cells.append(try text(window.buffer[start..<place], at: start))
            }
            guard place < range.upperBound else { return cells }
            place += 1
        }
    }

    /// The cell that begins with the quote at `place`, which is moved to the delimiter behind it.
    private func quotedCell(at place: inout Int, before end: Int) throws -> String {
        let start = place
        var bytes: [UInt8] = []
        var isQuoted = true
        place += 1
        while place < end {
            let byte = window.buffer[place]
            if byte == 0x22 {
                if isQuoted {
                    isQuoted = false
                } else if window.buffer[place - 1] == 0x22 {
                    bytes.append(byte)
                    isQuoted = true
                } else {
                    bytes.append(byte)
                }
            } else if byte == delimiter, !isQuoted {
                break
            } else {
                bytes.append(byte)
            }
            place += 1
        }
        return try text(bytes[...], at: start)
    }

    private func text(_ bytes: ArraySlice<UInt8>, at start: Int) throws -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        let offset = window.offset + start - window.start
        try RowParser(path: window.path, line: line, offset: offset).requireUTF8(bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

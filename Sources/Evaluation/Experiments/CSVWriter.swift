package import Domain
import Foundation

/// Writes a CSV file (RFC 4180) of any size, put in place whole.
package struct CSVWriter: ~Copyable {
    private let path: String
    private let handle: FileHandle
    private var buffer: [UInt8] = []

    /// Opens the file and writes the header.
    package init(path: String, columns: [String]) throws {
        guard FileManager.default.createFile(atPath: path + ".part", contents: nil),
            let handle = FileHandle(forWritingAtPath: path + ".part")
        else {
            throw PlainFailure(
                "OutputFailed", "`\(path)` cannot be written; check the path and its permissions", blame: .environment)
        }
        self.path = path
        self.handle = handle
        appendRow(columns.map { .string($0) })
    }

    /// Writes a row.
    ///
    /// Null is an empty cell; lists and objects are JSON.
    package mutating func append(_ cells: [JSONValue]) throws {
        appendRow(cells)
        if buffer.count > 1 << 20 { try flush() }
    }

    private mutating func appendRow(_ cells: [JSONValue]) {
        for (place, cell) in cells.enumerated() {
            if place > 0 { buffer.append(UInt8(ascii: ",")) }
            switch cell {
            case .null: break
            case .string(let text): append(text)
            case .array, .object: append(cell.text())
            default: buffer.append(contentsOf: cell.text().utf8)
            }
        }
        buffer.append(0x0D)
        buffer.append(0x0A)
    }

    /// Puts the file in place.
    package consuming func finish() throws {
        try flush()
        try handle.close()
        guard rename(path + ".part", path) == 0 else {
            throw PlainFailure("OutputFailed", "`\(path)` cannot be replaced", blame: .environment)
        }
    }

    private mutating func append(_ text: String) {
        let needsQuotes = text.utf8.contains {
            $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 0x0A || $0 == 0x0D
        }
        guard needsQuotes else {
            buffer.append(contentsOf: text.utf8)
            return
        }
        buffer.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { buffer.append(byte) }
            buffer.append(byte)
        }
        buffer.append(UInt8(ascii: "\""))
    }

    private mutating func flush() throws {
        try handle.write(contentsOf: buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}

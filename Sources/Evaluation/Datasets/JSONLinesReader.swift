import Domain
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Reads one JSON object from each line that is not blank.
struct JSONLinesReader {
    private var window: ByteWindow
    /// The physical line last read, from 1.
    private(set) var line = 0

    init(path: String) throws { window = try ByteWindow(path: path) }

    mutating func next() throws -> JSONObject? {
        while let length = try nextLineLength() {
            let offset = window.offset
            let range = window.start..<window.start + length
            let isBlank = window.buffer[range].allSatisfy { $0 <= 0x20 }
            if !isBlank {
                let object = try RowParser(path: window.path, line: line, offset: offset).object(window.buffer[range])
                window.consume(min(length + 1, window.count))
                return object
            }
            window.consume(min(length + 1, window.count))
        }
        return nil
    }

    /// The number of bytes before the next line end, or `nil` at the end of the file.
    private mutating func nextLineLength() throws -> Int? {
        var searched = 0
        while true {
            if let place = window.firstNewline(after: searched) {
                line += 1
                return place
            }
            searched = window.count
            if window.isAtEnd {
                guard window.count > 0 else { return nil }
                line += 1
                return window.count
            }
            do {
                try window.fill()
            } catch let error as DatasetError where error.kind == .tooLarge {
                throw DatasetError(.tooLarge, file: error.file, line: line + 1, error.problem)
            }
        }
    }
}

extension ByteWindow {
    /// The distance from `start` to the first line feed, skipping the first `searched` bytes.
    func firstNewline(after searched: Int) -> Int? {
        buffer.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, let found = memchr(base + start + searched, 0x0A, count - searched)
            else {
                return nil
            }
            return UnsafeRawPointer(found) - base - start
        }
    }
}

/// Turns the bytes of one record into an object, or says what is wrong with them.
struct RowParser {
    let path: String
    let line: Int
    /// Where the record starts in the file, in bytes.
    let offset: Int

    func object(_ bytes: ArraySlice<UInt8>) throws -> JSONObject {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes)
        } catch {
            try requireUTF8(bytes)
            throw DatasetError(
                .invalidJSON, file: path, line: line, "invalid JSON at column \(error.offset + 1): \(error.message)")
        }
        guard let object = value.object else {
            throw DatasetError(
                .wrongShape, file: path, line: line, "a row must be a JSON object, but this is a \(value.kindName)")
        }
        return object
    }

    /// Throws with the byte offset in the file if the bytes are not UTF-8.
    func requireUTF8(_ bytes: ArraySlice<UInt8>) throws {
        guard let place = UTF8Check.firstInvalid(in: bytes) else { return }
        throw DatasetError(.invalidUTF8, file: path, line: line, "invalid UTF-8 at byte \(offset + place) of the file")
    }
}

/// Finds bytes that are not UTF-8.
enum UTF8Check {
    /// The distance from the slice's start to the first byte that does not belong to a valid scalar.
    static func firstInvalid(in bytes: ArraySlice<UInt8>) -> Int? {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var valid = 0
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): valid += UTF8.width(scalar)
            case .emptyInput: return nil
            case .error: return valid
            }
        }
    }
}

import Domain

/// Reads the objects of one JSON list without holding the list: finds each element's end, then parses that element.
struct JSONListReader {
    private var window: ByteWindow
    private var hasBegun = false
    private var hasEnded = false
    /// The physical line where the element last read begins, from 1.
    private(set) var line = 1
    private var nextLine = 1

    init(path: String) throws { window = try ByteWindow(path: path) }

    mutating func next() throws -> JSONObject? {
        if !hasBegun { try begin() }
        guard !hasEnded else { return nil }
        try skipBlanks()
        line = nextLine
        let (length, newlines) = try elementLength()
        let range = window.start..<window.start + length
        let object = try RowParser(path: window.path, line: line, offset: window.offset).object(window.buffer[range])
        window.consume(length)
        nextLine += newlines
        try skipBlanks()
        switch try peek() {
        case UInt8(ascii: ","):
            window.consume(1)
            try skipBlanks()
            if try peek() == UInt8(ascii: "]") { throw invalid("a comma must be followed by another row") }
        case UInt8(ascii: "]"):
            try end()
        default:
            throw invalid("`,` or `]` must follow a row")
        }
        return object
    }

    private mutating func begin() throws {
        hasBegun = true
        try skipBlanks()
        guard let first = try peek() else { throw DatasetError(.empty, file: window.path, "the file is empty") }
        guard first == UInt8(ascii: "[") else {
            if first == UInt8(ascii: "{") {
                throw DatasetError(
                    .wrongShape, file: window.path, line: nextLine,
                    "a JSON dataset must be a list of objects, but this is an object; "
                        + "move its rows to the top level, or write one object a line and name the file .jsonl")
            }
            throw DatasetError(
                .wrongShape, file: window.path, line: nextLine, "a JSON dataset must be a list of objects")
        }
        window.consume(1)
        try skipBlanks()
        if try peek() == UInt8(ascii: "]") { try end() }
    }

    private mutating func end() throws {
        window.consume(1)
        hasEnded = true
        try skipBlanks()
        if try peek() != nil { throw invalid("there is text behind the list") }
    }

    private func invalid(_ problem: String) -> DatasetError {
        DatasetError(
            .invalidJSON, file: window.path, line: nextLine, "invalid JSON at byte \(window.offset): \(problem)")
    }

    private mutating func peek() throws -> UInt8? {
        while window.count == 0, !window.isAtEnd { try window.fill() }
        return window.count > 0 ? window.buffer[window.start] : nil
    }

    private mutating func skipBlanks() throws {
        while let byte = try peek(), byte == 0x20 || (0x09...0x0D).contains(byte) {
            if byte == 0x0A { nextLine += 1 }
            window.consume(1)
        }
    }

    /// The bytes of the element at the window's start and the line ends among them.
    private mutating func elementLength() throws -> (length: Int, newlines: Int) {
        var place = 0
        var depth = 0
        var newlines = 0
        var isInString = false
        while true {
            while place < window.count {
                let byte = window.buffer[window.start + place]
                switch byte {
                case UInt8(ascii: "\\") where isInString: place += 1
                case UInt8(ascii: "\""): isInString.toggle()
                case 0x0A: newlines += 1
                case _ where isInString: break
                case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
                case UInt8(ascii: "]"), UInt8(ascii: "}"):
                    if depth == 0 { return (place, newlines) }
                    depth -= 1
                case UInt8(ascii: ",") where depth == 0: return (place, newlines)
                default: break
                }
                place += 1
            }
            guard !window.isAtEnd else { throw invalid("the list does not end") }
            try window.fill()
        }
    }
}

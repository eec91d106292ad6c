/// What an answer's head says about where its body ends.
struct HeadFraming {
    private(set) var isChunked = false
    private(set) var keepsAlive = true

    /// Reads a whole head, its last empty line included.
    mutating func read(_ bytes: [UInt8], fieldLimit: Int) throws(ResponseParser.Problem) -> ResponseHead {
        var start = 0
        var line = Self.line(bytes, from: &start)
        while line.isEmpty && start < bytes.count { line = Self.line(bytes, from: &start) }
        let status = try readStatus(bytes[line])
        var fields: [(name: Range<Int>, value: Range<Int>)] = []
        fields.reserveCapacity(12)
        var head = ResponseHead(status: status, bytes: [], fields: [])
        while start < bytes.count {
            let line = Self.line(bytes, from: &start)
            guard !line.isEmpty else { break }
            guard let colon = bytes[line].firstIndex(of: UInt8(ascii: ":")), colon > line.lowerBound else {
                throw .malformed("a header field has no name")
            }
            // A folded or spaced name is how requests are smuggled past a parser that reads it otherwise.
            guard bytes[line.lowerBound] > 0x20, bytes[colon - 1] > 0x20 else {
                throw .malformed("a header field's name has spaces")
            }
            guard fields.count < fieldLimit else { throw .headTooLarge }
            let field = (name: line.lowerBound..<colon, value: Self.trimmed(bytes, colon + 1..<line.upperBound))
            fields.append(field)
            try apply(name: bytes[field.name], value: bytes[field.value], to: &head)
        }
        var result = ResponseHead(status: status, bytes: bytes, fields: fields)
        result.content = head.content
        result.encoding = head.encoding
        result.contentLength = head.contentLength
        return result
    }

    private mutating func readStatus(_ line: ArraySlice<UInt8>) throws(ResponseParser.Problem) -> Int {
        let first = line.startIndex
        guard line.count >= 12, line.startsIgnoringCase("http/1."), line[first + 8] == UInt8(ascii: " ") else {
            throw .malformed("it does not begin with an HTTP/1 status line")
        }
        if line[first + 7] == UInt8(ascii: "0") { keepsAlive = false }
        var status = 0
        for byte in line[(first + 9)..<(first + 12)] {
            guard byte >= 0x30, byte <= 0x39 else { throw .malformed("its status is no number") }
            status = status * 10 + Int(byte - 0x30)
        }
        guard status >= 100, status < 600 else { throw .malformed("its status is out of range") }
        return status
    }

    private mutating func apply(
        name: ArraySlice<UInt8>, value: ArraySlice<UInt8>, to head: inout ResponseHead
    ) throws(ResponseParser.Problem) {
        switch name.count {
        case 10 where name.equalsIgnoringCase("connection"):
            if value.equalsIgnoringCase("close") {
                keepsAlive = false
            } else if value.equalsIgnoringCase("keep-alive") {
                // HTTP/1.0 with an explicit wish.
                keepsAlive = true
            }
        case 12 where name.equalsIgnoringCase("content-type"):
            if value.startsIgnoringCase("text/event-stream") {
                head.content = .eventStream
            } else if value.startsIgnoringCase("application/json") {
                head.content = .json
            }
        case 14 where name.equalsIgnoringCase("content-length"):
            guard let length = Self.number(value), head.contentLength == nil || head.contentLength == length else {
                throw .malformed("its content length is no number")
            }
            head.contentLength = length
        case 16 where name.equalsIgnoringCase("content-encoding"):
            head.encoding = Self.encoding(value)
        case 17 where name.equalsIgnoringCase("transfer-encoding"):
            guard value.equalsIgnoringCase("chunked") else { throw .malformed("its transfer encoding is not known") }
            isChunked = true
        default: break
        }
    }

    private static func encoding(_ value: ArraySlice<UInt8>) -> ResponseHead.Encoding {
        if value.isEmpty || value.equalsIgnoringCase("identity") { return .identity }
        if value.equalsIgnoringCase("gzip") || value.equalsIgnoringCase("x-gzip") { return .gzip }
        return value.equalsIgnoringCase("deflate") ? .deflate : .unknown
    }

    private static func number(_ value: ArraySlice<UInt8>) -> Int? {
        guard !value.isEmpty, value.count <= 15 else { return nil }
        var number = 0
        for byte in value {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            number = number * 10 + Int(byte - 0x30)
        }
        return number
    }

    /// The line that begins at `start`, without its end; `start` moves behind it.
    private static func line(_ bytes: [UInt8], from start: inout Int) -> Range<Int> {
        let first = start
        let end = bytes[first...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        start = min(end + 1, bytes.count)
        return first..<(end > first && bytes[end - 1] == UInt8(ascii: "\r") ? end - 1 : end)
    }

    private static func trimmed(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, bytes[lower] == 0x20 || bytes[lower] == 0x09 { lower += 1 }
        while lower < upper, bytes[upper - 1] == 0x20 || bytes[upper - 1] == 0x09 { upper -= 1 }
        return lower..<upper
    }
}

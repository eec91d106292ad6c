import NIOCore

/// Reads one HTTP/1 answer after the other from bytes that may be cut anywhere.
///
/// Answers to requests that have a body by definition: `HEAD` and `CONNECT` are never sent. An answer that declares both
/// a length and chunks is read by its chunks, and its connection is not used again.
struct ResponseParser {
    enum Event {
        case head(ResponseHead)
        case body(ByteBuffer)
        case end
    }

    /// Why the bytes are no answer.
    enum Problem: Error, Equatable {
        case headTooLarge
        case malformed(String)
    }

    private enum State {
        case head
        case length(Int)
        case untilClose
        case chunkSize
        case chunk(Int)
        case chunkEnd
        case trailers
        case end
    }

    /// Bytes of a head, and of all trailers.
    static let headLimit = 64 << 10
    private static let fieldLimit = 256
    private static let chunkLineLimit = 1024

    private var state = State.head
    private var trailerBytes = 0
    /// Whether the connection can carry another answer after this one.
    private(set) var keepsAlive = true

    /// Whether nothing of an answer has been read since the last one ended.
    var isBetweenAnswers: Bool { if case .head = state { true } else { false } }

    /// The next event in `buffer`, whose bytes are taken; `nil` if more are needed.
    mutating func next(_ buffer: inout ByteBuffer) throws(Problem) -> Event? {
        while true {
            switch state {
            case .head:
                guard let head = try readHead(&buffer) else { return nil }
                // Interim answers are not for anybody.
                if head.status >= 100 && head.status < 200 {
                    guard head.status != 101 else { throw .malformed("it switched protocols unasked") }
                    state = .head
                    continue
                }
                return .head(head)
            case .length(let left):
                guard left > 0 else {
                    state = .end
                    continue
                }
                let count = min(left, buffer.readableBytes)
                guard count > 0, let slice = buffer.readSlice(length: count) else { return nil }
                state = .length(left - count)
                return .body(slice)
            case .untilClose:
                guard buffer.readableBytes > 0, let slice = buffer.readSlice(length: buffer.readableBytes) else {
                    return nil
                }
                return .body(slice)
            case .chunkSize:
                guard let size = try readChunkSize(&buffer) else { return nil }
                state = size == 0 ? .trailers : .chunk(size)
            case .chunk(let left):
                let count = min(left, buffer.readableBytes)
                guard count > 0, let slice = buffer.readSlice(length: count) else { return nil }
                state = count == left ? .chunkEnd : .chunk(left - count)
                return .body(slice)
            case .chunkEnd:
                guard let line = try readLine(&buffer, limit: 2) else { return nil }
                guard line.isEmpty else { throw .malformed("a chunk is longer than it says") }
                state = .chunkSize
            case .trailers:
                guard let line = try readLine(&buffer, limit: Self.headLimit) else { return nil }
                trailerBytes += line.count
                guard trailerBytes <= Self.headLimit else { throw .headTooLarge }
                if line.isEmpty { state = .end }
            case .end:
                state = .head
                trailerBytes = 0
                return .end
            }
        }
    }

    /// The connection has ended: whether that ends the answer as it should.
    mutating func close() -> Bool {
        switch state {
        case .untilClose:
            state = .head
            return true
        default: return false
        }
    }
}

// MARK: - Lines

extension ResponseParser {
    private mutating func readHead(_ buffer: inout ByteBuffer) throws(Problem) -> ResponseHead? {
        guard let length = Self.headLength(buffer) else {
            guard buffer.readableBytes <= Self.headLimit else { throw .headTooLarge }
            return nil
        }
        guard length <= Self.headLimit, let bytes = buffer.readBytes(length: length) else { throw .headTooLarge }
        var framing = HeadFraming()
        var head = try framing.read(bytes, fieldLimit: Self.fieldLimit)
        keepsAlive = framing.keepsAlive
        if head.status < 200 || head.status == 204 || head.status == 304 {
            state = .length(0)
        } else if framing.isChunked {
            if head.contentLength != nil { keepsAlive = false }
            head.contentLength = nil
            state = .chunkSize
        } else if let length = head.contentLength {
            state = .length(length)
        } else {
            keepsAlive = false
            state = .untilClose
        }
        return head
    }

    /// Bytes up to and including the empty line that ends a head, or `nil` if it has not come.
    private static func headLength(_ buffer: ByteBuffer) -> Int? {
        buffer.withUnsafeReadableBytes { bytes in
            var start = 0
            while start < bytes.count, let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
                let length = end - start
                // An empty line before the status line is skipped by being part of the head's bytes.
                if start > 0, length == 0 || (length == 1 && bytes[start] == UInt8(ascii: "\r")) { return end + 1 }
                start = end + 1
            }
            return nil
        }
    }

    /// The next line without its end, or `nil` if it has not come whole.
    private func readLine(_ buffer: inout ByteBuffer, limit: Int) throws(Problem) -> [UInt8]? {
        let view = buffer.readableBytesView
        guard let end = view.firstIndex(of: UInt8(ascii: "\n")) else {
            guard view.count <= limit else { throw .malformed("a line of its framing is too long") }
            return nil
        }
        guard let line = buffer.readBytes(length: end - view.startIndex + 1) else { return nil }
        var content = line.dropLast()
        if content.last == UInt8(ascii: "\r") { content = content.dropLast() }
        guard content.count <= limit else { throw .malformed("a line of its framing is too long") }
        return Array(content)
    }

    private func readChunkSize(_ buffer: inout ByteBuffer) throws(Problem) -> Int? {
        let view = buffer.readableBytesView
        var size = 0
        var digits = 0
        var place = view.startIndex
        while place < view.endIndex, let digit = view[place].hexadecimalValue {
            guard digits < 15 else { throw .malformed("a chunk's size is too large") }
            size = size << 4 | digit
            digits += 1
            place += 1
        }
        // Extensions are read over; they mean nothing to us.
        guard let end = view[place...].firstIndex(of: UInt8(ascii: "\n")) else {
            guard view.count <= Self.chunkLineLimit else { throw .malformed("a chunk's size line is too long") }
            guard digits > 0 || place == view.endIndex else { throw .malformed("a chunk has no size") }
            return nil
        }
        guard digits > 0 else { throw .malformed("a chunk has no size") }
        guard
            view[place] == UInt8(ascii: "\r") || view[place] == UInt8(ascii: "\n") || view[place] == UInt8(ascii: ";")
                || view[place] == UInt8(ascii: " ")
        else { throw .malformed("a chunk's size is no number") }
        buffer.moveReaderIndex(forwardBy: end - view.startIndex + 1)
        return size
    }
}

extension UInt8 {
    /// The value of a hexadecimal digit in ASCII.
    var hexadecimalValue: Int? {
        switch self {
        case 0x30...0x39: Int(self) - 0x30
        case 0x41...0x46: Int(self) - 0x41 + 10
        case 0x61...0x66: Int(self) - 0x61 + 10
        default: nil
        }
    }
}

/// One server-sent event; its bytes are only valid while it is handled.
package struct ServerSentEvent {
    /// Its lines as they came, without the empty line that ends it.
    package let lines: UnsafeRawBufferPointer
    /// The `event:` field; empty if there is none.
    package let name: UnsafeRawBufferPointer
    /// The `data:` lines joined with line feeds.
    package let data: UnsafeRawBufferPointer
    /// Whether there is a `data:` line; without one the event is a comment.
    package let hasData: Bool
    /// Where the data stands within `lines`, if it is one line.
    let dataRange: Range<Int>?
}

/// Cuts a stream of bytes into server-sent events, wherever the pieces end.
///
/// Lines may end with CR, LF or CRLF, data may span lines, a byte-order mark is skipped. Events that lie whole in a
/// piece are handled where they are; only the rest of a piece is kept. Nothing is allocated for an event once the
/// buffer has grown to what the stream needs.
package struct ServerSentEventReader {
    /// An event longer than this is refused: nobody sends one, and memory must stay bounded.
    package static let maximumEventBytes = 16 << 20

    /// What is known of the event that is being read; places count from its first byte.
    private struct Block {
        /// 3 where the stream's byte-order mark is left out.
        var start = 0
        var lineStart = 0
        /// Up to here there is no end of a line.
        var searched = 0
        var name = 0..<0
        var data = 0..<0
        var dataLines = 0
    }

    private var kept: [UInt8] = []
    private var joined: [UInt8] = []
    private var block = Block()
    private var isFirstLine = true

    /// Whether an event has grown past the limit; the reader is of no use then.
    package private(set) var isOverflowing = false

    /// Whether bytes have come that belong to no complete event.
    package var hasLeftovers: Bool { !kept.isEmpty }

    package init() {}

    /// Takes the next bytes and calls `handle` with each event they complete.
    package mutating func take(_ bytes: UnsafeRawBufferPointer, _ handle: (ServerSentEvent) -> Void) {
        guard !isOverflowing else { return }
        if kept.isEmpty {
            let used = read(bytes, handle)
            if used < bytes.count { kept.append(contentsOf: bytes[used...]) }
        } else {
            // Taken out, so that the events can point into it while this value changes.
            var buffer = kept
            kept = []
            buffer.append(contentsOf: bytes)
            let used = buffer.withUnsafeBytes { read($0, handle) }
            buffer.removeSubrange(..<used)
            if !buffer.isEmpty || buffer.capacity <= 1 << 16 { kept = buffer }
        }
        if kept.count > Self.maximumEventBytes { overflow() }
    }

    private mutating func overflow() {
        isOverflowing = true
        kept = []
    }

    /// Handles the events that lie whole in `bytes` and returns how many bytes they take.
    private mutating func read(_ bytes: UnsafeRawBufferPointer, _ handle: (ServerSentEvent) -> Void) -> Int {
        var start = 0
        while let end = Self.endOfLine(bytes, from: start + block.searched) {
            var next = end + 1
            if bytes[end] == 0x0D {
                if next < bytes.count {
                    if bytes[next] == 0x0A { next += 1 }
                } else if end > start + block.lineStart {
                    // The line feed that may follow is no empty line. After an empty line it would be one more.
                    block.searched = end - start
                    return start
                }
            }
            let line = start + block.lineStart..<end
            if isFirstLine { skipByteOrderMark(bytes, line) }
            guard line.lowerBound + (block.lineStart == 0 ? block.start : 0) < line.upperBound else {
                finish(UnsafeRawBufferPointer(rebasing: bytes[start..<line.lowerBound]), handle)
                start = next
                if isOverflowing { return bytes.count }
                continue
            }
            readLine(UnsafeRawBufferPointer(rebasing: bytes[line]))
            block.lineStart = next - start
            block.searched = block.lineStart
        }
        block.searched = bytes.count - start
        return start
    }

    private mutating func skipByteOrderMark(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) {
        isFirstLine = false
        let text = UnsafeRawBufferPointer(rebasing: bytes[line])
        if text.count >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF { block.start = 3 }
    }

    private mutating func readLine(_ line: UnsafeRawBufferPointer) {
        let skipped = block.lineStart == 0 ? block.start : 0
        let field = UnsafeRawBufferPointer(rebasing: line[skipped...])
        var value = 0
        if field.hasPrefix("data:") {
            value = 5
        } else if field.hasPrefix("event:") {
            value = 6
        } else if field.isText("data") {
            value = 4
        } else {
            return
        }
        if value < field.count, field[value] == 0x20 { value += 1 }
        let start = block.lineStart + skipped + value
        let range = start..<block.lineStart + line.count
        if field[0] == UInt8(ascii: "d") {
            block.data = range
            block.dataLines += 1
        } else {
            block.name = range
        }
    }

    /// Ends the event whose lines these are.
    private mutating func finish(_ lines: UnsafeRawBufferPointer, _ handle: (ServerSentEvent) -> Void) {
        let done = block
        block = Block()
        guard lines.count > done.start else { return }
        guard lines.count <= Self.maximumEventBytes else { return overflow() }
        let name = UnsafeRawBufferPointer(rebasing: lines[done.name])
        let shown = UnsafeRawBufferPointer(rebasing: lines[done.start...])
        guard done.dataLines > 1 else {
            let data = UnsafeRawBufferPointer(rebasing: lines[done.data])
            let range = done.data.lowerBound - done.start..<done.data.upperBound - done.start
            handle(
                ServerSentEvent(
                    lines: shown, name: name, data: data, hasData: done.dataLines == 1,
                    dataRange: done.dataLines == 1 ? range : nil))
            return
        }
        var buffer = joined
        joined = []
        buffer.removeAll(keepingCapacity: true)
        Self.join(shown, into: &buffer)
        buffer.withUnsafeBytes { data in
            handle(ServerSentEvent(lines: shown, name: name, data: data, hasData: true, dataRange: nil))
        }
        if buffer.capacity <= 1 << 16 { joined = buffer }
    }

    private static func join(_ lines: UnsafeRawBufferPointer, into data: inout [UInt8]) {
        var start = 0
        var isFirst = true
        while start < lines.count {
            let end = endOfLine(lines, from: start) ?? lines.count
            let line = UnsafeRawBufferPointer(rebasing: lines[start..<end])
            start = end + 1
            guard line.hasPrefix("data:") || line.isText("data") else { continue }
            if !isFirst { data.append(0x0A) }
            isFirst = false
            var value = min(5, line.count)
            if value < line.count, line[value] == 0x20 { value += 1 }
            data.append(contentsOf: line[value...])
        }
    }

    /// The first line feed or carriage return, eight bytes at a time.
    private static func endOfLine(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var place = start
        let ones: UInt64 = 0x0101_0101_0101_0101
        while place + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            let feeds = word ^ (ones &* 0x0A)
            let returns = word ^ (ones &* 0x0D)
            // A byte is zero where its highest bit is set here and in no other byte before it.
            let zeros = ((feeds &- ones) & ~feeds | (returns &- ones) & ~returns) & (ones &* 0x80)
            if zeros != 0 { return place + UInt64(littleEndian: zeros).trailingZeroBitCount / 8 }
            place += 8
        }
        while place < bytes.count {
            if bytes[place] == 0x0A || bytes[place] == 0x0D { return place }
            place += 1
        }
        return nil
    }
}

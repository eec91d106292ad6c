/// One server-sent event.
struct ServerSentEvent: Equatable, Sendable {
    /// The `event:` field, or an empty string.
    var name: String
    /// The `data:` lines joined with line feeds.
    var data: [UInt8]
}

/// Cuts a stream of bytes into server-sent events, wherever the pieces end.
///
/// Lines may end with CR, LF or CRLF, data may span lines, comments and a byte-order mark are skipped. An event that
/// the stream leaves unfinished is not reported, as the standard says; ``hasLeftovers`` tells that there was one.
struct ServerSentEventParser: Sendable {
    /// A line or event longer than this is refused: nobody sends one, and memory must stay bounded.
    static let maximumEventBytes = 16 << 20

    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private var name = ""
    private var sawReturn = false
    private var isFirstLine = true

    /// Whether bytes have come that belong to no complete event.
    var hasLeftovers: Bool { !line.isEmpty || hasData }

    /// Whether a line or event has grown past the limit; the parser is of no use then.
    var isOverflowing: Bool { line.count > Self.maximumEventBytes || data.count > Self.maximumEventBytes }

    /// Takes the next bytes and appends the events they complete to `events`.
    mutating func take(_ bytes: some Collection<UInt8>, into events: inout [ServerSentEvent]) {
        let parsed: Void? = bytes.withContiguousStorageIfAvailable { take(buffer: $0, into: &events) }
        if parsed == nil { Array(bytes).withUnsafeBufferPointer { take(buffer: $0, into: &events) } }
    }

    private mutating func take(buffer: UnsafeBufferPointer<UInt8>, into events: inout [ServerSentEvent]) {
        var start = 0
        for place in buffer.indices {
            let byte = buffer[place]
            if byte == 0x0A, sawReturn, place == start {
                // The second half of CRLF, possibly in another piece than the first.
                sawReturn = false
                start = place + 1
                continue
            }
            sawReturn = false
            guard byte == 0x0A || byte == 0x0D else { continue }
            line.append(contentsOf: buffer[start..<place])
            start = place + 1
            sawReturn = byte == 0x0D
            endLine(into: &events)
        }
        line.append(contentsOf: buffer[start...])
        if start < buffer.count { sawReturn = false }
    }

    private mutating func endLine(into events: inout [ServerSentEvent]) {
        if isFirstLine {
            isFirstLine = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        }
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else { return endEvent(into: &events) }
        guard line[0] != UInt8(ascii: ":") else { return }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        let field = line[..<colon]
        if field.elementsEqual("data".utf8) {
            if hasData { data.append(0x0A) }
            data.append(contentsOf: value)
            hasData = true
        } else if field.elementsEqual("event".utf8) {
            name = String(decoding: value, as: UTF8.self)
        }
    }

    private mutating func endEvent(into events: inout [ServerSentEvent]) {
        if hasData { events.append(ServerSentEvent(name: name, data: data)) }
        data = []
        hasData = false
        name = ""
    }
}

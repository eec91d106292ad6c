/// The last bytes of a stream of text.
struct TextTail: Sendable {
    private var bytes: [UInt8] = []
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    mutating func append(_ more: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: more.suffix(limit))
        // Cutting only at twice the limit keeps the cost per byte constant.
        if bytes.count > 2 * limit { bytes.removeFirst(bytes.count - limit) }
    }

    /// The end of the text, at most `limit` bytes long, without white space around it.
    var text: String {
        let whole = String(decoding: bytes.suffix(limit), as: UTF8.self)
        var text = Substring(whole)
        while let last = text.last, last.isWhitespace { text.removeLast() }
        while let first = text.first, first.isWhitespace || first == "\u{FFFD}" { text.removeFirst() }
        return String(text)
    }
}

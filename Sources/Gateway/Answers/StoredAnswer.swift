/// A whole answer that can be given again, byte for byte.
///
/// A streamed answer keeps its pieces apart, so that it is given again as a stream; it is never turned into a body, nor
/// a body into a stream.
package struct StoredAnswer: Sendable {
    package var status: Int
    /// The answer's own header fields, in order: the content's type and what else the client was told; never those of
    /// the connection, and none that holds a secret.
    package var headers: [(name: String, value: String)]
    /// The body in the pieces it was sent in; one piece where it was not streamed.
    package var chunks: [[UInt8]]
    package var isStream: Bool

    package init(status: Int, headers: [(name: String, value: String)], chunks: [[UInt8]], isStream: Bool) {
        self.status = status
        self.headers = headers
        self.chunks = chunks
        self.isStream = isStream
    }

    /// What it takes in memory, about: its bytes, and 64 for each piece and header field.
    package var byteCount: Int {
        let body = chunks.reduce(0) { $0 + $1.count + 64 }
        return headers.reduce(body + 64) { $0 + $1.name.utf8.count + $1.value.utf8.count + 64 }
    }
}

/// Collects an answer while it is sent, up to a bound.
///
/// Used from one event loop.
package struct AnswerCollector: Sendable {
    private var chunks: [[UInt8]] = []
    private var byteCount = 0
    private let byteLimit: Int
    /// Whether more came than may be kept; what was kept is gone then.
    package private(set) var hasOverflowed = false

    package init(byteLimit: Int = 1 << 20) { self.byteLimit = byteLimit }

    /// Takes the next bytes that were sent to the client.
    package mutating func append(_ bytes: [UInt8]) {
        guard !hasOverflowed, !bytes.isEmpty else { return }
        byteCount += bytes.count + 64
        guard byteCount <= byteLimit else {
            hasOverflowed = true
            chunks = []
            return
        }
        chunks.append(bytes)
    }

    /// The answer, once it is complete; `nil` if it was too large to keep.
    package func answer(status: Int, headers: [(name: String, value: String)], isStream: Bool) -> StoredAnswer? {
        hasOverflowed ? nil : StoredAnswer(status: status, headers: headers, chunks: chunks, isStream: isStream)
    }
}

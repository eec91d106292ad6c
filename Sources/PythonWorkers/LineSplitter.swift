import Glibc

/// Cuts a stream of bytes into lines, of which none may be longer than a limit.
struct LineSplitter {
    private var rest: [UInt8] = []
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes in the next bytes and gives each line that they complete, without its end, to `body`.
    ///
    /// Returns whether the stream is still within the limit.
    mutating func append(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
        var bytes = bytes
        while let start = bytes.baseAddress, !bytes.isEmpty, let end = memchr(start, 0x0A, bytes.count) {
            let count = UnsafeRawPointer(end) - start
            let line = UnsafeRawBufferPointer(start: start, count: count)
            if rest.isEmpty {
                body(line)
            } else {
                rest.append(contentsOf: line)
                rest.withUnsafeBytes(body)
                rest = []
            }
            bytes = UnsafeRawBufferPointer(rebasing: bytes[(count + 1)...])
        }
        rest.append(contentsOf: bytes)
        return rest.count <= limit
    }
}

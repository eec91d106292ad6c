import CZlib

/// Undoes gzip or deflate, piece by piece.
///
/// Upstreams are asked not to compress; some do all the same. Confined to one event loop.
final class Inflater {
    enum Format {
        case gzip
        /// zlib's format, or raw deflate: servers send both under that name.
        case deflate
    }

    enum Problem: Error {
        case broken
        case truncated
        case tooLarge
    }

    private let stream: UnsafeMutablePointer<z_stream>
    private let format: Format
    private let limit: Int
    private var produced = 0
    private var isOpen = false
    private var isEnded = false

    /// - Parameter limit: bytes of the content; more is an attack, or an answer beyond our bound.
    init(_ format: Format, limit: Int) {
        self.format = format
        self.limit = limit
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
    }

    deinit {
        if isOpen { _ = inflateEnd(stream) }
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// Appends the content of the next bytes.
    func take(_ input: UnsafeRawBufferPointer, into output: inout [UInt8]) throws(Problem) {
        guard input.count > 0, let base = input.baseAddress else { return }
        try open(firstByte: input[0])
        stream.pointee.next_in = UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(input.count)
        var piece = [UInt8](repeating: 0, count: 16 << 10)
        while !isEnded {
            let (status, count) = piece.withUnsafeMutableBufferPointer { buffer in
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = UInt32(buffer.count)
                let status = inflate(stream, Z_NO_FLUSH)
                return (status, buffer.count - Int(stream.pointee.avail_out))
            }
            produced += count
            guard produced <= limit else { throw .tooLarge }
            output.append(contentsOf: piece[..<count])
            switch status {
            case Z_STREAM_END: isEnded = true
            case Z_OK: if stream.pointee.avail_in == 0, count < piece.count { return }
            case Z_BUF_ERROR: return
            default: throw .broken
            }
        }
        guard stream.pointee.avail_in == 0 else { throw .broken }
    }

    /// Checks that the content was whole.
    func end() throws(Problem) {
        guard isEnded else { throw .truncated }
    }

    private func open(firstByte: UInt8) throws(Problem) {
        guard !isOpen else { return }
        // 15 bits of window; 16 more mean gzip's header, a minus none at all.
        let bits: Int32 =
            switch format {
            case .gzip: 15 + 16
            case .deflate: firstByte & 0x0F == 8 && firstByte >> 4 <= 7 ? 15 : -15
            }
        guard pawang_inflate_init(stream, bits) == Z_OK else { throw .broken }
        isOpen = true
    }
}

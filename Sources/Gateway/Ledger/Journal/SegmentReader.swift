import Glibc

/// Reads the records of a segment in order, through one buffer.
struct SegmentReader {
    /// Why reading ended.
    enum End: Equatable {
        case limit
        /// The caller had enough.
        case stopped
        /// What stands at `offset` is no record.
        case broken(String)
    }

    /// Before each record's body: its length, and a checksum of the length and the body; 4 bytes each, little-endian.
    static let frameSize = 8

    /// Where the next record begins.
    private(set) var offset: Int
    private let file: Int32
    private let path: String
    private var buffer: [UInt8] = []
    /// The part of `buffer` that is not used up, and the place in the file at which `buffer` begins.
    private var bufferStart: Int

    init(file: Int32, path: String, offset: Int) {
        self.file = file
        self.path = path
        self.offset = offset
        bufferStart = offset
    }

    /// Gives each record's body to `body` with the offset after it, until that returns false or `limit` is reached.
    mutating func read(
        to limit: Int, _ body: (_ record: UnsafeRawBufferPointer, _ end: Int) throws -> Bool
    ) throws -> End {
        var wanted = Self.frameSize
        while offset < limit {
            guard try fill(wanted, to: limit) else { return .broken("a record is cut off") }
            let place = offset - bufferStart
            let step = try buffer.withUnsafeBytes { bytes -> Step in
                var at = place
                while offset < limit {
                    let frame = Frame(UnsafeRawBufferPointer(rebasing: bytes[at...]))
                    switch frame {
                    case .incomplete(let count): return .more(count)
                    case .damaged(let what): return .end(.broken(what))
                    case .record(let record):
                        let size = Self.frameSize + record.count
                        guard offset + size <= limit else { return .end(.broken("a record is cut off")) }
                        let goesOn = try body(record, offset + size)
                        offset += size
                        at += size
                        if !goesOn { return .end(.stopped) }
                    }
                }
                return .end(.limit)
            }
            switch step {
            case .end(let end): return end
            case .more(let count): wanted = count
            }
        }
        return .limit
    }

    /// Whether a whole record stands anywhere after the next offset: what is broken here is then no torn end.
    func hasRecordBeyond(to limit: Int) throws -> Bool {
        guard limit > offset + 1 else { return false }
        let rest = try Self.bytes(of: file, path: path, from: offset + 1, count: limit - offset - 1)
        return rest.withUnsafeBytes { bytes in
            bytes.indices.contains { start in
                guard case .record = Frame(UnsafeRawBufferPointer(rebasing: bytes[start...])) else { return false }
                return true
            }
        }
    }

    // MARK: Parts

    private enum Step {
        case end(End)
        /// This many bytes from the offset on are needed.
        case more(Int)
    }

    private enum Frame {
        case record(UnsafeRawBufferPointer)
        case incomplete(Int)
        case damaged(String)

        init(_ bytes: UnsafeRawBufferPointer) {
            guard bytes.count >= SegmentReader.frameSize else {
                self = .incomplete(SegmentReader.frameSize)
                return
            }
            let length = Int(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
            guard (1...JournalRecord.limit).contains(length) else {
                self = .damaged("a record's length is \(length)")
                return
            }
            let size = SegmentReader.frameSize + length
            guard bytes.count >= size else {
                self = .incomplete(size)
                return
            }
            let checksum = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
            let body = UnsafeRawBufferPointer(rebasing: bytes[SegmentReader.frameSize..<size])
            guard SegmentReader.checksum(length: length, body) == checksum else {
                self = .damaged("a record's checksum is wrong")
                return
            }
            self = .record(body)
        }
    }

    /// The checksum of a record: that of its body, mixed with its length.
    static func checksum(length: Int, _ body: UnsafeRawBufferPointer) -> UInt32 {
        CRC32C.checksum(body) ^ UInt32(truncatingIfNeeded: length &* 0x9E37_79B1)
    }

    /// Sees to it that `count` bytes from the offset on are in the buffer; false if `limit` comes before.
    private mutating func fill(_ count: Int, to limit: Int) throws -> Bool {
        guard offset + count <= limit else { return false }
        if offset + count <= bufferStart + buffer.count { return true }
        let size = min(limit - offset, max(count, 1 << 20))
        if buffer.count != size { buffer = [UInt8](repeating: 0, count: size) }
        bufferStart = offset
        let filled = try buffer.withUnsafeMutableBytes { try Self.read(file, path: path, from: offset, into: $0) }
        if filled < size { buffer.removeLast(size - filled) }
        return count <= filled
    }

    /// The size of a file in bytes.
    static func size(of file: Int32) throws(LedgerFailure) -> Int {
        let end = lseek(file, 0, SEEK_END)
        guard end >= 0 else {
            throw .system(path: "the journal's segment", doing: "measured", reason: ErrorNumber.last.text)
        }
        return Int(end)
    }

    static func bytes(of file: Int32, path: String, from start: Int, count: Int) throws(LedgerFailure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let filled = try bytes.withUnsafeMutableBufferPointer { (space) throws(LedgerFailure) in
            try read(file, path: path, from: start, into: UnsafeMutableRawBufferPointer(space))
        }
        bytes.removeLast(count - filled)
        return bytes
    }

    /// Fills `space` from a place in the file; returns how much there was.
    private static func read(
        _ file: Int32, path: String, from start: Int, into space: UnsafeMutableRawBufferPointer
    ) throws(LedgerFailure) -> Int {
        var filled = 0
        while filled < space.count {
            let more = pread(file, space.baseAddress.map { $0 + filled }, space.count - filled, off_t(start + filled))
            if more < 0, errno == EINTR { continue }
            if more < 0 { throw .system(path: path, doing: "read", reason: ErrorNumber.last.text) }
            guard more > 0 else { break }
            filled += more
        }
        return filled
    }
}

import Glibc

/// The first bytes of a segment: a magic word, the version, the segment's number and its ledger.
struct SegmentHeader: Sendable, Hashable {
    static let size = 64
    static let version = 1
    private static let magic = Array("PWGLEDG\n".utf8)

    /// 32 hexadecimal digits.
    var ledger: String
    var segment: Int

    /// Magic word, version (4 bytes), segment (8), ledger (32), checksum of these (4), zeros; little-endian.
    var bytes: [UInt8] {
        var bytes = Self.magic
        withUnsafeBytes(of: UInt32(Self.version).littleEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: UInt64(segment).littleEndian) { bytes.append(contentsOf: $0) }
        let digits = Array(ledger.utf8.prefix(32))
        bytes.append(contentsOf: digits + [UInt8](repeating: UInt8(ascii: " "), count: 32 - digits.count))
        let checksum = bytes.withUnsafeBytes(CRC32C.checksum)
        withUnsafeBytes(of: checksum.littleEndian) { bytes.append(contentsOf: $0) }
        return bytes + [UInt8](repeating: 0, count: Self.size - bytes.count)
    }

    /// Reads a header; `nil` if the bytes are none: too few, or damaged.
    init?(_ bytes: UnsafeRawBufferPointer, path: String) throws(LedgerFailure) {
        guard bytes.count >= Self.size, bytes.prefix(8).elementsEqual(Self.magic) else { return nil }
        let checksum = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 52, as: UInt32.self))
        guard CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[..<52])) == checksum else { return nil }
        let version = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
        guard version == Self.version else { throw .newer(path: path, version: version) }
        segment = Int(
            truncatingIfNeeded: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 12, as: UInt64.self)))
        ledger = String(decoding: bytes[20..<52], as: UTF8.self)
    }

    init(ledger: String, segment: Int) {
        self.ledger = ledger
        self.segment = segment
    }
}

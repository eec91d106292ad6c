/// Writes numbers and texts compactly: numbers as zigzag varints, texts as their length and UTF-8.
struct RecordWriter {
    /// The longest text that is kept whole; a longer one is cut, so that no record exceeds ``JournalRecord/limit``.
    static let textLimit = 4096

    var bytes: [UInt8] = []

    mutating func int(_ value: Int) {
        var rest = UInt64(bitPattern: Int64(value << 1 ^ value >> 63))
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func optionalInt(_ value: Int?) {
        bytes.append(value == nil ? 0 : 1)
        if let value { int(value) }
    }

    mutating func flag(_ value: Bool) {
        bytes.append(value ? 1 : 0)
    }

    mutating func text(_ text: String, limit: Int = RecordWriter.textLimit) {
        var text = text
        text.withUTF8 { utf8 in
            var count = min(utf8.count, limit)
            // Cut before a character, not within one.
            while count < utf8.count, count > 0, utf8[count] & 0xC0 == 0x80 { count -= 1 }
            int(count)
            let start = bytes.count
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[..<count]))
            // Databases refuse NUL in texts; one that a client sent must not keep all others from being applied.
            for index in start..<bytes.count where bytes[index] == 0 { bytes[index] = UInt8(ascii: " ") }
        }
    }

    mutating func optionalText(_ value: String?, limit: Int = RecordWriter.textLimit) {
        bytes.append(value == nil ? 0 : 1)
        if let value { text(value, limit: limit) }
    }
}

/// Reads what ``RecordWriter`` wrote.
struct RecordReader {
    /// The bytes are not what was written.
    struct Malformed: Error {}

    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func byte() throws(Malformed) -> UInt8 {
        guard offset < bytes.count else { throw Malformed() }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func int() throws(Malformed) -> Int {
        var value: UInt64 = 0
        for shift in stride(from: 0 as UInt64, through: 63, by: 7) {
            let next = try byte()
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return Int(Int64(bitPattern: value >> 1)) ^ -Int(value & 1) }
        }
        throw Malformed()
    }

    mutating func optionalInt() throws(Malformed) -> Int? {
        try flag() ? try int() : nil
    }

    mutating func flag() throws(Malformed) -> Bool {
        switch try byte() {
        case 0: false
        case 1: true
        default: throw Malformed()
        }
    }

    mutating func text() throws(Malformed) -> String {
        String(decoding: try textBytes(), as: UTF8.self)
    }

    mutating func optionalText() throws(Malformed) -> String? {
        try flag() ? try text() : nil
    }

    /// A text's bytes, without copying them.
    mutating func textBytes() throws(Malformed) -> UnsafeRawBufferPointer {
        let count = try int()
        guard count >= 0, count <= bytes.count - offset else { throw Malformed() }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }
}

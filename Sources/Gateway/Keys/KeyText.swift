import Crypto

/// The form of a key: `pwg_`, 12 characters of its id, `_`, 40 characters of secret.
///
/// Both parts are in Crockford's base 32, lower case: 60 and 200 random bits.
enum KeyText {
    static let idLength = 12
    static let secretLength = 40
    static let prefix = Array("pwg_".utf8)
    static let length = prefix.count + idLength + 1 + secretLength
    static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// The value of each byte as a digit; 255 where it is none.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()

    /// An id as a number, or `nil` if it is none.
    static func number(ofID id: UnsafeBufferPointer<UInt8>.SubSequence) -> UInt64? {
        guard id.count == idLength else { return nil }
        var number: UInt64 = 0
        for byte in id {
            let value = values[Int(byte)]
            guard value < 32 else { return nil }
            number = number << 5 | UInt64(value)
        }
        return number
    }

    /// The number of a key's id, or `nil` if the bytes have not the form of a key.
    static func number(ofKey key: UnsafeBufferPointer<UInt8>) -> UInt64? {
        guard key.count == length, key.prefix(prefix.count).elementsEqual(prefix),
            key[prefix.count + idLength] == UInt8(ascii: "_")
        else { return nil }
        return number(ofID: key[prefix.count..<prefix.count + idLength])
    }
}

/// SHA-256 of a key as four words, for comparing.
struct KeyHash: Sendable, Hashable {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    init(of key: UnsafeRawBufferPointer) {
        var hash = SHA256()
        hash.update(bufferPointer: key)
        words = hash.finalize().withUnsafeBytes { bytes in
            (
                bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
            )
        }
    }

    /// The hash that these 64 hexadecimal digits are, or `nil`.
    init?(hexadecimal text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: 64, by: 2) {
            guard let high = Self.value(digits[place]), let low = Self.value(digits[place + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        words = bytes.withUnsafeBytes { bytes in
            (
                bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
            )
        }
    }

    /// 64 hexadecimal digits.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for word in [words.0, words.1, words.2, words.3] {
            withUnsafeBytes(of: word) { bytes in
                for byte in bytes {
                    text.append(digits[Int(byte >> 4)])
                    text.append(digits[Int(byte & 15)])
                }
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether two hashes are equal, in a time that does not depend on where they differ.
    func isEqual(to other: KeyHash) -> Bool {
        (words.0 ^ other.words.0) | (words.1 ^ other.words.1) | (words.2 ^ other.words.2) | (words.3 ^ other.words.3)
            == 0
    }

    static func == (left: Self, right: Self) -> Bool { left.isEqual(to: right) }

    func hash(into hasher: inout Hasher) { hasher.combine(words.0) }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

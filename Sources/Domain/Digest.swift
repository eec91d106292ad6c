import Crypto

/// A SHA-256 digest that names content: `sha256:` and 64 hexadecimal digits.
package struct Digest: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// The digest whose text this is, as read from a store.
    package init(text: String) { description = text }

    /// The digest of bytes.
    package init(of bytes: some Sequence<UInt8>) {
        var hash = DigestStream()
        hash.update(Array(bytes))
        self = hash.finish()
    }

    /// The digest of a text's UTF-8 bytes.
    package init(of text: String) { self.init(of: text.utf8) }

    /// The digest of a value, in which the order of object keys does not count.
    package init(of value: JSONValue) { self.init(of: value.bytes(sortedKeys: true)) }

    /// The first twelve hexadecimal digits, for people.
    package var short: String { String(description.dropFirst("sha256:".count).prefix(12)) }
}

/// A digest over bytes that arrive in pieces.
package struct DigestStream: Sendable {
    private var hash = SHA256()

    package init() {}

    /// Takes in the next bytes.
    package mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { hash.update(bufferPointer: $0) } }

    /// The digest of all bytes so far.
    package func finish() -> Digest {
        let digits = Array("0123456789abcdef".utf8)
        var text = Array("sha256:".utf8)
        for byte in hash.finalize() {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return Digest(text: String(decoding: text, as: UTF8.self))
    }
}

/// Finds YAML texts whose aliases could keep the parser busy for ever.
///
/// The parser shares what an alias stands for, so unfolding costs nothing until somebody walks through it; we walk within
/// a budget, but the parser itself walks through every key to find keys that occur twice. So a text with collections or
/// aliases as keys may have only as many aliases as cannot unfold to much.
package enum AliasBomb {
    /// 40 aliases unfold to 3 million values at most: e^(40/e).
    static let harmlessAliases = 40

    /// Whether a text has many aliases and a key that may be a collection.
    ///
    /// Texts within the YAML can look like both.
    package static func isPossible(in text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var aliases = 0
            var hasComplexKey = false
            var previous = UInt8(ascii: "\n")
            for (index, byte) in bytes.enumerated() {
                let next = index + 1 < bytes.count ? bytes[index + 1] : UInt8(ascii: "\n")
                switch byte {
                case UInt8(ascii: "*") where isSeparator(previous) && !isSpace(next):
                    aliases += 1
                    if isKey(bytes, from: index) { hasComplexKey = true }
                case UInt8(ascii: "?") where isSeparator(previous) && isSpace(next): hasComplexKey = true
                case UInt8(ascii: "]"), UInt8(ascii: "}"):
                    if isKey(bytes, from: index) { hasComplexKey = true }
                default: break
                }
                if hasComplexKey, aliases >= harmlessAliases { return true }
                previous = byte
            }
            return false
        }
    }

    /// Whether a colon follows what begins at `start`, spaces between them allowed.
    private static func isKey(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Bool {
        var place = start + 1
        if bytes[start] == UInt8(ascii: "*") {
            while place < bytes.count, !isSeparator(bytes[place]), bytes[place] != UInt8(ascii: ":") { place += 1 }
        }
        while place < bytes.count, bytes[place] == 0x20 { place += 1 }
        return place < bytes.count && bytes[place] == UInt8(ascii: ":")
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        isSpace(byte) || "[]{},".utf8.contains(byte)
    }
}

import Domain

/// Reads JSON as models write it: comments, single quotes, raw line ends in texts, trailing commas, bare keys, and
/// Python's `True`, `False` and `None`.
///
/// Only objects are wanted, and what does not end is no object: a cut reply must not become a verdict.
struct LenientJSON {
    private let bytes: [UInt8]
    private var place: Int
    private static let maximumDepth = 32

    /// Every object that stands in the text on its own, in order, with nested ones inside theirs.
    static func objects(in text: String) -> [JSONObject] {
        let bytes = Array(text.utf8.prefix(JudgeReply.maximumBytes))
        var found: [JSONObject] = []
        var place = 0
        // A reply of opening braces would otherwise be read again from each of them.
        var attempts = 0
        while attempts < 200, let start = bytes[place...].firstIndex(of: UInt8(ascii: "{")) {
            attempts += 1
            var reader = LenientJSON(bytes: bytes, place: start)
            if let object = reader.object(depth: 0) {
                found.append(object)
                place = reader.place
            } else {
                place = start + 1
            }
        }
        return found
    }

    private init(bytes: [UInt8], place: Int) {
        self.bytes = bytes
        self.place = place
    }

    private var current: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        place += 1
        return true
    }

    /// Skips white space and comments.
    private mutating func skip() {
        while let byte = current {
            if byte <= 0x20 {
                place += 1
            } else if byte == UInt8(ascii: "/"), place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "/") {
                while let next = current, next != 0x0A { place += 1 }
            } else if byte == UInt8(ascii: "/"), place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "*") {
                place += 2
                while place < bytes.count, !(bytes[place - 1] == UInt8(ascii: "*") && bytes[place] == UInt8(ascii: "/"))
                {
                    place += 1
                }
                place += 1
            } else {
                return
            }
        }
    }

    private mutating func object(depth: Int) -> JSONObject? {
        guard depth < Self.maximumDepth, take(UInt8(ascii: "{")) else { return nil }
        var object = JSONObject()
        while true {
            skip()
            if take(UInt8(ascii: "}")) { return object }
            guard let key = current == UInt8(ascii: "\"") || current == UInt8(ascii: "'") ? text() : word() else {
                return nil
            }
            skip()
            guard take(UInt8(ascii: ":")) else { return nil }
            skip()
            guard let value = value(depth: depth + 1) else { return nil }
            object[key] = value
            skip()
            if take(UInt8(ascii: ",")) { continue }
            guard current == UInt8(ascii: "}") else { return nil }
        }
    }

    private mutating func list(depth: Int) -> [JSONValue]? {
        guard depth < Self.maximumDepth, take(UInt8(ascii: "[")) else { return nil }
        var elements: [JSONValue] = []
        while true {
            skip()
            if take(UInt8(ascii: "]")) { return elements }
            guard let value = value(depth: depth + 1) else { return nil }
            elements.append(value)
            skip()
            if take(UInt8(ascii: ",")) { continue }
            guard current == UInt8(ascii: "]") else { return nil }
        }
    }

    private mutating func value(depth: Int) -> JSONValue? {
        switch current {
        case UInt8(ascii: "{"): return object(depth: depth).map { .object($0) }
        case UInt8(ascii: "["): return list(depth: depth).map { .array($0) }
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return text().map { .string($0) }
        default:
            guard let word = word() else { return nil }
            switch word {
            case "true", "True": return .bool(true)
            case "false", "False": return .bool(false)
            case "null", "None": return .null
            default:
                // A bare word is only safe where it cannot be half a sentence.
                if let number = Int(word) { return .int(number) }
                if let number = Double(word), number.isFinite { return .double(number) }
                return .string(word)
            }
        }
    }

    /// A bare key, number or word.
    private mutating func word() -> String? {
        let start = place
        while let byte = current,
            byte >= 0x80 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
                || byte == UInt8(ascii: ".") || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
        { place += 1 }
        return place > start ? String(decoding: bytes[start..<place], as: UTF8.self) : nil
    }

    /// A quoted text.
    ///
    /// A quote ends it only where something follows that can follow a text, so that a quotation inside, which models
    /// often forget to escape, does not.
    private mutating func text() -> String? {
        guard let quote = current else { return nil }
        place += 1
        var content: [UInt8] = []
        while let byte = current {
            place += 1
            if byte == UInt8(ascii: "\\") {
                guard escape(into: &content) else { return nil }
            } else if byte == quote, endsText() {
                return String(decoding: content, as: UTF8.self)
            } else {
                content.append(byte)
            }
        }
        return nil
    }

    private func endsText() -> Bool {
        var next = place
        while next < bytes.count, bytes[next] <= 0x20 { next += 1 }
        guard next < bytes.count else { return true }
        return [UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ":"), UInt8(ascii: "/")]
            .contains(bytes[next])
    }

    private mutating func escape(into content: inout [UInt8]) -> Bool {
        guard let byte = current else { return false }
        place += 1
        switch byte {
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "b"), UInt8(ascii: "f"): content.append(0x20)
        case UInt8(ascii: "u"):
            guard let unit = codeUnit() else { return false }
            var scalar = Unicode.Scalar(UInt32(unit))
            if UTF16.isLeadSurrogate(unit), current == UInt8(ascii: "\\"), place + 1 < bytes.count,
                bytes[place + 1] == UInt8(ascii: "u")
            {
                place += 2
                guard let trail = codeUnit() else { return false }
                scalar = Unicode.Scalar(0x10000 + (UInt32(unit) & 0x3FF) << 10 + UInt32(trail) & 0x3FF)
            }
            content.append(contentsOf: String(Character(scalar ?? "\u{FFFD}")).utf8)
        default: content.append(byte)
        }
        return true
    }

    private mutating func codeUnit() -> UInt16? {
        guard place + 4 <= bytes.count,
            let unit = UInt16(String(decoding: bytes[place..<place + 4], as: UTF8.self), radix: 16)
        else { return nil }
        place += 4
        return unit
    }
}

/// Finds where values of a JSON text begin and end, so that they can be replaced without writing the rest anew.
///
/// Works only on texts that a parser has accepted; on any other the answer is some place within it.
enum JSONText {
    /// The value of the member whose key's first character stands at `place`.
    static func valueRange(_ text: UnsafeRawBufferPointer, keyAt place: Int) -> Range<Int> {
        var start = endOfString(text, from: place)
        while start < text.count, isSpace(text[start]) || text[start] == UInt8(ascii: ":") { start += 1 }
        return start..<endOfValue(text, at: start)
    }

    /// The place after the closing quote of the string whose first character stands at `place`.
    static func endOfString(_ text: UnsafeRawBufferPointer, from place: Int) -> Int {
        var place = place
        while place < text.count {
            switch text[place] {
            case UInt8(ascii: "\""): return place + 1
            case UInt8(ascii: "\\"): place += 2
            default: place += 1
            }
        }
        return text.count
    }

    /// The place after the value that begins at `start`.
    static func endOfValue(_ text: UnsafeRawBufferPointer, at start: Int) -> Int {
        guard start < text.count else { return text.count }
        switch text[start] {
        case UInt8(ascii: "\""): return endOfString(text, from: start + 1)
        case UInt8(ascii: "{"), UInt8(ascii: "["): return endOfContainer(text, at: start)
        default:
            var place = start
            while place < text.count, !isSpace(text[place]), !isEnd(text[place]) { place += 1 }
            return place
        }
    }

    private static func endOfContainer(_ text: UnsafeRawBufferPointer, at start: Int) -> Int {
        var depth = 0
        var place = start
        while place < text.count {
            switch text[place] {
            case UInt8(ascii: "\""):
                place = endOfString(text, from: place + 1)
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return place + 1 }
            default: break
            }
            place += 1
        }
        return text.count
    }

    /// The whole member whose key's first character stands at `place`, with one of the commas beside it.
    static func memberRange(_ text: UnsafeRawBufferPointer, keyAt place: Int) -> Range<Int> {
        var end = valueRange(text, keyAt: place).upperBound
        var start = max(place - 1, 0)
        var before = start
        while before > 0, isSpace(text[before - 1]) { before -= 1 }
        if before > 0, text[before - 1] == UInt8(ascii: ",") {
            start = before - 1
        } else {
            var after = end
            while after < text.count, isSpace(text[after]) { after += 1 }
            if after < text.count, text[after] == UInt8(ascii: ",") { end = after + 1 }
        }
        return start..<max(end, start)
    }

    /// The place after the bracket with which the outermost object begins.
    static func firstMemberPlace(_ text: UnsafeRawBufferPointer) -> Int {
        var place = 0
        while place < text.count, isSpace(text[place]) { place += 1 }
        return min(place + 1, text.count)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    private static func isEnd(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
    }
}

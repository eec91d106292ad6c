import Domain

/// Comparing and searching raw bytes.
extension UnsafeRawBufferPointer {
    /// Whether these bytes are the text's.
    @inline(__always)
    func isText(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && hasPrefix(text)
    }

    /// Whether these bytes begin with the text's.
    @inline(__always)
    func hasPrefix(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard length <= count else { return false }
        let wanted = text.utf8Start
        for place in 0..<length where self[place] != wanted[place] { return false }
        return true
    }

    /// Whether these bytes end with the text's.
    func hasSuffix(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard length <= count else { return false }
        return UnsafeRawBufferPointer(rebasing: self[(count - length)...]).hasPrefix(text)
    }

    /// Where the text begins for the first time, if it is there.
    func firstPlace(of text: StaticString) -> Int? {
        let length = text.utf8CodeUnitCount
        guard length > 0, count >= length else { return nil }
        let first = text.utf8Start[0]
        var place = 0
        while place <= count - length {
            if self[place] == first, UnsafeRawBufferPointer(rebasing: self[place...]).hasPrefix(text) { return place }
            place += 1
        }
        return nil
    }
}

extension [UInt8] {
    /// Appends a text's bytes.
    @inline(__always)
    mutating func append(text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a JSON string.
    mutating func append(quoted text: String) {
        var writer = JSONWriter()
        writer.append(quoted: text)
        append(contentsOf: writer.bytes)
    }
}

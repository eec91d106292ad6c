/// Methods of Python's `str`, on Unicode scalars and without locale.
enum PythonString {
    // MARK: Stripping

    static func strip(_ text: String, _ characters: String? = nil, left: Bool = true, right: Bool = true) -> String {
        let set = characters.map { Set($0.unicodeScalars) }
        func isStripped(_ scalar: Unicode.Scalar) -> Bool { set?.contains(scalar) ?? PythonCharacter.isSpace(scalar) }
        let scalars = text.unicodeScalars
        var start = scalars.startIndex
        var end = scalars.endIndex
        if left { while start < end, isStripped(scalars[start]) { start = scalars.index(after: start) } }
        if right {
            while start < end {
                let before = scalars.index(before: end)
                guard isStripped(scalars[before]) else { break }
                end = before
            }
        }
        return start == scalars.startIndex && end == scalars.endIndex ? text : String(scalars[start..<end])
    }

    // MARK: Searching

    static func contains(_ text: String, _ part: String) -> Bool {
        find(Array(text.utf8), Array(part.utf8), from: 0) != nil
    }

    /// Where the bytes of `part` first begin in `text`; UTF-8 never matches in the middle of a character.
    static func find(_ text: [UInt8], _ part: [UInt8], from start: Int) -> Int? {
        guard let first = part.first else { return start <= text.count ? start : nil }
        var index = start
        while index + part.count <= text.count {
            if text[index] == first, text[index..<(index + part.count)].elementsEqual(part) { return index }
            index += 1
        }
        return nil
    }

    /// Replaces up to `count` occurrences, all if it is negative; an empty `old` stands between all characters.
    static func replace(
        _ text: String, _ old: String, _ new: String, count: Int, limit: Int
    ) throws(TemplateError) -> String {
        guard count != 0 else { return text }
        var left = count < 0 ? Int.max : count
        var result: [UInt8] = []
        let bytes = Array(text.utf8)
        let part = Array(old.utf8)
        var index = 0
        while left > 0, index <= bytes.count {
            guard let found = find(bytes, part, from: index) else { break }
            result += bytes[index..<found]
            result += new.utf8
            left -= 1
            guard result.count <= limit else { throw .runtime("this replacement makes more than \(limit) bytes") }
            index = found + part.count
            guard part.isEmpty else { continue }
            guard found < bytes.count else { return String(decoding: result, as: UTF8.self) }
            repeat {
                result.append(bytes[index])
                index += 1
            } while index < bytes.count && bytes[index] & 0xC0 == 0x80
        }
        result += bytes[min(index, bytes.count)...]
        return String(decoding: result, as: UTF8.self)
    }

    static func count(_ text: String, _ part: String) -> Int {
        guard !part.isEmpty else { return text.unicodeScalars.count + 1 }
        let bytes = Array(text.utf8)
        let wanted = Array(part.utf8)
        var count = 0
        var index = 0
        while let found = find(bytes, wanted, from: index) {
            count += 1
            index = found + wanted.count
        }
        return count
    }

    /// The character, not the byte, where `part` first begins; -1 if nowhere.
    static func index(_ text: String, of part: String) -> Int {
        let bytes = Array(text.utf8)
        guard let found = find(bytes, Array(part.utf8), from: 0) else { return -1 }
        return bytes[..<found].reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    }

    // MARK: Splitting

    /// Splits at whitespace, or at a separator; at most `limit` times, from the left or from the right.
    static func split(_ text: String, _ separator: String?, limit: Int, fromRight: Bool) -> [String] {
        let scalars = Array(text.unicodeScalars)
        let wanted = separator.map { Array($0.unicodeScalars) }
        let ordered = fromRight ? Array(scalars.reversed()) : scalars
        let pieces =
            if let wanted {
                split(ordered, at: fromRight ? wanted.reversed() : wanted, limit: limit)
            } else {
                splitAtSpace(ordered, limit: limit)
            }
        let restored = fromRight ? pieces.reversed().map { $0.reversed() } : pieces
        return restored.map { string($0) }
    }

    private static func split(_ text: [Unicode.Scalar], at separator: [Unicode.Scalar], limit: Int) -> [[Unicode
        .Scalar]]
    {
        var pieces: [[Unicode.Scalar]] = []
        var start = 0
        var index = 0
        while index + separator.count <= text.count, limit < 0 || pieces.count < limit {
            if text[index] == separator[0], text[index..<(index + separator.count)].elementsEqual(separator) {
                pieces.append(Array(text[start..<index]))
                index += separator.count
                start = index
            } else {
                index += 1
            }
        }
        pieces.append(Array(text[start...]))
        return pieces
    }

    private static func splitAtSpace(_ text: [Unicode.Scalar], limit: Int) -> [[Unicode.Scalar]] {
        var pieces: [[Unicode.Scalar]] = []
        var index = 0
        while true {
            while index < text.count, PythonCharacter.isSpace(text[index]) { index += 1 }
            guard index < text.count else { return pieces }
            if limit >= 0, pieces.count == limit {
                pieces.append(Array(text[index...]))
                return pieces
            }
            let start = index
            while index < text.count, !PythonCharacter.isSpace(text[index]) { index += 1 }
            pieces.append(Array(text[start..<index]))
        }
    }

    /// The lines without their ends; text after the last end is a line only if there is any.
    static func lines(_ text: String) -> [String] {
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        var isOpen = false
        var afterReturn = false
        for scalar in text.unicodeScalars {
            if afterReturn, scalar == "\n" {
                afterReturn = false
                continue
            }
            afterReturn = scalar == "\r"
            if PythonCharacter.isLineBreak(scalar) {
                lines.append(String(line))
                line = String.UnicodeScalarView()
                isOpen = false
            } else {
                line.append(scalar)
                isOpen = true
            }
        }
        if isOpen { lines.append(String(line)) }
        return lines
    }

    static func words(_ text: String) -> Int {
        var count = 0
        var isInside = false
        for scalar in text.unicodeScalars {
            let isWord = scalar == "_" || PythonCharacter.isAlphanumeric(scalar)
            if isWord, !isInside { count += 1 }
            isInside = isWord
        }
        return count
    }

    static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }
}

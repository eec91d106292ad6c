/// Reads the literals of expressions: strings with Python's escapes, integers, floats.
enum LiteralReader {
    /// Reads a quoted string that begins at `at` and moves behind it.
    static func string(
        _ bytes: [UInt8], at: inout Int, source: TemplateSource
    ) throws(TemplateError) -> String {
        let start = at
        let quote = bytes[at]
        at += 1
        var text: [UInt8] = []
        while at < bytes.count, bytes[at] != quote {
            guard bytes[at] == UInt8(ascii: "\\") else {
                text.append(bytes[at])
                at += 1
                continue
            }
            guard at + 1 < bytes.count else { break }
            try escape(bytes, at: &at, into: &text, source: source)
        }
        guard at < bytes.count else {
            throw .syntax("this string does not end", at: source.position(of: start))
        }
        at += 1
        return String(decoding: text, as: UTF8.self)
    }

    private static func escape(
        _ bytes: [UInt8], at: inout Int, into text: inout [UInt8], source: TemplateSource
    ) throws(TemplateError) {
        let start = at
        let letter = bytes[at + 1]
        at += 2
        switch letter {
        case 0x0A: break
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "a"): text.append(0x07)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "v"): text.append(0x0B)
        case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): text.append(letter)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            var value = UInt32(letter - UInt8(ascii: "0"))
            var digits = 1
            while digits < 3, at < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(bytes[at]) {
                value = value * 8 + UInt32(bytes[at] - UInt8(ascii: "0"))
                at += 1
                digits += 1
            }
            try append(value, to: &text, at: source.position(of: start))
        case UInt8(ascii: "x"), UInt8(ascii: "u"), UInt8(ascii: "U"):
            let count = letter == UInt8(ascii: "x") ? 2 : letter == UInt8(ascii: "u") ? 4 : 8
            let digits = String(decoding: bytes[at..<min(at + count, bytes.count)], as: UTF8.self)
            guard digits.utf8.count == count, let value = UInt32(digits, radix: 16), !digits.hasPrefix("+") else {
                throw .syntax("this escape needs \(count) hexadecimal digits", at: source.position(of: start))
            }
            at += count
            try append(value, to: &text, at: source.position(of: start))
        case UInt8(ascii: "N"):
            throw .unsupported("\\N", "escape", at: source.position(of: start))
        default:
            text += [UInt8(ascii: "\\")]
            at -= 1
        }
    }

    private static func append(
        _ value: UInt32, to text: inout [UInt8], at position: Position
    ) throws(TemplateError) {
        guard let scalar = Unicode.Scalar(value) else {
            throw .syntax("this escape stands for no character", at: position)
        }
        text.append(contentsOf: String(scalar).utf8)
    }

    /// Reads a number that begins with a digit at `at` and moves behind it.
    ///
    /// Right after a dot there is no fraction: `x.1.2` are two subscripts.
    static func number(
        _ bytes: [UInt8], at: inout Int, allowsFraction: Bool, source: TemplateSource
    ) throws(TemplateError) -> Token.Kind {
        let start = at
        if let value = try prefixed(bytes, at: &at, source: source) { return .int(value) }
        var end = digits(bytes, from: start)
        var isFloat = false
        if allowsFraction {
            var mark = end
            if mark + 1 < bytes.count, bytes[mark] == UInt8(ascii: "."), isDigit(bytes[mark + 1]) {
                mark = digits(bytes, from: mark + 1)
                isFloat = true
                end = mark
            }
            if mark < bytes.count, bytes[mark] | 0x20 == UInt8(ascii: "e") {
                var exponent = mark + 1
                if exponent < bytes.count, bytes[exponent] == UInt8(ascii: "+") || bytes[exponent] == UInt8(ascii: "-")
                {
                    exponent += 1
                }
                if exponent < bytes.count, isDigit(bytes[exponent]) {
                    end = digits(bytes, from: exponent)
                    isFloat = true
                }
            }
        }
        if !isFloat, bytes[start] == UInt8(ascii: "0") {
            // As in Python, a zero cannot lead other digits: `007` is `00` and then `7`, which the parser refuses.
            end = start + 1
            while end < bytes.count, bytes[end] == UInt8(ascii: "0") { end += 1 }
        }
        at = end
        let text = String(decoding: bytes[start..<end].filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
        if isFloat, let value = Double(text) { return .double(value) }
        guard let value = Int(text) else {
            throw .syntax("this number does not fit into 64 bits", at: source.position(of: start))
        }
        return .int(value)
    }

    private static func prefixed(
        _ bytes: [UInt8], at: inout Int, source: TemplateSource
    ) throws(TemplateError) -> Int? {
        guard bytes[at] == UInt8(ascii: "0"), at + 1 < bytes.count else { return nil }
        let radix: Int
        switch bytes[at + 1] | 0x20 {
        case UInt8(ascii: "x"): radix = 16
        case UInt8(ascii: "o"): radix = 8
        case UInt8(ascii: "b"): radix = 2
        default: return nil
        }
        var end = at + 2
        var digits: [UInt8] = []
        while end < bytes.count {
            let index = bytes[end] == UInt8(ascii: "_") ? end + 1 : end
            guard index < bytes.count, isDigit(bytes[index], radix: radix) else { break }
            digits.append(bytes[index])
            end = index + 1
        }
        guard !digits.isEmpty else { return nil }
        guard let value = Int(String(decoding: digits, as: UTF8.self), radix: radix) else {
            throw .syntax("this number does not fit into 64 bits", at: source.position(of: at))
        }
        at = end
        return value
    }

    private static func isDigit(_ byte: UInt8, radix: Int = 10) -> Bool {
        guard let value = Character(Unicode.Scalar(byte)).hexDigitValue else { return false }
        return value < radix
    }

    /// The end of digits that single underscores may part.
    private static func digits(_ bytes: [UInt8], from start: Int) -> Int {
        var end = start
        while end < bytes.count {
            let index = bytes[end] == UInt8(ascii: "_") && end > start ? end + 1 : end
            guard index < bytes.count, isDigit(bytes[index]) else { break }
            end = index + 1
        }
        return end
    }
}

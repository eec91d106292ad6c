/// Splits template source into tokens: text, and what stands between `{{ }}` and `{% %}`.
struct Lexer {
    let source: TemplateSource
    private let bytes: [UInt8]
    private let options: TemplateOptions
    private var at = 0
    private var found: [Token] = []

    init(_ text: String, options: TemplateOptions) {
        source = TemplateSource(text, keepsTrailingNewline: options.keepsTrailingNewline)
        bytes = source.bytes
        self.options = options
    }

    /// All tokens, the last of which is `end`.
    mutating func tokens() throws(TemplateError) -> [Token] {
        while at < bytes.count { try readTextAndOpener() }
        found.append(Token(kind: .end, offset: bytes.count))
        return found
    }

    // MARK: Text

    private mutating func readTextAndOpener() throws(TemplateError) {
        let start = at
        guard let opener = nextOpener(from: at) else {
            appendText(start..<bytes.count)
            at = bytes.count
            return
        }
        let sign = byte(opener + 2)
        let isSigned = sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+")
        let isOutput = bytes[opener + 1] == UInt8(ascii: "{")
        appendText(start..<textEnd(start..<opener, sign: isSigned ? sign : 0, isOutput: isOutput))
        at = opener + (isSigned ? 3 : 2)
        switch bytes[opener + 1] {
        case UInt8(ascii: "#"):
            try skipComment(opener: opener)
        case UInt8(ascii: "{"):
            found.append(Token(kind: .outputStart, offset: opener))
            try readCode(isTag: false)
        default:
            if let end = rawStart(after: at) {
                at = end
                try readRaw(opener: opener)
            } else {
                found.append(Token(kind: .tagStart, offset: opener))
                try readCode(isTag: true)
            }
        }
    }

    private func nextOpener(from start: Int) -> Int? {
        var index = start
        while index + 1 < bytes.count {
            if bytes[index] == UInt8(ascii: "{") {
                let next = bytes[index + 1]
                if next == UInt8(ascii: "{") || next == UInt8(ascii: "%") || next == UInt8(ascii: "#") { return index }
            }
            index += 1
        }
        return nil
    }

    /// Where text ends once the opener's sign, or `lstrip_blocks`, has taken its whitespace.
    private func textEnd(_ range: Range<Int>, sign: UInt8, isOutput: Bool) -> Int {
        if sign == UInt8(ascii: "-") { return strippedEnd(range) }
        guard sign == 0, options.stripsBeforeBlocks, !isOutput else { return range.upperBound }
        let line = bytes[range].lastIndex(of: 0x0A).map { $0 + 1 }
        let startsLine = range.lowerBound == 0 || bytes[range.lowerBound - 1] == 0x0A
        guard let start = line ?? (startsLine ? range.lowerBound : nil) else { return range.upperBound }
        return strippedEnd(start..<range.upperBound) == start ? start : range.upperBound
    }

    private func strippedEnd(_ range: Range<Int>) -> Int {
        var end = range.lowerBound
        var index = range.lowerBound
        while index < range.upperBound {
            let width = whitespaceWidth(at: index)
            index += max(width, 1)
            if width == 0 { end = index }
        }
        return end
    }

    private mutating func appendText(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        let text = String(decoding: bytes[range], as: UTF8.self)
        found.append(Token(kind: .text(text), offset: range.lowerBound))
    }

    // MARK: Comments and raw blocks

    private mutating func skipComment(opener: Int) throws(TemplateError) {
        while at + 1 < bytes.count {
            if bytes[at] == UInt8(ascii: "#"), bytes[at + 1] == UInt8(ascii: "}") {
                let sign = at > opener + 2 ? bytes[at - 1] : 0
                at += 2
                skipAfterCloser(sign: sign)
                return
            }
            at += 1
        }
        throw .syntax("this comment has no `#}`", at: source.position(of: opener))
    }

    /// Where the text of a raw block begins, if `raw` and a closer follow.
    private func rawStart(after start: Int) -> Int? {
        guard let name = wordEnd("raw", from: skippingSpace(from: start)) else { return nil }
        let closer = skippingSpace(from: name)
        if matches("%}", at: closer) { return closer + 2 }
        return matches("-%}", at: closer) ? skippingSpace(from: closer + 3) : nil
    }

    private mutating func readRaw(opener: Int) throws(TemplateError) {
        let start = at
        while at + 1 < bytes.count {
            if matches("{%", at: at) {
                let sign = byte(at + 2)
                let isSigned = sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+")
                if let name = wordEnd("endraw", from: skippingSpace(from: at + (isSigned ? 3 : 2))) {
                    let closer = skippingSpace(from: name)
                    let closerSign = byte(closer)
                    let width = closerSign == UInt8(ascii: "-") || closerSign == UInt8(ascii: "+") ? 1 : 0
                    if matches("%}", at: closer + width) {
                        appendText(start..<textEnd(start..<at, sign: isSigned ? sign : 0, isOutput: false))
                        at = closer + width + 2
                        skipAfterCloser(sign: width == 0 ? 0 : closerSign)
                        return
                    }
                }
            }
            at += 1
        }
        throw .syntax("this raw block has no `{% endraw %}`", at: source.position(of: opener))
    }

    private mutating func skipAfterCloser(sign: UInt8) {
        if sign == UInt8(ascii: "-") {
            at = skippingSpace(from: at)
        } else if sign != UInt8(ascii: "+"), options.trimsBlocks, byte(at) == 0x0A {
            at += 1
        }
    }

    // MARK: Code

    private mutating func readCode(isTag: Bool) throws(TemplateError) {
        var open: [Token.Symbol] = []
        while true {
            at = skippingSpace(from: at)
            guard at < bytes.count else { return }
            if open.isEmpty, readCloser(isTag: isTag) { return }
            let start = at
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                let text = try LiteralReader.string(bytes, at: &at, source: source)
                found.append(Token(kind: .string(text), offset: start))
            } else if isDigit(byte) {
                let followsDot = start > 0 && bytes[start - 1] == UInt8(ascii: ".")
                let kind = try LiteralReader.number(bytes, at: &at, allowsFraction: !followsDot, source: source)
                found.append(Token(kind: kind, offset: start))
            } else if let end = nameEnd(from: at) {
                at = end
                let name = String(decoding: bytes[start..<end], as: UTF8.self)
                found.append(Token(kind: .name(name), offset: start))
            } else if let symbol = Token.Symbol.allCases.first(where: { matches($0.rawValue, at: at) }) {
                try balance(&open, with: symbol)
                at += symbol.rawValue.utf8.count
                found.append(Token(kind: .symbol(symbol), offset: start))
            } else {
                throw .syntax("this character has no meaning here", at: source.position(of: at))
            }
        }
    }

    private mutating func readCloser(isTag: Bool) -> Bool {
        let closer = isTag ? "%}" : "}}"
        let kind: Token.Kind = isTag ? .tagEnd : .outputEnd
        let sign = bytes[at]
        if matches(closer, at: at) {
            found.append(Token(kind: kind, offset: at))
            at += 2
            if isTag { skipAfterCloser(sign: 0) }
        } else if sign == UInt8(ascii: "-") || (sign == UInt8(ascii: "+") && isTag), matches(closer, at: at + 1) {
            found.append(Token(kind: kind, offset: at))
            at += 3
            skipAfterCloser(sign: sign)
        } else {
            return false
        }
        return true
    }

    /// Inside brackets `}}` closes mappings, not the output; so brackets are matched here.
    private func balance(_ open: inout [Token.Symbol], with symbol: Token.Symbol) throws(TemplateError) {
        switch symbol {
        case .leftBrace: open.append(.rightBrace)
        case .leftBracket: open.append(.rightBracket)
        case .leftParenthesis: open.append(.rightParenthesis)
        case .rightBrace, .rightBracket, .rightParenthesis:
            guard open.popLast() == symbol else {
                throw .syntax("`\(symbol.rawValue)` closes nothing here", at: source.position(of: at))
            }
        default: break
        }
    }

    // MARK: Bytes

    private func byte(_ index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private func matches(_ text: String, at index: Int) -> Bool {
        bytes.count - index >= text.utf8.count && bytes[index...].starts(with: text.utf8)
    }

    private func wordEnd(_ word: String, from index: Int) -> Int? {
        index <= bytes.count && matches(word, at: index) ? index + word.utf8.count : nil
    }

    private func skippingSpace(from start: Int) -> Int {
        var index = start
        while index < bytes.count {
            let width = whitespaceWidth(at: index)
            if width == 0 { break }
            index += width
        }
        return index
    }

    /// Bytes of the whitespace scalar here, 0 if there is none.
    private func whitespaceWidth(at index: Int) -> Int {
        if bytes[index] < 0x80 { return PythonCharacter.isSpace(Unicode.Scalar(bytes[index])) ? 1 : 0 }
        guard let (scalar, width) = scalar(at: index), PythonCharacter.isSpace(scalar) else { return 0 }
        return width
    }

    private func scalar(at index: Int) -> (Unicode.Scalar, Int)? {
        let end = bytes[(index + 1)...].prefix(3).firstIndex { $0 & 0xC0 != 0x80 } ?? min(index + 4, bytes.count)
        let scalar = String(decoding: bytes[index..<end], as: UTF8.self).unicodeScalars.first
        return scalar.map { ($0, end - index) }
    }

    private func nameEnd(from start: Int) -> Int? {
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x80 {
                let isLetter = byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
                guard isLetter || byte == UInt8(ascii: "_") || isDigit(byte) else { break }
                index += 1
            } else {
                guard let (scalar, width) = scalar(at: index) else { break }
                let properties = scalar.properties
                guard index == start ? properties.isXIDStart : properties.isXIDContinue else { break }
                index += width
            }
        }
        return index == start ? nil : index
    }
}

/// A piece of template source as the parser sees it.
struct Token: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case text(String)
        case outputStart
        case outputEnd
        case tagStart
        case tagEnd
        case name(String)
        case string(String)
        case int(Int)
        case double(Double)
        case symbol(Symbol)
        case end
    }

    enum Symbol: String, Sendable, CaseIterable {
        case floorDivide = "//"
        case power = "**"
        case equal = "=="
        case notEqual = "!="
        case greaterOrEqual = ">="
        case lessOrEqual = "<="
        case plus = "+"
        case minus = "-"
        case divide = "/"
        case multiply = "*"
        case modulo = "%"
        case tilde = "~"
        case leftBracket = "["
        case rightBracket = "]"
        case leftParenthesis = "("
        case rightParenthesis = ")"
        case leftBrace = "{"
        case rightBrace = "}"
        case greater = ">"
        case less = "<"
        case assign = "="
        case dot = "."
        case colon = ":"
        case pipe = "|"
        case comma = ","
        case semicolon = ";"
    }

    var kind: Kind
    /// Where it begins, in bytes of the source.
    var offset: Int

    /// How a message calls it.
    var description: String {
        switch kind {
        case .text: "text"
        case .outputStart: "`{{`"
        case .outputEnd: "`}}`"
        case .tagStart: "`{%`"
        case .tagEnd: "`%}`"
        case .name(let name): "`\(name)`"
        case .string: "a string"
        case .int, .double: "a number"
        case .symbol(let symbol): "`\(symbol.rawValue)`"
        case .end: "the end of the template"
        }
    }
}

/// The source of a template, with newlines as `\n`, and the way from a byte to its line and column.
struct TemplateSource: Sendable {
    let bytes: [UInt8]
    private let lineStarts: [Int]

    init(_ text: String, keepsTrailingNewline: Bool) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var starts = [0]
        var afterReturn = false
        for byte in text.utf8 {
            if byte == 0x0A, afterReturn {
                afterReturn = false
                continue
            }
            afterReturn = byte == 0x0D
            bytes.append(afterReturn ? 0x0A : byte)
            if bytes.last == 0x0A { starts.append(bytes.count) }
        }
        if !keepsTrailingNewline, bytes.last == 0x0A { bytes.removeLast() }
        self.bytes = bytes
        lineStarts = starts
    }

    func position(of offset: Int) -> Position {
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        let before = bytes[lineStarts[low]..<max(lineStarts[low], min(offset, bytes.count))]
        let column = before.reduce(1) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
        return Position(line: low + 1, column: column)
    }
}

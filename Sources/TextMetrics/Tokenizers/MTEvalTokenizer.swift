/// Tokenizer «13a» of sacreBLEU: a port of what mteval-v13a does to text in Western languages.
enum MTEvalTokenizer {
    /// The tokens of a segment, from which white space at the end is dropped first as sacreBLEU does.
    static func tokens(of text: ScalarText) -> TokenList {
        var line = Array(text.scalars.withoutTrailingSpace)
        if line.contains(0x3C) { line = line.replacing(skipped, with: []) }
        line = withoutLineBreaks(line)
        if line.contains(0x26) {
            for (entity, sign) in entities { line = line.replacing(entity, with: sign) }
        }
        line = spacedSigns([0x20] + line + [0x20])
        line = spacedAfterNonDigit(line)
        line = spacedBeforeNonDigit(line)
        line = spacedDash(line)
        var tokens = TokenList()
        tokens.appendSplit(line)
        return tokens
    }

    private static let skipped = ("<skipped>" as StaticString).scalarValues
    /// Replaced one after the other, so that `&amp;lt;` ends as `<`.
    private static let entities: [([UInt32], [UInt32])] = [
        (("&quot;" as StaticString).scalarValues, [0x22]), (("&amp;" as StaticString).scalarValues, [0x26]),
        (("&lt;" as StaticString).scalarValues, [0x3C]), (("&gt;" as StaticString).scalarValues, [0x3E]),
    ]

    /// Joins a line that ends in a hyphen with the next; every other line break becomes a space.
    private static func withoutLineBreaks(_ line: [UInt32]) -> [UInt32] {
        guard line.contains(0x0A) else { return line }
        return line.replacing([0x2D, 0x0A], with: []).map { $0 == 0x0A ? 0x20 : $0 }
    }

    /// ASCII signs other than `'`, `,`, `-` and `.` stand alone.
    private static func spacedSigns(_ line: [UInt32]) -> [UInt32] {
        var result: [UInt32] = []
        result.reserveCapacity(line.count * 2)
        for scalar in line {
            if isSign(scalar) {
                result.append(0x20)
                result.append(scalar)
                result.append(0x20)
            } else {
                result.append(scalar)
            }
        }
        return result
    }

    @inline(__always)
    private static func isSign(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x7B...0x7E, 0x5B...0x60, 0x20...0x26, 0x28...0x2B, 0x3A...0x40, 0x2F: true
        default: false
        }
    }

    @inline(__always)
    private static func isPeriodOrComma(_ scalar: UInt32) -> Bool { scalar == 0x2E || scalar == 0x2C }

    /// A period or comma stands alone unless a digit precedes it.
    ///
    /// A pair is consumed as a whole, as by a regular expression.
    private static func spacedAfterNonDigit(_ line: [UInt32]) -> [UInt32] {
        replacingPairs(of: line) { first, second in
            isPeriodOrComma(second) && !PythonCharacter.isASCIIDigit(first) ? (first, 0x20, second, 0x20) : nil
        }
    }

    /// A period or comma stands alone unless a digit follows it.
    private static func spacedBeforeNonDigit(_ line: [UInt32]) -> [UInt32] {
        replacingPairs(of: line) { first, second in
            isPeriodOrComma(first) && !PythonCharacter.isASCIIDigit(second) ? (0x20, first, 0x20, second) : nil
        }
    }

    /// A dash stands alone where a digit precedes it.
    private static func spacedDash(_ line: [UInt32]) -> [UInt32] {
        guard line.contains(0x2D) else { return line }
        return replacingPairs(of: line) { first, second in
            second == 0x2D && PythonCharacter.isASCIIDigit(first) ? (first, 0x20, second, 0x20) : nil
        }
    }

    @inline(__always)
    private static func replacingPairs(
        of line: [UInt32], by replacement: (UInt32, UInt32) -> (UInt32, UInt32, UInt32, UInt32)?
    ) -> [UInt32] {
        var result: [UInt32] = []
        result.reserveCapacity(line.count + line.count / 4)
        var index = 0
        while index + 1 < line.count {
            if let (a, b, c, d) = replacement(line[index], line[index + 1]) {
                result.append(a)
                result.append(b)
                result.append(c)
                result.append(d)
                index += 2
            } else {
                result.append(line[index])
                index += 1
            }
        }
        if index < line.count { result.append(line[index]) }
        return result
    }
}

/// The international tokenizer of NIST's BLEU script, as NLTK ports it (`NISTTokenizer().international_tokenize`).
enum NISTTokenizer {
    /// The tokens of a text.
    static func tokens(of text: ScalarText) -> TokenList {
        var line = unescaped(text.scalars)
        line = spacedASCIIRuns(line)
        line = pairs(of: line) {
            NISTCharacters.isNotNumber($0) && NISTCharacters.isPunctuation($1) ? [$0, 0x20, $1, 0x20] : nil
        }
        line = pairs(of: line) {
            NISTCharacters.isPunctuation($0) && NISTCharacters.isNotNumber($1) ? [0x20, $0, 0x20, $1] : nil
        }
        line = spacedSymbols(line)
        var tokens = TokenList()
        tokens.appendSplit(line)
        return tokens
    }

    private static func unescaped(_ text: [UInt32]) -> [UInt32] {
        var line = text
        if line.contains(0x3C) { line = line.replacing(skipped, with: []) }
        line = line.map { $0 == 0x2028 ? 0x20 : $0 }
        guard line.contains(0x26) else { return line }
        for (entity, sign) in entities { line = line.replacing(entity, with: sign) }
        return line
    }

    private static let skipped = ("<skipped>" as StaticString).scalarValues
    /// The ampersand comes last, so that `&amp;lt;` ends as `&lt;`.
    private static let entities: [([UInt32], [UInt32])] = [
        ("&gt;", ">"), ("&lt;", "<"), ("&apos;", "'"), ("&quot;", "\""), ("&#124;", "|"), ("&#91;", "["),
        ("&#93;", "]"),
        ("&amp;", "&"),
    ].map { (ScalarText($0.0).scalars, ScalarText($0.1).scalars) }

    private static func spacedASCIIRuns(_ line: [UInt32]) -> [UInt32] {
        var result: [UInt32] = []
        result.reserveCapacity(line.count * 2)
        var wasASCII = false
        for scalar in line {
            if (scalar < 0x80) != wasASCII {
                result.append(0x20)
                wasASCII.toggle()
            }
            result.append(scalar)
        }
        return result
    }

    private static func spacedSymbols(_ line: [UInt32]) -> [UInt32] {
        var result: [UInt32] = []
        result.reserveCapacity(line.count * 2)
        for scalar in line {
            if NISTCharacters.isSymbol(scalar) {
                result.append(contentsOf: [0x20, scalar, 0x20])
            } else {
                result.append(scalar)
            }
        }
        return result
    }

    /// Replaces pairs from left to right; a replaced pair is consumed as a whole, as by a regular expression.
    private static func pairs(of line: [UInt32], by replacement: (UInt32, UInt32) -> [UInt32]?) -> [UInt32] {
        var result: [UInt32] = []
        result.reserveCapacity(line.count * 2)
        var index = 0
        while index + 1 < line.count {
            if let replaced = replacement(line[index], line[index + 1]) {
                result.append(contentsOf: replaced)
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

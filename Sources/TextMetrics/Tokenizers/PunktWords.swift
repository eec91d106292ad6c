/// Punkt's own, coarse words: they keep their periods.
enum PunktWords {
    /// Calls `body` with each word, line by line.
    static func forEach(in text: ArraySlice<UInt32>, _ body: (ArraySlice<UInt32>) -> Void) {
        // A line is blank by `str.strip`, whose white space is wider than that of the words' patterns.
        for line in text.split(separator: 0x0A) where !line.allSatisfy(PythonCharacter.isSpace) {
            var index = line.startIndex
            while index < line.endIndex {
                if RegexCharacter.isSpace(line[index]) {
                    index += 1
                } else {
                    let end = wordEnd(in: line, at: index)
                    body(line[index..<end])
                    index = end
                }
            }
        }
    }

    private static func wordEnd(in line: ArraySlice<UInt32>, at start: Int) -> Int {
        let length = multiCharacterLength(in: line, at: start)
        if length > 0 { return start + length }
        guard startsWord(line[start]) else { return start + 1 }
        var end = start + 1
        while end < line.endIndex, !endsWord(in: line, at: end) { end += 1 }
        return end
    }

    private static func endsWord(in line: ArraySlice<UInt32>, at index: Int) -> Bool {
        if endsWordBeforeComma(in: line, at: index) { return true }
        return line[index] == 0x2C && (index + 1 == line.endIndex || endsWordBeforeComma(in: line, at: index + 1))
    }

    private static func endsWordBeforeComma(in line: ArraySlice<UInt32>, at index: Int) -> Bool {
        let scalar = line[index]
        return RegexCharacter.isSpace(scalar) || PunktSentenceSplitter.isNonWord(scalar)
            || multiCharacterLength(in: line, at: index) > 0
    }

    /// The length of `--`, `..` and longer, or of periods with white space between them, at least three.
    private static func multiCharacterLength(in line: ArraySlice<UInt32>, at start: Int) -> Int {
        let sign = line[start]
        guard sign == 0x2D || sign == 0x2E else { return 0 }
        let end = line[start...].firstIndex { $0 != sign } ?? line.endIndex
        if end - start >= 2 { return end - start }
        guard sign == 0x2E else { return 0 }
        var index = start
        while index + 2 < line.endIndex, RegexCharacter.isSpace(line[index + 1]), line[index + 2] == 0x2E { index += 2 }
        return index - start >= 4 ? index + 1 - start : 0
    }

    private static func startsWord(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x28, 0x22, 0x60, 0x7B, 0x5B, 0x3A, 0x3B, 0x26, 0x23, 0x2A, 0x40, 0x29, 0x7D, 0x5D, 0x2D, 0x2C: false
        default: true
        }
    }
}

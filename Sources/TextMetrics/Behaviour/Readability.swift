/// Readability formulas that need no syllables, with the counts of the package textstat.
package struct Readability: Sendable, Equatable {
    /// Automated readability index: about the school grade in the United States that reads the text with ease.
    package let automatedReadabilityIndex: Double
    /// Coleman–Liau index, on the same scale.
    package let colemanLiau: Double
    /// LIX: words per sentence plus the percentage of words of more than six letters; above 50 is hard.
    package let lix: Double

    /// Reads a text; an empty one scores 0 everywhere.
    package init(of text: String) {
        let counts = Counts(ScalarText(text).scalars)
        let words = Double(counts.words)
        let sentences = Double(counts.sentences)
        let length = sentences == 0 ? 0 : words / sentences
        let characters = counts.parts == 0 ? 0 : Double(counts.characters) / Double(counts.parts)
        automatedReadabilityIndex = characters == 0 || length == 0 ? 0 : 4.71 * characters + 0.5 * length - 21.43
        let letters = words == 0 ? 0 : Double(counts.letters) / words * 100
        let density = words == 0 ? 0 : sentences / words * 100
        colemanLiau = letters == 0 || density == 0 ? 0 : 0.058 * letters - 0.296 * density - 15.8
        lix = words == 0 ? 0 : length + 100 * Double(counts.longWords) / words
    }

    private struct Counts {
        /// Parts between white space, signs on their own included.
        var parts = 0
        /// Parts with a letter, a digit or the apostrophe of a contraction.
        var words = 0
        var longWords = 0
        var characters = 0
        var letters = 0
        var sentences = 0

        init(_ text: [UInt32]) {
            for part in text.split(whereSeparator: PythonCharacter.isSpace) {
                let letters = part.count(where: PythonCharacter.isWord)
                parts += 1
                characters += part.count
                self.letters += letters
                if letters > 6 { longWords += 1 }
            }
            words = Self.words(in: text[...])
            sentences = Self.sentences(in: text)
        }

        /// A sentence starts at a word boundary and goes on to the next `.`, `!` or `?`; up to two words are none.
        private static func sentences(in text: [UInt32]) -> Int {
            var count = 0
            var index = 0
            while index < text.count {
                let wasWord = index > 0 && PythonCharacter.isWord(text[index - 1])
                guard !isTerminator(text[index]), PythonCharacter.isWord(text[index]) != wasWord else {
                    index += 1
                    continue
                }
                let start = index
                while index < text.count, !isTerminator(text[index]) { index += 1 }
                while index < text.count, isTerminator(text[index]) { index += 1 }
                if words(in: text[start..<index]) > 2 { count += 1 }
            }
            return text.isEmpty ? 0 : max(1, count)
        }

        private static func words(in text: ArraySlice<UInt32>) -> Int {
            var count = 0
            var isInside = false
            for index in text.indices {
                let scalar = text[index]
                if PythonCharacter.isSpace(scalar) {
                    isInside = false
                } else if !isInside, PythonCharacter.isWord(scalar) || isContraction(in: text, at: index) {
                    isInside = true
                    count += 1
                }
            }
            return count
        }

        /// An apostrophe before t, s, d, ve, ll or re.
        private static func isContraction(in text: ArraySlice<UInt32>, at index: Int) -> Bool {
            guard text[index] == 0x27, index + 1 < text.endIndex else { return false }
            let next = text[index + 1]
            if next == 0x74 || next == 0x73 || next == 0x64 { return true }
            guard index + 2 < text.endIndex else { return false }
            let pair = (next, text[index + 2])
            return pair == (0x76, 0x65) || pair == (0x6C, 0x6C) || pair == (0x72, 0x65)
        }

        private static func isTerminator(_ scalar: UInt32) -> Bool {
            scalar == 0x2E || scalar == 0x21 || scalar == 0x3F
        }
    }
}

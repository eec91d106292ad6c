/// The normalisation of SQuAD's F1: lower case, no ASCII punctuation, no articles, parts between white space.
enum SquadNormalizer {
    /// The tokens of a text, in the order lower case → punctuation → articles → white space.
    static func tokens(of text: ScalarText) -> TokenList {
        var tokens = TokenList()
        tokens.appendSplit(withoutArticles(withoutPunctuation(PythonLowercase.lowercased(text.scalars))))
        return tokens
    }

    private static func withoutPunctuation(_ text: [UInt32]) -> [UInt32] {
        text.filter { !PythonCharacter.isASCIIPunctuation($0) }
    }

    /// Replaces every run of word characters that is exactly `a`, `an` or `the` by a space.
    private static func withoutArticles(_ text: [UInt32]) -> [UInt32] {
        var result: [UInt32] = []
        result.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            let start = index
            while index < text.count, PythonCharacter.isWord(text[index]) { index += 1 }
            if isArticle(text[start..<index]) {
                result.append(0x20)
            } else {
                result.append(contentsOf: text[start..<index])
            }
            while index < text.count, !PythonCharacter.isWord(text[index]) {
                result.append(text[index])
                index += 1
            }
        }
        return result
    }

    private static func isArticle(_ word: ArraySlice<UInt32>) -> Bool {
        guard word.first == 0x61 || word.first == 0x74, word.count <= 3 else { return false }
        return articles.contains { $0.elementsEqual(word) }
    }

    private static let articles: [[UInt32]] = [[0x61], [0x61, 0x6E], [0x74, 0x68, 0x65]]
}

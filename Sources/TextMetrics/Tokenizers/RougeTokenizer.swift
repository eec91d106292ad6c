/// The tokenizer of rouge-score: runs of `a–z` and `0–9` after lower-casing, optionally stemmed.
///
/// A text without Latin letters or ASCII digits has no tokens at all; see ``Rouge/Scores/hasNoTokens``.
enum RougeTokenizer {
    /// The tokens of a text; words longer than three letters are stemmed if asked for.
    static func tokens(of text: ArraySlice<UInt32>, stemming: Bool) -> TokenList {
        var lowered: [UInt32] = []
        PythonLowercase.append(text, to: &lowered)
        var tokens = TokenList()
        var start = 0
        while start < lowered.count {
            var end = start
            while end < lowered.count, isAlphanumeric(lowered[end]) { end += 1 }
            let word = lowered[start..<end]
            tokens.append(stemming && word.count > 3 ? PorterStemmer.stem(word) : word)
            start = max(end, start + 1)
        }
        return tokens
    }

    @inline(__always)
    private static func isAlphanumeric(_ scalar: UInt32) -> Bool {
        (scalar >= 0x61 && scalar <= 0x7A) || PythonCharacter.isASCIIDigit(scalar)
    }
}

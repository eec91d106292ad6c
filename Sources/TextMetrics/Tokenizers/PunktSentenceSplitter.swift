/// Splits English text into sentences as NLTK's Punkt tokenizer does (`nltk.sent_tokenize`).
///
/// Only `.`, `?` and `!` with something after them are looked at, each with the word before and the word after.
enum PunktSentenceSplitter {
    /// The ranges of the sentences, without white space between them.
    static func sentences(of text: [UInt32]) -> [Range<Int>] {
        realigned(slices(of: text), in: text)
    }

    // MARK: Possible ends

    /// A sign that may end a sentence: its place, the start of the word before it, the end of what follows.
    private struct Candidate {
        var wordStart = 0
        let sign: Int
        let contextEnd: Int
        /// Where the next token starts, if white space comes first.
        let nextToken: Int?
    }

    private static func candidate(at sign: Int, in text: [UInt32]) -> Candidate? {
        let next = sign + 1
        guard next < text.count else { return nil }
        if isNonWord(text[next]) { return Candidate(sign: sign, contextEnd: next + 1, nextToken: nil) }
        var start = next
        while start < text.count, RegexCharacter.isSpace(text[start]) { start += 1 }
        guard start > next, start < text.count else { return nil }
        var end = start
        while end < text.count, !RegexCharacter.isSpace(text[end]) { end += 1 }
        return Candidate(sign: sign, contextEnd: end, nextToken: start)
    }

    /// Candidates whose contexts do not overlap the next one's: of `!!!` only the last sign counts.
    private static func slices(of text: [UInt32]) -> [Range<Int>] {
        var slices: [Range<Int>] = []
        var sentenceStart = 0
        var previous: Candidate?
        var previousStart = 0
        var previousEnd = 0
        func close(_ candidate: Candidate) {
            guard hasSentenceEnd(text[candidate.wordStart..<candidate.contextEnd]) else { return }
            slices.append(sentenceStart..<(candidate.sign + 1))
            sentenceStart = candidate.nextToken ?? (candidate.sign + 1)
        }
        for sign in text.indices where text[sign] == 0x2E || text[sign] == 0x3F || text[sign] == 0x21 {
            guard var candidate = candidate(at: sign, in: text) else { continue }
            var start = previousStart
            // A space at the very start of the stretch does not count, as in the reference.
            if let space = text[previousEnd..<sign].lastIndex(where: isASCIISpace), space > previousEnd {
                start = space + 1
            }
            candidate.wordStart = start
            if let previous, previousEnd <= start { close(previous) }
            previous = candidate
            previousStart = start
            previousEnd = sign
        }
        if let previous { close(previous) }
        let end = max(sentenceStart, text.withoutTrailingSpace.endIndex)
        slices.append(sentenceStart..<end)
        return slices
    }

    /// Moves quotes and brackets that close after the sign into the sentence they belong to.
    private static func realigned(_ slices: [Range<Int>], in text: [UInt32]) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var realign = 0
        for (index, slice) in slices.enumerated() {
            let start = slice.lowerBound + realign
            guard index + 1 < slices.count else {
                if start < slice.upperBound { result.append(start..<slice.upperBound) }
                continue
            }
            let next = slices[index + 1]
            if let (closers, length) = closers(in: text[next]) {
                result.append(start..<(next.lowerBound + closers))
                realign = length
            } else {
                realign = 0
                if start < slice.upperBound { result.append(start..<slice.upperBound) }
            }
        }
        return result
    }

    /// How many closing signs start the text, and how long they are with the white space after them.
    private static func closers(in text: ArraySlice<UInt32>) -> (closers: Int, length: Int)? {
        var index = text.startIndex
        while index < text.endIndex, isCloser(text[index]) {
            index += 1
            let count = index - text.startIndex
            guard index < text.endIndex else { return (count, count) }
            if RegexCharacter.isSpace(text[index]) {
                let end = text[index...].firstIndex { !RegexCharacter.isSpace($0) } ?? text.endIndex
                return (count, end - text.startIndex)
            }
            if text[index] == 0x2D, index + 1 < text.endIndex, text[index + 1] == 0x2D { return (count, count) }
        }
        return nil
    }

    // MARK: Deciding

    /// Whether a sentence ends inside the context, before its last token.
    private static func hasSentenceEnd(_ context: ArraySlice<UInt32>) -> Bool {
        let model = PunktModel.english
        var tokens: [PunktToken] = []
        PunktWords.forEach(in: context) { tokens.append(PunktToken($0, model: model)) }
        for index in tokens.indices.dropLast() {
            PunktRules.reconsider(&tokens[index], before: tokens[index + 1], model: model)
            if tokens[index].endsSentence { return true }
        }
        return false
    }

    // MARK: Classes

    private static func isASCIISpace(_ scalar: UInt32) -> Bool { scalar == 0x20 || (scalar >= 0x09 && scalar <= 0x0D) }

    /// Signs that cannot be inside a word, the period aside.
    static func isNonWord(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x29, 0x22, 0x3B, 0x7D, 0x5D, 0x2A, 0x3A, 0x40, 0x27, 0x28, 0x7B, 0x5B, 0x21, 0x3F: true
        case 0x2018, 0x2019, 0x201C, 0x201D, 0xAB, 0xBB: true
        default: false
        }
    }

    private static func isCloser(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x22, 0x27, 0x29, 0x5D, 0x7D, 0x2018, 0x2019, 0x201C, 0x201D, 0xAB, 0xBB: true
        default: false
        }
    }
}

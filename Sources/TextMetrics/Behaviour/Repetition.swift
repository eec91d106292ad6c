/// How much a text repeats itself, by the measures that Gopher's training data was filtered with.
///
/// They are those of table A1 of the paper (Rae and others, 2021). Words are the parts between white space. Every
/// fraction but the first of each pair is a share of all characters.
package struct Repetition: Sendable, Equatable {
    /// Lines that occurred before, as a share of all lines.
    package private(set) var duplicateLines = 0.0
    package private(set) var duplicateLineCharacters = 0.0
    /// Paragraphs that occurred before, as a share of all paragraphs.
    package private(set) var duplicateParagraphs = 0.0
    package private(set) var duplicateParagraphCharacters = 0.0
    /// Characters covered by the most frequent 2-, 3- and 4-gram.
    package private(set) var topNGrams = [0.0, 0.0, 0.0]
    /// Characters in repeated 5- to 10-grams.
    package private(set) var duplicateNGrams = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]

    /// Measures a text; an empty one repeats nothing.
    package init(of text: String) {
        let scalars = ScalarText(text).scalars
        guard !scalars.isEmpty else { return }
        let size = Double(scalars.count)
        let lines = Self.split(scalars[...], minimumBreaks: 1)
        let paragraphs = Self.split(scalars.withoutOuterSpace, minimumBreaks: 2)
        let repeatedLines = Self.duplicates(of: lines)
        let repeatedParagraphs = Self.duplicates(of: paragraphs)
        duplicateLines = Double(repeatedLines.count) / Double(lines.count)
        duplicateLineCharacters = Double(repeatedLines.characters) / size
        duplicateParagraphs = Double(repeatedParagraphs.count) / Double(paragraphs.count)
        duplicateParagraphCharacters = Double(repeatedParagraphs.characters) / size
        var words = TokenList()
        words.appendSplit(scalars)
        topNGrams = (2...4).map { Double(Self.topCharacters(words, $0)) / size }
        duplicateNGrams = (5...10).map { Double(Self.duplicateCharacters(words, $0)) / size }
    }

    /// The limits above which Gopher drops a document.
    package static let topNGramLimits = [0.20, 0.18, 0.16]
    package static let duplicateNGramLimits = [0.15, 0.14, 0.13, 0.12, 0.11, 0.10]

    /// Whether any measure is above its limit: the text is likely a loop.
    package var isExcessive: Bool {
        duplicateLines > 0.3 || duplicateParagraphs > 0.3 || duplicateLineCharacters > 0.2
            || duplicateParagraphCharacters > 0.2 || zip(topNGrams, Self.topNGramLimits).contains { $0 > $1 }
            || zip(duplicateNGrams, Self.duplicateNGramLimits).contains { $0 > $1 }
    }

    /// The share of n-grams of words that occurred before (seq-rep-n); 0 for shorter texts.
    package static func sequenceRepetition(of text: String, n: Int = 4) -> Double {
        var words = TokenList()
        words.appendSplit(ScalarText(text).scalars)
        guard n > 0, words.count >= n else { return 0 }
        var vocabulary = Vocabulary()
        let ids = vocabulary.ids(of: words)
        let all = ids.count - n + 1
        let different = Set((0..<all).map { Array(ids[$0..<($0 + n)]) }).count
        return 1 - Double(different) / Double(all)
    }

    /// Splits at runs of at least so many line feeds, which are dropped.
    private static func split(_ text: ArraySlice<UInt32>, minimumBreaks: Int) -> [ArraySlice<UInt32>] {
        var parts: [ArraySlice<UInt32>] = []
        var start = text.startIndex
        var index = text.startIndex
        while index < text.endIndex {
            guard text[index] == 0x0A else {
                index += 1
                continue
            }
            let end = text[index...].firstIndex { $0 != 0x0A } ?? text.endIndex
            if end - index >= minimumBreaks {
                parts.append(text[start..<index])
                start = end
            }
            index = end
        }
        return parts + [text[start...]]
    }

    private static func duplicates(of parts: [ArraySlice<UInt32>]) -> (count: Int, characters: Int) {
        var seen = Vocabulary()
        var count = 0
        var characters = 0
        for part in parts {
            let known = seen.count
            if Int(seen.id(of: part)) < known {
                count += 1
                characters += part.count
            }
        }
        return (count, characters)
    }

    /// The most frequent n-gram's length times its count; of several the one that came first.
    private static func topCharacters(_ words: TokenList, _ n: Int) -> Int {
        guard words.count >= n else { return 0 }
        var seen = Vocabulary()
        var counts: [Int] = []
        for start in 0...(words.count - n) {
            let id = Int(seen.id(of: Array((start..<(start + n)).map { words[$0] }.joined(separator: [0x20]))[...]))
            if id == counts.count { counts.append(1) } else { counts[id] += 1 }
        }
        guard let most = counts.max(), let first = counts.firstIndex(of: most) else { return 0 }
        return seen.token(Int32(truncatingIfNeeded: first)).count * most
    }

    /// Characters of n-grams that occurred before; a repeated n-gram is skipped as a whole.
    private static func duplicateCharacters(_ words: TokenList, _ n: Int) -> Int {
        var seen = Vocabulary()
        var repeated = 0
        var start = 0
        while start <= words.count - n {
            let gram = Array((start..<(start + n)).map { words[$0] }.joined())
            let known = seen.count
            if Int(seen.id(of: gram[...])) < known {
                repeated += gram.count
                start += n
            } else {
                start += 1
            }
        }
        return repeated
    }
}

/// The words of an answer in one spelling: lower case, contractions written out, no signs.
enum RefusalWords {
    static let limit = 400

    static func normalized(_ text: [UInt32]) -> [String] {
        var words: [String] = []
        var word: [UInt32] = []
        for scalar in PythonLowercase.lowercased(Array(text.prefix(limit * 16))) + [0x20] {
            if scalar == 0x2019 || scalar == 0x27 {
                word.append(0x27)
            } else if PythonCharacter.isWord(scalar) {
                word.append(scalar)
            } else if !word.isEmpty {
                append(ScalarText.string(word), to: &words)
                word.removeAll(keepingCapacity: true)
                if words.count >= limit { break }
            }
        }
        return words
    }

    private static func append(_ word: String, to words: inout [String]) {
        if let parts = contractions[word] {
            words += parts
        } else if word.hasSuffix("n't") {
            words += [String(word.dropLast(3)), "not"]
        } else if word == "not", words.last == "can" {
            words[words.count - 1] = "cannot"
        } else {
            words.append(word)
        }
    }

    private static let contractions: [String: [String]] = [
        "can't": ["cannot"], "won't": ["will", "not"], "i'm": ["i", "am"], "it's": ["it", "is"],
        "i'd": ["i", "would"], "that's": ["that", "is"], "here's": ["here", "is"],
    ]
}

/// The contractions that NLTK's word tokenizer splits in two, compared without regard to case.
enum Contractions {
    /// Cheap test: every contraction without an apostrophe has `nn`, `mm` or `tt` in it.
    static func mayOccur(in text: [UInt32]) -> Bool {
        guard text.count >= 5 else { return false }
        for index in 1..<text.count {
            let letter = text[index] | 0x20
            guard letter == text[index - 1] | 0x20 else { continue }
            if letter == 0x6E || letter == 0x6D || letter == 0x74 { return true }
        }
        return false
    }

    /// The length of the first part and of the whole contraction that starts at `index`.
    static func word(in text: [UInt32], at index: Int) -> (first: Int, whole: Int)? {
        guard index == 0 || !PythonCharacter.isWord(text[index - 1]) else { return nil }
        let initial = PythonCharacter.folded(text[index])
        for form in forms where form.letters.first == initial && matches(form.letters, in: text, at: index) {
            let end = index + form.letters.count
            if form.needsSpace {
                guard end < text.count, PythonCharacter.isSpace(text[end]) else { continue }
            } else {
                guard isWordEnd(end, in: text) else { continue }
            }
            return (form.first, form.letters.count)
        }
        return nil
    }

    /// `'tis` and `'twas`, which must follow a space.
    static func afterSpace(in text: [UInt32], at index: Int) -> (first: Int, whole: Int)? {
        for letters in tis where matches(letters, in: text, at: index) && isWordEnd(index + letters.count, in: text) {
            return (2, letters.count)
        }
        return nil
    }

    /// Whether `re`, `ve`, `ll`, `m`, `t`, `s`, `d` or `n` stands at `index` as a whole word.
    static func isClitic(in text: [UInt32], at index: Int) -> Bool {
        clitics.contains { clitic in
            let end = index + clitic.count
            return matches(clitic, in: text, at: index) && (end >= text.count || !RegexCharacter.isWord(text[end]))
        }
    }

    private static func isWordEnd(_ index: Int, in text: [UInt32]) -> Bool {
        index >= text.count || !PythonCharacter.isWord(text[index])
    }

    private static func matches(_ letters: [UInt32], in text: [UInt32], at index: Int) -> Bool {
        guard index + letters.count <= text.count else { return false }
        for offset in letters.indices where PythonCharacter.folded(text[index + offset]) != letters[offset] {
            return false
        }
        return true
    }

    private static let forms: [(letters: [UInt32], first: Int, needsSpace: Bool)] = [
        ("cannot", 3, false), ("d'ye", 1, false), ("gimme", 3, false), ("gonna", 3, false), ("gotta", 3, false),
        ("lemme", 3, false), ("more'n", 4, false), ("wanna", 3, true),
    ].map { (ScalarText($0.0).scalars, $0.1, $0.2) }
    private static let tis = ["'tis", "'twas"].map { ScalarText($0).scalars }
    private static let clitics = ["re", "ve", "ll", "m", "t", "s", "d", "n"].map { ScalarText($0).scalars }
}

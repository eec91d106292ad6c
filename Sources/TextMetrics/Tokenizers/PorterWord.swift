/// A word on its way through the steps of Porter's algorithm.
struct PorterWord {
    private(set) var letters: [UInt32]

    init(_ word: ArraySlice<UInt32>) { letters = Array(word) }

    // MARK: Steps 1a, 1b, 1c: plurals, -ed and -ing, final y

    mutating func removePlural() {
        guard letters.last == 0x73 else { return }
        if ends(with: Suffix.ies), letters.count == 4 {
            letters.removeLast()
        } else if ends(with: Suffix.sses) || ends(with: Suffix.ies) {
            letters.removeLast(2)
        } else if !ends(with: Suffix.ss) {
            letters.removeLast()
        }
    }

    mutating func removePastAndProgressive() {
        guard letters.last == 0x64 || letters.last == 0x67 else { return }
        if ends(with: Suffix.ied) {
            letters.removeLast(letters.count == 4 ? 1 : 2)
            return
        }
        if ends(with: Suffix.eed) {
            if measure(letters.count - 3) > 0 { letters.removeLast() }
            return
        }
        let length = ends(with: Suffix.ed) ? 2 : (ends(with: Suffix.ing) ? 3 : 0)
        guard length > 0, containsVowel(letters.count - length) else { return }
        letters.removeLast(length)
        restoreEnding()
    }

    private mutating func restoreEnding() {
        if ends(with: Suffix.at) || ends(with: Suffix.bl) || ends(with: Suffix.iz) {
            letters.append(0x65)
        } else if endsInDoubleConsonant {
            if let last = letters.last, last != 0x6C, last != 0x73, last != 0x7A { letters.removeLast() }
        } else if measure(letters.count) == 1, endsInShortSyllable(letters.count) {
            letters.append(0x65)
        }
    }

    mutating func replaceFinalY() {
        let last = letters.count - 1
        if letters.last == 0x79, last > 1, isConsonant(last - 1) { letters[last] = 0x69 }
    }

    // MARK: Steps 2, 3, 4: suffixes

    mutating func reduceDoubleSuffix() {
        if ends(with: Suffix.alli), measure(letters.count - 4) > 0 {
            letters.removeLast(2)
            // NLTK runs the step again on the result.
            reduceDoubleSuffix()
            return
        }
        guard let rule = Suffix.step2.first(where: { ends(with: $0.suffix) }) else { return }
        // The l of «logi» belongs to the stem, so that «geologi» is measured like «archaeologi».
        let kept = letters.count - rule.suffix.count + (rule.suffix == Suffix.logi ? 1 : 0)
        if measure(kept) > 0 { replace(rule) }
    }

    mutating func reduceSuffix() {
        guard let rule = Suffix.step3.first(where: { ends(with: $0.suffix) }) else { return }
        if measure(letters.count - rule.suffix.count) > 0 { replace(rule) }
    }

    mutating func removeSuffix() {
        guard let suffix = Suffix.step4.first(where: ends) else { return }
        let kept = letters.count - suffix.count
        guard measure(kept) > 1 else { return }
        if suffix == Suffix.ion, letters[kept - 1] != 0x73, letters[kept - 1] != 0x74 { return }
        letters.removeLast(suffix.count)
    }

    // MARK: Step 5: tidying up

    mutating func removeFinalE() {
        guard letters.last == 0x65 else { return }
        let kept = letters.count - 1
        let measure = measure(kept)
        if measure > 1 || (measure == 1 && !endsInShortSyllable(kept)) { letters.removeLast() }
    }

    mutating func reduceDoubleL() {
        if ends(with: Suffix.ll), measure(letters.count - 1) > 1 { letters.removeLast() }
    }

    // MARK: Letters

    private mutating func replace(_ rule: (suffix: [UInt32], replacement: [UInt32])) {
        letters.removeLast(rule.suffix.count)
        letters.append(contentsOf: rule.replacement)
    }

    private func ends(with suffix: [UInt32]) -> Bool {
        guard letters.count >= suffix.count, letters.last == suffix.last else { return false }
        return letters.starts(with: suffix, at: letters.count - suffix.count)
    }

    @inline(__always)
    private static func isPlainVowel(_ letter: UInt32) -> Bool {
        letter == 0x61 || letter == 0x65 || letter == 0x69 || letter == 0x6F || letter == 0x75
    }

    /// A y is a consonant at the start of the word and after a vowel.
    private func isConsonant(_ index: Int) -> Bool {
        var start = index
        while start > 0, letters[start] == 0x79 { start -= 1 }
        let isFlipped = (index - start) % 2 == 1
        return !Self.isPlainVowel(letters[start]) != isFlipped
    }

    /// How often a consonant follows a vowel in the first `length` letters.
    private func measure(_ length: Int) -> Int {
        var count = 0
        var wasConsonant = true
        for index in 0..<length {
            let letter = letters[index]
            let isConsonant = letter == 0x79 ? (index == 0 || !wasConsonant) : !Self.isPlainVowel(letter)
            if isConsonant, !wasConsonant, index > 0 { count += 1 }
            wasConsonant = isConsonant
        }
        return count
    }

    private func containsVowel(_ length: Int) -> Bool {
        var wasConsonant = true
        for index in 0..<length {
            let letter = letters[index]
            let isConsonant = letter == 0x79 ? (index == 0 || !wasConsonant) : !Self.isPlainVowel(letter)
            if !isConsonant { return true }
            wasConsonant = isConsonant
        }
        return false
    }

    private var endsInDoubleConsonant: Bool {
        let last = letters.count - 1
        return last >= 1 && letters[last] == letters[last - 1] && isConsonant(last)
    }

    /// Consonant, vowel, consonant other than w, x, y; or, for NLTK, a word of a vowel and a consonant.
    private func endsInShortSyllable(_ length: Int) -> Bool {
        if length == 2 { return !isConsonant(0) && isConsonant(1) }
        guard length >= 3 else { return false }
        let last = letters[length - 1]
        return isConsonant(length - 3) && !isConsonant(length - 2) && isConsonant(length - 1)
            && last != 0x77 && last != 0x78 && last != 0x79
    }
}

/// The suffixes of Porter's algorithm, in the order in which they are tried.
private enum Suffix {
    static let ies = scalars("ies"), sses = scalars("sses"), ss = scalars("ss"), ied = scalars("ied")
    static let eed = scalars("eed"), ed = scalars("ed"), ing = scalars("ing"), at = scalars("at"), bl = scalars("bl")
    static let iz = scalars("iz"), alli = scalars("alli"), logi = scalars("logi"), ion = scalars("ion")
    static let ll = scalars("ll")

    static let step2 = rules([
        ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("bli", "ble"),
        ("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize"), ("ation", "ate"),
        ("ator", "ate"), ("alism", "al"), ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al"),
        ("iviti", "ive"), ("biliti", "ble"), ("fulli", "ful"), ("logi", "log"),
    ])
    static let step3 = rules([
        ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", ""),
    ])
    static let step4 = [
        "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate",
        "iti", "ous", "ive", "ize",
    ].map(scalars)

    private static func scalars(_ text: String) -> [UInt32] { ScalarText(text).scalars }

    private static func rules(_ pairs: [(String, String)]) -> [(suffix: [UInt32], replacement: [UInt32])] {
        pairs.map { (scalars($0.0), scalars($0.1)) }
    }
}

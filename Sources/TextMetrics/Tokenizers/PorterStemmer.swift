/// Porter's stemmer (1980) with the extensions that NLTK turns on by default.
///
/// A letter outside ASCII counts as a consonant. Words of one or two characters are left alone.
enum PorterStemmer {
    /// The stem of a lower-case word.
    static func stem(_ word: ArraySlice<UInt32>) -> ArraySlice<UInt32> {
        if word.count <= 7, let irregular = irregularStem(of: word) { return irregular[...] }
        guard word.count > 2 else { return word }
        var stem = PorterWord(word)
        stem.removePlural()
        stem.removePastAndProgressive()
        stem.replaceFinalY()
        stem.reduceDoubleSuffix()
        stem.reduceSuffix()
        stem.removeSuffix()
        stem.removeFinalE()
        stem.reduceDoubleL()
        return stem.letters[...]
    }

    private static func irregularStem(of word: ArraySlice<UInt32>) -> [UInt32]? {
        guard let first = word.first, irregularInitials.contains(first) else { return nil }
        return irregular.first { $0.0.elementsEqual(word) }?.1
    }

    private static let irregular: [([UInt32], [UInt32])] = [
        ("sky", "sky"), ("skies", "sky"), ("dying", "die"), ("lying", "lie"), ("tying", "tie"), ("news", "news"),
        ("innings", "inning"), ("inning", "inning"), ("outings", "outing"), ("outing", "outing"),
        ("cannings", "canning"), ("canning", "canning"), ("howe", "howe"), ("proceed", "proceed"),
        ("exceed", "exceed"), ("succeed", "succeed"),
    ].map { (ScalarText($0.0).scalars, ScalarText($0.1).scalars) }
    private static let irregularInitials = Set(irregular.compactMap(\.0.first))
}

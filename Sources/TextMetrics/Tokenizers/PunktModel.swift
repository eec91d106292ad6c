/// Word knowledge of the English Punkt model, ready for look-ups.
struct PunktModel: Sendable {
    /// What is known of a word's spelling.
    enum Spelling: Sendable {
        /// Seen in lower case, never capitalised inside a sentence.
        case lowerCase
        /// Seen in lower case, and capitalised inside a sentence.
        case mixedCase
        /// Seen at the start of a sentence in lower case, and never capitalised.
        case neverCapitalised
        /// Nothing that changes a decision.
        case unknown
    }

    static let english = PunktModel()

    private var words = Vocabulary(minimumCapacity: 16_000)
    private let lowerCaseCount: Int
    private let mixedCaseCount: Int
    private let abbreviations: Vocabulary
    private let starters: Vocabulary
    private let collocations: Vocabulary

    private init() {
        Self.add(PunktEnglish.lowerCaseWords, to: &words)
        lowerCaseCount = words.count
        Self.add(PunktEnglish.mixedCaseWords, to: &words)
        mixedCaseCount = words.count
        Self.add(PunktEnglish.neverCapitalised, to: &words)
        abbreviations = Self.vocabulary(PunktEnglish.abbreviations)
        starters = Self.vocabulary(PunktEnglish.sentenceStarters)
        collocations = Self.vocabulary(PunktEnglish.collocations)
    }

    func spelling(of word: ArraySlice<UInt32>) -> Spelling {
        guard let id = words.knownID(of: word) else { return .unknown }
        if Int(id) < lowerCaseCount { return .lowerCase }
        return Int(id) < mixedCaseCount ? .mixedCase : .neverCapitalised
    }

    func isAbbreviation(_ word: ArraySlice<UInt32>) -> Bool { abbreviations.knownID(of: word) != nil }

    func startsSentences(_ word: ArraySlice<UInt32>) -> Bool { starters.knownID(of: word) != nil }

    func isCollocation(_ first: ArraySlice<UInt32>, _ second: ArraySlice<UInt32>) -> Bool {
        collocations.knownID(of: (Array(first) + [0x20] + Array(second))[...]) != nil
    }

    private static func vocabulary(_ coded: StaticString) -> Vocabulary {
        var words = Vocabulary()
        add(coded, to: &words)
        return words
    }

    /// Decodes a front-coded list.
    private static func add(_ coded: StaticString, to words: inout Vocabulary) {
        var word: [UInt32] = []
        coded.withUTF8Buffer { bytes in
            for byte in bytes {
                if byte >= 0x41, byte <= 0x5A {
                    if !word.isEmpty { _ = words.id(of: word[...]) }
                    word.removeLast(word.count - Int(byte - 0x41))
                } else {
                    word.append(UInt32(byte))
                }
            }
            if !word.isEmpty { _ = words.id(of: word[...]) }
        }
    }
}

/// NLTK's word tokenizer (`NLTKWordTokenizer`), for one sentence at a time.
///
/// The reference is a list of substitutions applied one after the other. Each is a scan here, which is skipped when the
/// sentence has none of the signs it looks for: most sentences need only two or three of them.
struct NLTKWordTokenizer {
    private var text: [UInt32]
    private var scratch: [UInt32] = []
    private let signs: Signs

    /// Appends the tokens of a sentence.
    static func append(_ sentence: ArraySlice<UInt32>, to tokens: inout TokenList) {
        var tokenizer = NLTKWordTokenizer(text: Array(sentence))
        tokenizer.separateOpeningQuotes()
        tokenizer.separatePunctuation()
        tokenizer.separateClosingQuotes()
        if tokenizer.signs.contractionInitial { tokenizer.separateContractions() }
        tokens.appendSplit(tokenizer.text)
    }

    private init(text: [UInt32]) {
        self.text = text
        signs = Signs(text)
    }

    // MARK: The three groups of substitutions

    private mutating func separateOpeningQuotes() {
        if signs.openingQuote { padOpeningQuotes() }
        if signs.doubleQuote, text.first == 0x22 { text.replaceSubrange(0..<1, with: [0x60, 0x60]) }
        if signs.openingQuote || signs.doubleQuote {
            pad { $0.starts(with: [0x60, 0x60], at: $1) ? 2 : 0 }
        }
        if signs.doubleQuote || signs.apostrophe {
            openDoubleQuotes()
        }
        if signs.apostrophe { openSingleQuotes() }
    }

    private mutating func separatePunctuation() {
        if signs.period { separateLastPeriod(closers: Self.closersAndSpace, separatesClosers: true) }
        if signs.colonOrComma {
            padColonsAndCommas()
            padLastColonOrComma()
        }
        if signs.period { padEllipses() }
        if signs.lonely { pad { Self.isLonelySign($0[$1]) ? 1 : 0 } }
        if signs.wide { pad { $0[$1] >= 0x2012 && $0[$1] <= 0x2015 ? 1 : 0 } }
        if signs.period { separateLastPeriod(closers: Self.closers, separatesClosers: false) }
        if signs.question { pad { $0[$1] == 0x3F || $0[$1] == 0x21 ? 1 : 0 } }
        if signs.apostrophe { separateApostropheBeforeSpace() }
        if signs.star { pad { $0[$1] == 0x2A ? 1 : 0 } }
        if signs.bracket { pad { Self.isBracket($0[$1]) ? 1 : 0 } }
        if signs.dash { pad { $0.starts(with: [0x2D, 0x2D], at: $1) ? 2 : 0 } }
    }

    private mutating func separateClosingQuotes() {
        text.insert(0x20, at: 0)
        text.append(0x20)
        if signs.wide { pad { $0[$1] == 0xBB || $0[$1] == 0x201D || $0[$1] == 0x2019 ? 1 : 0 } }
        if signs.apostrophe || signs.doubleQuote { closeDoubleQuotes() }
        collapseSpace()
        if signs.apostrophe {
            separateClitics(Self.shortClitics)
            separateClitics(Self.longClitics)
        }
    }

    private mutating func separateContractions() {
        rewrite { text, index, output in
            guard let (first, whole) = Contractions.word(in: text, at: index) else { return 0 }
            Self.appendSplit(text, at: index, first: first, whole: whole, to: &output)
            return whole
        }
        guard signs.apostrophe else { return }
        rewrite { text, index, output in
            guard text[index] == 0x20, let (first, whole) = Contractions.afterSpace(in: text, at: index + 1) else {
                return 0
            }
            Self.appendSplit(text, at: index + 1, first: first, whole: whole, to: &output)
            return whole + 1
        }
    }

    private static func appendSplit(
        _ text: [UInt32], at index: Int, first: Int, whole: Int, to output: inout [UInt32]
    ) {
        output.append(0x20)
        output.append(contentsOf: text[index..<(index + first)])
        output.append(0x20)
        output.append(contentsOf: text[(index + first)..<(index + whole)])
        output.append(0x20)
    }

    // MARK: Single substitutions

    /// Runs over the text: `step` writes a replacement and says how many characters it replaced, 0 for none.
    @inline(__always)
    private mutating func rewrite(_ step: ([UInt32], Int, inout [UInt32]) -> Int) {
        scratch.removeAll(keepingCapacity: true)
        scratch.reserveCapacity(text.count * 2)
        var index = 0
        while index < text.count {
            let replaced = step(text, index, &scratch)
            if replaced == 0 {
                scratch.append(text[index])
                index += 1
            } else {
                index += replaced
            }
        }
        swap(&text, &scratch)
    }

    /// Puts spaces around what `length` finds.
    @inline(__always)
    private mutating func pad(_ length: ([UInt32], Int) -> Int) {
        rewrite { text, index, output in
            let found = length(text, index)
            guard found > 0 else { return 0 }
            output.append(0x20)
            for offset in 0..<found { output.append(text[index + offset]) }
            output.append(0x20)
            return found
        }
    }

    private mutating func padOpeningQuotes() {
        pad { text, index in
            switch text[index] {
            case 0xAB, 0x201C, 0x2018, 0x201E: return 1
            case 0x60: return (text[index...].firstIndex { $0 != 0x60 } ?? text.count) - index
            default: return 0
            }
        }
    }

    /// `"` or `''` after a space or an opening bracket opens a quotation.
    private mutating func openDoubleQuotes() {
        rewrite { text, index, output in
            guard index + 1 < text.count, Self.isOpeningBracketOrSpace(text[index]) else { return 0 }
            let length = text[index + 1] == 0x22 ? 1 : (text.starts(with: [0x27, 0x27], at: index + 1) ? 2 : 0)
            guard length > 0 else { return 0 }
            output.append(contentsOf: [text[index], 0x20, 0x60, 0x60, 0x20])
            return length + 1
        }
    }

    /// An apostrophe at the start of a word opens a quotation, unless a clitic such as `'ll` follows.
    private mutating func openSingleQuotes() {
        rewrite { text, index, output in
            guard text[index] == 0x27, index + 1 < text.count, RegexCharacter.isWord(text[index + 1]) else { return 0 }
            if index > 0, RegexCharacter.isWord(text[index - 1]) { return 0 }
            if Contractions.isClitic(in: text, at: index + 1) { return 0 }
            output.append(0x27)
            output.append(0x20)
            return 1
        }
    }

    /// Separates the period that ends the sentence, with closing signs and white space after it.
    private mutating func separateLastPeriod(closers: (UInt32) -> Bool, separatesClosers: Bool) {
        guard let period = text.lastIndex(of: 0x2E), period > 0, text[period - 1] != 0x2E else { return }
        let closersEnd = text[(period + 1)...].firstIndex { !closers($0) } ?? text.count
        guard text[closersEnd...].allSatisfy(RegexCharacter.isSpace) else { return }
        let closing = Array(text[(period + 1)..<closersEnd])
        text.removeSubrange(period...)
        text.append(contentsOf: [0x20, 0x2E])
        if separatesClosers { text.append(0x20) }
        text.append(contentsOf: closing)
        text.append(0x20)
    }

    private mutating func padColonsAndCommas() {
        rewrite { text, index, output in
            guard text[index] == 0x3A || text[index] == 0x2C, index + 1 < text.count else { return 0 }
            guard !PythonCharacter.isDigit(text[index + 1]) else { return 0 }
            output.append(0x20)
            output.append(text[index])
            output.append(0x20)
            output.append(text[index + 1])
            return 2
        }
    }

    /// The same at the very end, where `$` also stands before a final line feed.
    private mutating func padLastColonOrComma() {
        for index in [text.count - 1, text.count - 2] where index >= 0 {
            guard text[index] == 0x3A || text[index] == 0x2C else { continue }
            guard index == text.count - 1 || text[index + 1] == 0x0A else { continue }
            text.replaceSubrange(index...index, with: [0x20, text[index], 0x20])
            return
        }
    }

    private mutating func padEllipses() {
        pad { text, index in
            guard text[index] == 0x2E, index + 1 < text.count, text[index + 1] == 0x2E else { return 0 }
            return (text[index...].firstIndex { $0 != 0x2E } ?? text.count) - index
        }
    }

    private mutating func separateApostropheBeforeSpace() {
        rewrite { text, index, output in
            guard index + 2 < text.count, text[index + 1] == 0x27, text[index + 2] == 0x20, text[index] != 0x27 else {
                return 0
            }
            output.append(contentsOf: [text[index], 0x20, 0x27, 0x20])
            return 3
        }
    }

    private mutating func closeDoubleQuotes() {
        rewrite { text, index, output in
            let length = text[index] == 0x22 ? 1 : (text.starts(with: [0x27, 0x27], at: index) ? 2 : 0)
            guard length > 0 else { return 0 }
            output.append(contentsOf: [0x20, 0x27, 0x27, 0x20])
            return length
        }
    }

    private mutating func collapseSpace() {
        rewrite { text, index, output in
            guard RegexCharacter.isSpace(text[index]) else { return 0 }
            output.append(0x20)
            var end = index + 1
            while end < text.count, RegexCharacter.isSpace(text[end]) { end += 1 }
            return end - index
        }
    }

    /// Separates `'s`, `'ll`, `n't` and their like before a space from the word they hang on.
    private mutating func separateClitics(_ clitics: [[UInt32]]) {
        rewrite { text, index, output in
            guard index + 2 < text.count, text[index] != 0x27, text[index] != 0x20 else { return 0 }
            guard text[index + 1] == 0x27 || text[index + 2] == 0x27 else { return 0 }
            guard let clitic = clitics.first(where: { text.starts(with: $0, at: index + 1) }) else { return 0 }
            output.append(text[index])
            output.append(0x20)
            output.append(contentsOf: clitic)
            return clitic.count + 1
        }
    }

    // MARK: Classes

    private static func closers(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x5D, 0x29, 0x7D, 0x3E, 0x22, 0x27: true
        default: false
        }
    }

    private static func closersAndSpace(_ scalar: UInt32) -> Bool {
        closers(scalar) || scalar == 0xBB || scalar == 0x201D || scalar == 0x2019 || scalar == 0x20
    }

    private static func isOpeningBracketOrSpace(_ scalar: UInt32) -> Bool {
        scalar == 0x20 || scalar == 0x28 || scalar == 0x5B || scalar == 0x7B || scalar == 0x3C
    }

    static func isLonelySign(_ scalar: UInt32) -> Bool {
        scalar == 0x3B || scalar == 0x40 || (scalar >= 0x23 && scalar <= 0x26)
    }

    static func isBracket(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x28, 0x29, 0x3C, 0x3E, 0x5B, 0x5D, 0x7B, 0x7D: true
        default: false
        }
    }

    /// Each ends in the space that must follow; the longer forms come first, as they would in the alternation.
    private static let shortClitics = ["'s ", "'S ", "'m ", "'M ", "'d ", "'D ", "' "].map { ScalarText($0).scalars }
    private static let longClitics = ["'ll ", "'LL ", "'re ", "'RE ", "'ve ", "'VE ", "n't ", "N'T "].map {
        ScalarText($0).scalars
    }
}

/// Which signs a sentence has at all.
private struct Signs {
    var openingQuote = false, doubleQuote = false, apostrophe = false, period = false, colonOrComma = false
    var lonely = false, wide = false, question = false, star = false, bracket = false, dash = false
    var contractionInitial = false

    init(_ text: [UInt32]) {
        for scalar in text {
            switch scalar {
            case 0x22: doubleQuote = true
            case 0x27: apostrophe = true
            case 0x60: openingQuote = true
            case 0x2E: period = true
            case 0x3A, 0x2C: colonOrComma = true
            case 0x3F, 0x21: question = true
            case 0x2A: star = true
            case 0x2D: dash = true
            case 0x80...:
                wide = true
                openingQuote = true
                contractionInitial = true
            default:
                if NLTKWordTokenizer.isLonelySign(scalar) { lonely = true }
                if NLTKWordTokenizer.isBracket(scalar) { bracket = true }
            }
        }
        contractionInitial = contractionInitial || apostrophe || Contractions.mayOccur(in: text)
    }
}

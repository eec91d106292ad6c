/// A token of the few words around a possible sentence end, with what Punkt concludes about it.
struct PunktToken {
    /// The token in lower case; a number is `##number##`.
    let type: [UInt32]
    let isPeriodFinal: Bool
    let isInitial: Bool
    let isEllipsis: Bool
    let startsUpper: Bool
    let startsLower: Bool
    /// Whether the token is one of `;`, `:`, `,`, `.`, `!`, `?`, with which no sentence starts.
    let isPunctuation: Bool
    var endsSentence = false
    var isAbbreviation = false

    /// Makes a token and decides by its own form whether it ends a sentence.
    init(_ token: ArraySlice<UInt32>, model: PunktModel) {
        let lowered = PythonLowercase.lowercased(Array(token))
        let first = token.first ?? 0
        type = Self.isNumber(lowered) ? Self.number : lowered
        isPeriodFinal = token.last == 0x2E
        let second = token.dropFirst().first
        isInitial =
            token.count == 2 && second == 0x2E && RegexCharacter.isWord(first) && !PythonCharacter.isDigit(first)
        isEllipsis = token.count >= 2 && token.allSatisfy { $0 == 0x2E }
        startsUpper = PythonCharacter.isUpper(first)
        startsLower = PythonCharacter.isLower(first)
        isPunctuation = token.count == 1 && Self.punctuation.contains(first)
        if token.count == 1, first == 0x2E || first == 0x3F || first == 0x21 {
            endsSentence = true
        } else if isPeriodFinal, !isEllipsis, token.dropLast().last != 0x2E {
            isAbbreviation = Self.isAbbreviation(PythonLowercase.lowercased(Array(token.dropLast())), in: model)
            endsSentence = !isAbbreviation
        }
    }

    static let number = ScalarText("##number##").scalars
    private static let punctuation: [UInt32] = [0x3B, 0x3A, 0x2C, 0x2E, 0x21, 0x3F]

    /// The type without its final period.
    var typeWithoutPeriod: ArraySlice<UInt32> { type.count > 1 && type.last == 0x2E ? type.dropLast() : type[...] }

    /// The type without the period that ends the sentence, if it does.
    var typeWithoutSentencePeriod: ArraySlice<UInt32> { endsSentence ? typeWithoutPeriod : type[...] }

    private static func isAbbreviation(_ word: [UInt32], in model: PunktModel) -> Bool {
        if model.isAbbreviation(word[...]) { return true }
        guard let dash = word.lastIndex(of: 0x2D) else { return false }
        return model.isAbbreviation(word[(dash + 1)...])
    }

    /// An optional minus, an optional period or comma, then digits with periods, commas and dashes among them.
    private static func isNumber(_ token: [UInt32]) -> Bool {
        var index = 0
        if index < token.count, token[index] == 0x2D { index += 1 }
        if index < token.count, token[index] == 0x2E || token[index] == 0x2C { index += 1 }
        guard index < token.count, PythonCharacter.isDigit(token[index]) else { return false }
        return token[index...].allSatisfy { $0 == 0x2E || $0 == 0x2C || $0 == 0x2D || PythonCharacter.isDigit($0) }
    }
}

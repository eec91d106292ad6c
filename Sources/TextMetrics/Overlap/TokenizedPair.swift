/// A prediction and its references as token numbers of one shared vocabulary.
struct TokenizedPair: Sendable {
    let prediction: [Int32]
    let references: [[Int32]]
    private(set) var vocabulary: Vocabulary

    init(prediction: ScalarText, references: [ScalarText], tokenizer: (ScalarText) -> TokenList) {
        self.init(prediction: tokenizer(prediction), references: references.map(tokenizer))
    }

    init(prediction: TokenList, references: [TokenList]) {
        var vocabulary = Vocabulary(minimumCapacity: prediction.count)
        self.prediction = vocabulary.ids(of: prediction)
        self.references = references.map { vocabulary.ids(of: $0) }
        self.vocabulary = vocabulary
    }
}

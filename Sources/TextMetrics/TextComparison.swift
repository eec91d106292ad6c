/// A prediction beside its references, with the tokens that several metrics share.
///
/// Decoding and tokenising is done at most once per tokenizer, when a metric first needs it. A comparison belongs to
/// one row and one task; make it, ask for the metrics, drop it.
package struct TextComparison {
    package let prediction: ScalarText
    package let references: [ScalarText]

    private var squadTokens: TokenizedPair?
    private var mtevalTokens: TokenizedPair?
    private var rougeTokens: [Bool: TokenizedPair] = [:]
    private var azureTokens: (prediction: TokenList, references: [TokenList])?
    private var azureNumbers: TokenizedPair?
    private var azureOverlap: NGramOverlap?

    /// Prepares a comparison; without references every overlap is 0.
    package init(prediction: String, references: [String]) {
        self.prediction = ScalarText(prediction)
        self.references = references.map(ScalarText.init)
    }

    // MARK: Metrics

    /// SQuAD F1; see ``F1``.
    package mutating func f1(emptyMatches: Bool = false) -> PrecisionRecall {
        let pair =
            squadTokens
            ?? TokenizedPair(prediction: prediction, references: references, tokenizer: SquadNormalizer.tokens)
        squadTokens = pair
        return F1.score(pair, emptyMatches: emptyMatches)
    }

    /// Sentence BLEU of sacreBLEU, between 0 and 100; see ``SacreBLEU``.
    package mutating func sacreBLEU() -> Double {
        SacreBLEU.score(sacreBLEUStatistics(), effectiveOrder: true)
    }

    /// What corpus BLEU sums up.
    package mutating func sacreBLEUStatistics() -> SacreBLEU.Statistics {
        let pair =
            mtevalTokens
            ?? TokenizedPair(prediction: prediction, references: references, tokenizer: MTEvalTokenizer.tokens)
        mtevalTokens = pair
        let overlap = NGramOverlap(prediction: pair.prediction, references: pair.references, maxOrder: 4)
        return SacreBLEU.Statistics(
            overlap, predictionLength: pair.prediction.count, referenceLengths: pair.references.map(\.count))
    }

    /// Azure's BLEU, between 0 and 1; see ``NLTKBleu``.
    package mutating func nltkBleu() -> Double {
        let pair = preparedAzureNumbers()
        return NLTKBleu.score(
            preparedAzureOverlap(), predictionLength: pair.prediction.count,
            referenceLengths: pair.references.map(\.count))
    }

    /// GLEU, between 0 and 1; see ``Gleu``.
    package mutating func gleu() -> Double {
        if references.count == 1 { return Gleu.score([preparedAzureOverlap()]) }
        let pair = preparedAzureNumbers()
        return Gleu.score(
            pair.references.map { NGramOverlap(prediction: pair.prediction, references: [$0], maxOrder: 4) })
    }

    /// METEOR, between 0 and 1; see ``Meteor``.
    package mutating func meteor(parameters: Meteor.Parameters = .init()) -> Double {
        let tokens = preparedAzureTokens()
        return Meteor.score(prediction: tokens.prediction, references: tokens.references, parameters: parameters)
    }

    /// ROUGE; see ``Rouge``.
    package mutating func rouge(stemming: Bool = false, kinds: Rouge.Kinds = .all) -> Rouge.Scores {
        let pair =
            rougeTokens[stemming]
            ?? TokenizedPair(prediction: prediction, references: references) {
                RougeTokenizer.tokens(of: $0.scalars[...], stemming: stemming)
            }
        rougeTokens[stemming] = pair
        return Rouge.scores(pair, prediction: prediction, references: references, stemming: stemming, kinds: kinds)
    }

    /// chrF, or chrF++ with a `wordOrder` of 2, between 0 and 100; see ``ChrF``.
    package func chrF(wordOrder: Int = 0) -> Double {
        ChrF.score(prediction: prediction, references: references, wordOrder: wordOrder)
    }

    /// The highest Levenshtein similarity with a reference, between 0 and 1; see ``Levenshtein``.
    package func levenshteinSimilarity() -> Double {
        references.map { Levenshtein.similarity(prediction.scalars, $0.scalars) }.max() ?? 0
    }

    // MARK: Shared tokens

    private mutating func preparedAzureTokens() -> (prediction: TokenList, references: [TokenList]) {
        let tokens = azureTokens ?? (AzureTokenizer.tokens(of: prediction), references.map(AzureTokenizer.tokens))
        azureTokens = tokens
        return tokens
    }

    private mutating func preparedAzureNumbers() -> TokenizedPair {
        if let azureNumbers { return azureNumbers }
        let tokens = preparedAzureTokens()
        let pair = TokenizedPair(prediction: tokens.prediction, references: tokens.references)
        azureNumbers = pair
        return pair
    }

    private mutating func preparedAzureOverlap() -> NGramOverlap {
        if let azureOverlap { return azureOverlap }
        let pair = preparedAzureNumbers()
        let overlap = NGramOverlap(prediction: pair.prediction, references: pair.references, maxOrder: 4)
        azureOverlap = overlap
        return overlap
    }
}

/// ROUGE-1, -2, -L and -Lsum as the package rouge-score computes them.
package enum Rouge {
    /// The scores of one prediction, each against the reference with the highest F-measure of that kind.
    package struct Scores: Sendable, Equatable {
        package var rouge1 = PrecisionRecall.zero
        package var rouge2 = PrecisionRecall.zero
        package var rougeL = PrecisionRecall.zero
        package var rougeLsum = PrecisionRecall.zero
        /// Whether a text that is not blank had no token: ROUGE only sees Latin letters and ASCII digits.
        ///
        /// Such a row says nothing about the answer; show it as not applicable instead of 0.
        package var hasNoTokens = false
    }

    /// Which scores to compute.
    package struct Kinds: OptionSet, Sendable {
        package let rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }
        package static let nGrams = Kinds(rawValue: 1)
        package static let longest = Kinds(rawValue: 2)
        package static let summary = Kinds(rawValue: 4)
        package static let all: Kinds = [.nGrams, .longest, .summary]
    }

    /// Scores a prediction; with `stemming`, words of more than three letters are compared by their Porter stem.
    package static func scores(
        prediction: String, references: [String], stemming: Bool = false, kinds: Kinds = .all
    ) -> Scores {
        var comparison = TextComparison(prediction: prediction, references: references)
        return comparison.rouge(stemming: stemming, kinds: kinds)
    }

    static func scores(
        _ pair: TokenizedPair, prediction: ScalarText, references: [ScalarText], stemming: Bool, kinds: Kinds
    ) -> Scores {
        var best: Scores?
        for (index, reference) in pair.references.enumerated() {
            var scores = Scores()
            if kinds.contains(.nGrams) { addNGrams(pair.prediction, reference, to: &scores) }
            if kinds.contains(.longest) {
                scores.rougeL = PrecisionRecall(
                    common: CommonSubsequence.length(reference, pair.prediction), predicted: pair.prediction.count,
                    expected: reference.count)
            }
            if kinds.contains(.summary) {
                scores.rougeLsum = RougeSummary.score(
                    prediction: prediction, reference: references[index], stemming: stemming)
            }
            best = best.map { better($0, scores) } ?? scores
        }
        var result = best ?? Scores()
        let isEmptyPrediction = pair.prediction.isEmpty && !isBlank(prediction)
        let hasEmptyReference = zip(pair.references, references).contains { $0.isEmpty && !isBlank($1) }
        result.hasNoTokens = isEmptyPrediction || hasEmptyReference
        return result
    }

    private static func isBlank(_ text: ScalarText) -> Bool { text.scalars.allSatisfy(PythonCharacter.isSpace) }

    private static func addNGrams(_ prediction: [Int32], _ reference: [Int32], to scores: inout Scores) {
        let overlap = NGramOverlap(prediction: prediction, references: [reference], maxOrder: 2)
        func score(_ order: Int) -> PrecisionRecall {
            PrecisionRecall(
                common: overlap.matches[order], predicted: overlap.predictionTotals[order],
                expected: overlap.referenceTotals[0][order])
        }
        scores.rouge1 = score(0)
        scores.rouge2 = score(1)
    }

    private static func better(_ first: Scores, _ second: Scores) -> Scores {
        func pick(_ kind: KeyPath<Scores, PrecisionRecall>) -> PrecisionRecall {
            second[keyPath: kind].f1 > first[keyPath: kind].f1 ? second[keyPath: kind] : first[keyPath: kind]
        }
        return Scores(
            rouge1: pick(\.rouge1), rouge2: pick(\.rouge2), rougeL: pick(\.rougeL), rougeLsum: pick(\.rougeLsum))
    }
}

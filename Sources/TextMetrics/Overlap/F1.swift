/// Token overlap as SQuAD and Azure's `F1ScoreEvaluator` measure it.
package enum F1 {
    /// Scores a prediction against the accepted answers; the answer with the highest F1 counts.
    ///
    /// A prediction and an answer that are both empty after normalisation score 0, as in Azure's evaluator;
    /// `emptyMatches` makes it 1, as SQuAD 2 does for questions without an answer.
    package static func score(
        prediction: String, references: [String], emptyMatches: Bool = false
    ) -> PrecisionRecall {
        var comparison = TextComparison(prediction: prediction, references: references)
        return comparison.f1(emptyMatches: emptyMatches)
    }

    static func score(_ pair: TokenizedPair, emptyMatches: Bool) -> PrecisionRecall {
        var best = PrecisionRecall.zero
        for reference in pair.references {
            let score = score(pair.prediction, reference, emptyMatches: emptyMatches)
            if score.f1 > best.f1 { best = score }
        }
        return best
    }

    private static func score(_ prediction: [Int32], _ reference: [Int32], emptyMatches: Bool) -> PrecisionRecall {
        if prediction.isEmpty, reference.isEmpty { return emptyMatches ? .one : .zero }
        let overlap = NGramOverlap(prediction: prediction, references: [reference], maxOrder: 1)
        guard overlap.matches[0] > 0 else { return .zero }
        return PrecisionRecall(common: overlap.matches[0], predicted: prediction.count, expected: reference.count)
    }
}

/// Google's BLEU for single sentences: the smaller of precision and recall over all n-grams of 1 to 4 tokens.
package enum Gleu {
    /// The score between 0 and 1; the best reference counts.
    package static func score(prediction: String, references: [String]) -> Double {
        var comparison = TextComparison(prediction: prediction, references: references)
        return comparison.gleu()
    }

    static func score(_ overlaps: [NGramOverlap]) -> Double {
        overlaps.map { overlap in
            let predicted = overlap.predictionTotals.reduce(0, +)
            let expected = overlap.referenceTotals[0].reduce(0, +)
            let all = max(predicted, expected)
            return all == 0 ? 0 : Double(overlap.matches.reduce(0, +)) / Double(all)
        }.max() ?? 0
    }
}

import Foundation

/// BLEU of one answer as Azure's `BleuScoreEvaluator` computes it: NLTK's sentence BLEU with smoothing method 4.
package enum NLTKBleu {
    /// The score between 0 and 1.
    package static func score(prediction: String, references: [String]) -> Double {
        var comparison = TextComparison(prediction: prediction, references: references)
        return comparison.nltkBleu()
    }

    static func score(_ overlap: NGramOverlap, predictionLength: Int, referenceLengths: [Int]) -> Double {
        guard overlap.matches[0] > 0 else { return 0 }
        var sum = 0.0
        var zeroOrders = 0
        for (matches, total) in zip(overlap.matches, overlap.predictionTotals) {
            let denominator = Double(max(1, total))
            var precision = Double(matches) / denominator
            if matches == 0, predictionLength > 1 {
                zeroOrders += 1
                precision = 1 / (pow(2, Double(zeroOrders)) * 5 / log(Double(predictionLength))) / denominator
            }
            if precision > 0 { sum += log(precision) / Double(overlap.matches.count) }
        }
        return brevityPenalty(predictionLength: predictionLength, referenceLengths: referenceLengths) * exp(sum)
    }

    private static func brevityPenalty(predictionLength: Int, referenceLengths: [Int]) -> Double {
        let closest = BleuLength.closest(to: predictionLength, among: referenceLengths)
        if predictionLength > closest { return 1 }
        return predictionLength == 0 ? 0 : exp(1 - Double(closest) / Double(predictionLength))
    }
}

/// The length that BLEU compares a prediction with.
enum BleuLength {
    /// The reference length nearest to `length`; of two at the same distance the shorter.
    static func closest(to length: Int, among references: [Int]) -> Int {
        references.min { (abs($0 - length), $0) < (abs($1 - length), $1) } ?? 0
    }
}

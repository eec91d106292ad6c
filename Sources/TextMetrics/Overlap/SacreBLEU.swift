import Foundation

/// BLEU as sacreBLEU computes it: tokenizer 13a, case kept, exponential smoothing.
package enum SacreBLEU {
    /// What a score is computed from; sums of segments give the statistics of a corpus.
    package struct Statistics: Sendable, Equatable {
        package var matches: [Int]
        package var totals: [Int]
        package var predictionLength: Int
        package var referenceLength: Int

        init(_ overlap: NGramOverlap, predictionLength: Int, referenceLengths: [Int]) {
            matches = overlap.matches
            totals = overlap.predictionTotals
            self.predictionLength = predictionLength
            referenceLength = BleuLength.closest(to: predictionLength, among: referenceLengths)
        }

        /// The statistics of no segment at all.
        package init() {
            matches = [0, 0, 0, 0]
            totals = [0, 0, 0, 0]
            predictionLength = 0
            referenceLength = 0
        }

        /// Adds the statistics of a segment.
        package mutating func add(_ other: Statistics) {
            for order in matches.indices {
                matches[order] += other.matches[order]
                totals[order] += other.totals[order]
            }
            predictionLength += other.predictionLength
            referenceLength += other.referenceLength
        }
    }

    /// The score of one segment between 0 and 100, over the orders that occur in it (`effective_order=True`).
    package static func sentence(prediction: String, references: [String]) -> Double {
        var comparison = TextComparison(prediction: prediction, references: references)
        return comparison.sacreBLEU()
    }

    /// The statistics of one segment, to be added up for a corpus.
    package static func statistics(prediction: String, references: [String]) -> Statistics {
        var comparison = TextComparison(prediction: prediction, references: references)
        return comparison.sacreBLEUStatistics()
    }

    /// The score of a corpus between 0 and 100; each row has a prediction and its references.
    package static func corpus(_ rows: some Sequence<(prediction: String, references: [String])>) -> Double {
        var sum = Statistics()
        for row in rows { sum.add(statistics(prediction: row.prediction, references: row.references)) }
        return score(sum, effectiveOrder: false)
    }

    /// The score of summed statistics.
    ///
    /// With `effectiveOrder`, orders that are too long for the prediction are left out instead of making the score 0.
    package static func score(_ statistics: Statistics, effectiveOrder: Bool) -> Double {
        guard statistics.matches.contains(where: { $0 > 0 }) else { return 0 }
        var precisions = [Double](repeating: 0, count: statistics.matches.count)
        var smoothing = 1.0
        var orders = effectiveOrder ? 0 : precisions.count
        for (order, total) in statistics.totals.enumerated() {
            guard total > 0 else { break }
            if effectiveOrder { orders = order + 1 }
            if statistics.matches[order] == 0 {
                smoothing *= 2
                precisions[order] = 100 / (smoothing * Double(total))
            } else {
                precisions[order] = 100 * Double(statistics.matches[order]) / Double(total)
            }
        }
        // The logarithm of a precision of 0 is a very small number, so that the whole score is 0.
        let sum = precisions.prefix(orders).reduce(0) { $0 + ($1 == 0 ? -9_999_999_999 : log($1)) }
        return brevityPenalty(statistics) * exp(sum / Double(orders))
    }

    private static func brevityPenalty(_ statistics: Statistics) -> Double {
        guard statistics.predictionLength < statistics.referenceLength else { return 1 }
        guard statistics.predictionLength > 0 else { return 0 }
        return exp(1 - Double(statistics.referenceLength) / Double(statistics.predictionLength))
    }

    /// The signature that sacreBLEU prints beside such a score.
    ///
    /// `references` is the number of references of every row, or `nil` if it varies. The version is the one this
    /// implementation was compared with.
    package static func signature(references: Int?, effectiveOrder: Bool) -> String {
        let count = references.map(String.init) ?? "var"
        return "nrefs:\(count)|case:mixed|eff:\(effectiveOrder ? "yes" : "no")|tok:13a|smooth:exp|version:2.6.0"
    }
}

/// Precision, recall and their harmonic mean, each between 0 and 1.
package struct PrecisionRecall: Sendable, Equatable {
    package var precision: Double
    package var recall: Double
    package var f1: Double

    package static let zero = PrecisionRecall(precision: 0, recall: 0, f1: 0)

    /// A perfect match.
    static let one = PrecisionRecall(precision: 1, recall: 1, f1: 1)

    /// Scores `common` shared items of `predicted` and `expected` ones; an empty side counts as one item, as in ROUGE.
    init(common: Int, predicted: Int, expected: Int) {
        let precision = Double(common) / Double(max(predicted, 1))
        let recall = Double(common) / Double(max(expected, 1))
        let f1 = precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
        self.init(precision: precision, recall: recall, f1: f1)
    }

    package init(precision: Double, recall: Double, f1: Double) {
        self.precision = precision
        self.recall = recall
        self.f1 = f1
    }
}

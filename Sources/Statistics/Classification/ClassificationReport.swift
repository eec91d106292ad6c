/// How well predicted labels match true ones.
///
/// Equals scikit-learn with `zero_division=0`.
package struct ClassificationReport<Label: Hashable & Comparable & Sendable>: Sendable, Equatable {
    /// Precision, recall and F1 of one label, or an average of them.
    package struct Scores: Sendable, Equatable {
        /// tp/(tp+fp), 0 when never predicted.
        package let precision: Double
        /// tp/(tp+fn), 0 when never true.
        package let recall: Double
        /// 2tp/(2tp+fp+fn), 0 when there are no true positives.
        package let f1: Double
    }

    /// The counts all figures come from.
    package let matrix: ConfusionMatrix<Label>
    /// How many items.
    package let count: Int
    /// The scores of each label, in the order of `matrix.labels`.
    package let perLabel: [Scores]

    /// Throws for empty or misaligned lists and for more than `ConfusionMatrix.mostLabels` labels.
    package init(truth: [Label], predicted: [Label]) throws {
        let matrix = try ConfusionMatrix(truth: truth, predicted: predicted)
        self.matrix = matrix
        count = truth.count
        perLabel = matrix.labels.indices.map { index in
            Self.scores(
                hits: matrix.counts[index][index], predicted: matrix.columnTotal(index), actual: matrix.rowTotal(index))
        }
    }

    /// The share of items with the right label.
    package var accuracy: Double { Double(hits) / Double(count) }

    /// The plain mean over labels: each label counts the same.
    package var macro: Scores { average(weights: perLabel.map { _ in 1 }) }

    /// The mean over labels weighted by how often each is true.
    package var weighted: Scores { average(weights: perLabel.indices.map { Double(matrix.rowTotal($0)) }) }

    /// From the pooled counts; with one label per item all three equal ``accuracy``.
    package var micro: Scores { Self.scores(hits: hits, predicted: count, actual: count) }

    /// Matthews' correlation coefficient (multi-class), 0 when one side has a single label.
    package var matthewsCorrelation: Double {
        let n = Double(count)
        var cross = 0.0
        var predictedSquares = 0.0
        var actualSquares = 0.0
        for index in matrix.labels.indices {
            let (predicted, actual) = (Double(matrix.columnTotal(index)), Double(matrix.rowTotal(index)))
            cross += predicted * actual
            predictedSquares += predicted * predicted
            actualSquares += actual * actual
        }
        let scale = (n * n - predictedSquares) * (n * n - actualSquares)
        return scale > 0 ? (Double(hits) * n - cross) / scale.squareRoot() : 0
    }

    private var hits: Int { matrix.labels.indices.reduce(0) { $0 + matrix.counts[$1][$1] } }

    private func average(weights: [Double]) -> Scores {
        let total = weights.sum
        func mean(_ score: KeyPath<Scores, Double>) -> Double {
            zip(perLabel, weights).map { $0[keyPath: score] * $1 }.sum / total
        }
        return Scores(precision: mean(\.precision), recall: mean(\.recall), f1: mean(\.f1))
    }

    private static func scores(hits: Int, predicted: Int, actual: Int) -> Scores {
        Scores(
            precision: predicted > 0 ? Double(hits) / Double(predicted) : 0,
            recall: actual > 0 ? Double(hits) / Double(actual) : 0,
            f1: hits > 0 ? 2 * Double(hits) / Double(predicted + actual) : 0)
    }
}

/// How often each true label was predicted as each label.
package struct ConfusionMatrix<Label: Hashable & Comparable & Sendable>: Sendable, Equatable {
    /// Every label that occurs on either side, ascending.
    package let labels: [Label]
    /// Rows are true labels, columns predicted ones, both in the order of ``labels``.
    package let counts: [[Int]]

    /// The most labels; the table is square, and more of them are free text, not classes.
    package static var mostLabels: Int { 1_000 }

    /// Counts the pairs.
    ///
    /// Throws for empty or misaligned lists and for more than ``mostLabels`` labels.
    package init(truth: [Label], predicted: [Label]) throws {
        guard truth.count == predicted.count else {
            throw StatisticsError.lengthMismatch(truth.count, predicted.count)
        }
        guard !truth.isEmpty else { throw StatisticsError.tooFewValues(needed: 1, got: 0) }
        let labels = Set(truth).union(predicted).sorted()
        guard labels.count <= Self.mostLabels else {
            throw StatisticsError.outOfRange(parameter: "labels.count", value: Double(labels.count))
        }
        self.labels = labels
        let positions = Dictionary(uniqueKeysWithValues: zip(labels, labels.indices))
        var counts = [[Int]](repeating: [Int](repeating: 0, count: labels.count), count: labels.count)
        for (actual, guess) in zip(truth, predicted) {
            if let row = positions[actual], let column = positions[guess] { counts[row][column] += 1 }
        }
        self.counts = counts
    }

    /// How often the label at this position was true.
    package func rowTotal(_ index: Int) -> Int { counts[index].reduce(0, +) }

    /// How often the label at this position was predicted.
    package func columnTotal(_ index: Int) -> Int { counts.reduce(0) { $0 + $1[index] } }
}

/// How far two raters, or two runs of one rater, give the same labels to the same items.
package enum Agreement {
    /// How much a disagreement counts, by the distance of the labels in their order.
    package enum Weighting: Sendable {
        case equal
        case linear
        case quadratic
    }

    /// The share of items with equal labels.
    package static func percent<Label: Equatable>(_ first: [Label], _ second: [Label]) throws -> Double {
        try requirePairs(first.count, second.count)
        return Double(zip(first, second).count { $0 == $1 }) / Double(first.count)
    }

    /// The share of items whose label changed between two runs (or when the order of the answers was swapped).
    package static func flipRate<Label: Equatable>(_ first: [Label], _ second: [Label]) throws -> Double {
        try requirePairs(first.count, second.count)
        return Double(zip(first, second).count { $0 != $1 }) / Double(first.count)
    }

    /// The share of items that got more than one label over their repeated runs.
    ///
    /// Items without runs throw.
    package static func flakyShare<Label: Equatable>(runs: [[Label]]) throws -> Double {
        guard !runs.isEmpty, runs.allSatisfy({ !$0.isEmpty }) else {
            throw StatisticsError.tooFewValues(needed: 1, got: 0)
        }
        return Double(runs.count { labels in labels.contains { $0 != labels[0] } }) / Double(runs.count)
    }

    /// Cohen's κ = 1 − Σw·observed/Σw·expected, or `nil` when both raters gave one and the same label throughout.
    ///
    /// The labels are ordered by `<` for the weights. Equals scikit-learn `cohen_kappa_score`.
    package static func cohensKappa<Label: Hashable & Comparable & Sendable>(
        _ first: [Label], _ second: [Label], weighting: Weighting = .equal
    ) throws -> Double? {
        try requirePairs(first.count, second.count)
        let table = try ConfusionMatrix(truth: first, predicted: second)
        let size = table.labels.count
        let rows = (0..<size).map { Double(table.rowTotal($0)) }
        let columns = (0..<size).map { Double(table.columnTotal($0)) }
        var observed = 0.0
        var expected = 0.0
        for row in 0..<size {
            for column in 0..<size where row != column {
                let distance = Double(abs(row - column))
                let weight =
                    switch weighting {
                    case .equal: 1.0
                    case .linear: distance
                    case .quadratic: distance * distance
                    }
                observed += weight * Double(table.counts[row][column])
                expected += weight * rows[row] * columns[column] / Double(first.count)
            }
        }
        return expected > 0 ? 1 - observed / expected : nil
    }

    /// Krippendorff's α for nominal labels: 1 − (n−1)·Σ_{c≠k}o_ck / Σ_{c≠k}n_c·n_k.
    ///
    /// `units` holds for each item the labels of its raters, `nil` where one did not label it; items with fewer than
    /// two labels do not count. `nil` when no item has two labels or only one label occurs. Equals PyPI `krippendorff`.
    package static func krippendorffAlpha<Label: Hashable>(units: [[Label?]]) -> Double? {
        var totals: [Label: Double] = [:]
        var disagreement = 0.0
        for unit in units {
            let labels = unit.compactMap { $0 }
            guard labels.count > 1 else { continue }
            var counts: [Label: Double] = [:]
            for label in labels {
                counts[label, default: 0] += 1
                totals[label, default: 0] += 1
            }
            let size = Double(labels.count)
            let same = counts.values.reduce(0) { $0 + $1 * ($1 - 1) }
            disagreement += (size * (size - 1) - same) / (size - 1)
        }
        let all = totals.values.reduce(0, +)
        let expected = all * all - totals.values.reduce(0) { $0 + $1 * $1 }
        return expected > 0 ? 1 - (all - 1) * disagreement / expected : nil
    }

    private static func requirePairs(_ first: Int, _ second: Int) throws {
        guard first == second else { throw StatisticsError.lengthMismatch(first, second) }
        guard first > 0 else { throw StatisticsError.tooFewValues(needed: 1, got: 0) }
    }
}

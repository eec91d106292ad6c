/// A mean whose standard error respects that values of one cluster resemble each other.
///
/// SE² = Σ_c(Σ_{i∈c}(x_i − x̄))² / n²: the cluster-robust form CR0 of Miller, "Adding Error Bars to Evals"
/// (arXiv 2411.00640, appendix A); times C/(C−1) it is what Inspect's `stderr(cluster=)` reports.
package struct ClusteredMean: Sendable, Equatable {
    /// How many values.
    package let count: Int
    /// How many clusters.
    package let clusterCount: Int
    /// The arithmetic mean over all values, each with the same weight.
    package let mean: Double
    /// CR0, without a correction for few clusters.
    package let uncorrectedStandardError: Double

    /// Throws for an empty list, a value that is not finite, or lists of different lengths.
    package init(_ values: [Double], clusters: Clusters) throws {
        try requireFinite(values)
        guard values.count == clusters.indices.count else {
            throw StatisticsError.lengthMismatch(values.count, clusters.indices.count)
        }
        count = values.count
        clusterCount = clusters.count
        mean = values.mean
        var sums = [Double](repeating: 0, count: clusters.count)
        for (value, index) in zip(values, clusters.indices) { sums[index] += value - mean }
        uncorrectedStandardError = sums.sumOfSquares(around: 0).squareRoot() / Double(values.count)
    }

    /// The standard error with the factor √(C/(C−1)), or `nil` for one cluster.
    package var standardError: Double? {
        guard clusterCount > 1 else { return nil }
        let count = Double(clusterCount)
        return uncorrectedStandardError * (count / (count - 1)).squareRoot()
    }

    /// The t interval with C−1 degrees of freedom, or `nil` for one cluster.
    package func interval(confidence: Double = 0.95) throws -> ConfidenceInterval? {
        try requireOpenUnit(confidence, "confidence")
        return standardError.map {
            .student(mean, standardError: $0, degreesOfFreedom: clusterCount - 1, confidence: confidence)
        }
    }
}

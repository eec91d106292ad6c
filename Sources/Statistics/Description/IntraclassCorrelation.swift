/// How alike values of one cluster are: the one-way analysis-of-variance estimate ICC(1).
package struct IntraclassCorrelation: Sendable, Equatable {
    /// (MSB − MSW) / (MSB + (m₀ − 1)·MSW); at most 1, and below 0 when clusters are more alike than chance.
    package let value: Double
    /// The mean number of values per cluster, m̄ = n/C.
    package let meanClusterSize: Double

    /// Estimates the correlation, or `nil` when it is undefined: one cluster, no repeated cluster, or no variation.
    ///
    /// With unequal sizes m₀ = (n − Σm_c²/n)/(C − 1) (Donner 1986). Throws for values not finite or not aligned.
    package init?(_ values: [Double], clusters: Clusters) throws {
        try requireFinite(values)
        guard values.count == clusters.indices.count else {
            throw StatisticsError.lengthMismatch(values.count, clusters.indices.count)
        }
        let total = Double(values.count)
        let groups = Double(clusters.count)
        guard clusters.count > 1, clusters.repeats else { return nil }
        let grandMean = values.mean
        let sizes = clusters.sizes.map(Double.init)
        let means = zip(clusters.sums(of: values), sizes).map { $0 / $1 }
        var between = 0.0
        for (mean, size) in zip(means, sizes) { between += size * (mean - grandMean) * (mean - grandMean) }
        var within = 0.0
        for (value, index) in zip(values, clusters.indices) {
            within += (value - means[index]) * (value - means[index])
        }
        let betweenSquare = between / (groups - 1)
        let withinSquare = within / (total - groups)
        let size = (total - sizes.sumOfSquares(around: 0) / total) / (groups - 1)
        let denominator = betweenSquare + (size - 1) * withinSquare
        guard denominator > 0 else { return nil }
        value = (betweenSquare - withinSquare) / denominator
        meanClusterSize = total / groups
    }

    /// How many times larger clustering makes the variance of a mean: 1 + (m̄ − 1)·ICC, at least 1.
    package var designEffect: Double { max(1, 1 + (meanClusterSize - 1) * value) }
}

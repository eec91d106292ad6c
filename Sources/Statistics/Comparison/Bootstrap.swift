/// Bootstrap intervals: how a statistic would vary if other items had been drawn.
///
/// Percentile and bias-corrected accelerated (BCa) intervals equal `scipy.stats.bootstrap`: z₀ = Φ⁻¹((#< + #≤)/2B), the
/// acceleration from the jackknife, and linearly interpolated quantiles. Source: Efron and Tibshirani (1993), ch. 14.
package struct Bootstrap: Sendable, Equatable {
    /// Which interval is meant, or was possible.
    package enum Method: Sendable, Equatable {
        case percentile
        case biasCorrectedAccelerated
    }

    /// The statistic of the data itself.
    package let estimate: Double
    /// The statistic of each resample, in the order drawn.
    package let distribution: [Double]
    /// The BCa acceleration, or `nil` when the jackknife does not vary.
    package let acceleration: Double?

    /// Takes a distribution made elsewhere, with the jackknife values of each independently drawn sample.
    package init(estimate: Double, distribution: [Double], jackknife: [[Double]]) throws {
        try requireFinite(distribution)
        self.estimate = estimate
        self.distribution = distribution
        var cubes = 0.0
        var squares = 0.0
        for values in jackknife where values.count > 1 {
            let centre = values.mean
            let n = Double(values.count)
            for value in values {
                let influence = (n - 1) * (centre - value)
                cubes += influence * influence * influence / (n * n * n)
                squares += influence * influence / (n * n)
            }
        }
        acceleration = squares > 0 ? cubes / (6 * squares * squares.squareRoot()) : nil
    }

    /// The standard deviation of the distribution; 0 for a single resample.
    package var standardError: Double { distribution.variance()?.squareRoot() ?? 0 }

    /// The interval, and how it was made: BCa falls back to percentile when it is undefined (all resamples on one side
    /// of the estimate, or no variation), where scipy returns NaN.
    package func interval(
        confidence: Double = 0.95, method: Method = .biasCorrectedAccelerated
    ) throws -> (interval: ConfidenceInterval, method: Method) {
        try requireOpenUnit(confidence, "confidence")
        let sorted = distribution.sorted()
        let alpha = (1 - confidence) / 2
        if method == .biasCorrectedAccelerated, let shares = adjustedShares(alpha: alpha, sorted: sorted) {
            return (
                ConfidenceInterval(
                    lower: Quantile.ofSorted(sorted, shares.lower), upper: Quantile.ofSorted(sorted, shares.upper)),
                .biasCorrectedAccelerated
            )
        }
        return (
            ConfidenceInterval(
                lower: Quantile.ofSorted(sorted, alpha), upper: Quantile.ofSorted(sorted, 1 - alpha)),
            .percentile
        )
    }

    private func adjustedShares(alpha: Double, sorted: [Double]) -> (lower: Double, upper: Double)? {
        guard let acceleration else { return nil }
        // A resample that is a reordering of the data equals the estimate up to rounding, and must count as equal.
        let rounding = 1e-12 * max(abs(sorted[0]), abs(sorted[sorted.count - 1]))
        let below = sorted.partitionPoint { $0 < estimate - rounding }
        let notAbove = sorted.partitionPoint { $0 <= estimate + rounding }
        let bias = Normal.quantile(Double(below + notAbove) / Double(2 * sorted.count))
        let z = Normal.quantile(alpha)
        let shift = { (z: Double) in Normal.cumulative(bias + (bias + z) / (1 - acceleration * (bias + z))) }
        let (lower, upper) = (shift(z), shift(-z))
        return lower.isFinite && upper.isFinite ? (lower, upper) : nil
    }
}

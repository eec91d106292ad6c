import Foundation

/// Sample ratio mismatch: whether the arms got the share of traffic they were meant to get.
///
/// A mismatch means that assignment or logging is broken, and that no comparison of the arms can be trusted.
package struct SampleRatio: Sendable, Equatable {
    /// How many units each arm got.
    package let counts: [Int]
    /// The intended share of each arm; they sum to 1.
    package let shares: [Double]

    /// Scales the weights to shares.
    ///
    /// Throws unless there are at least two arms, each with a positive weight and no negative count.
    package init(counts: [Int], weights: [Double]) throws {
        guard counts.count == weights.count else { throw StatisticsError.lengthMismatch(counts.count, weights.count) }
        try requireFinite(weights, atLeast: 2)
        for weight in weights where weight <= 0 {
            throw StatisticsError.outOfRange(parameter: "weight", value: weight)
        }
        for count in counts where count < 0 || count > 1 << 48 {
            throw StatisticsError.outOfRange(parameter: "count", value: Double(count))
        }
        self.counts = counts
        let total = weights.sum
        shares = weights.map { $0 / total }
    }

    /// The χ² p-value with k−1 degrees of freedom, 1 without units.
    ///
    /// Alarm below 0.001. Equals gbstats `check_srm`.
    package var pValue: Double {
        let total = Double(counts.reduce(0, +))
        guard total > 0 else { return 1 }
        var statistic = 0.0
        for (count, share) in zip(counts, shares) {
            let expected = share * total
            statistic += (Double(count) - expected) * (Double(count) - expected) / expected
        }
        return ChiSquared(degreesOfFreedom: Double(counts.count - 1)).survival(statistic)
    }

    /// The log Bayes factor of "some other ratio" over the intended one, which may be looked at any time.
    ///
    /// log of [Γ(Σa)/Γ(Σa+n)]·∏Γ(a_i+n_i)/Γ(a_i) / ∏θ_i^{n_i} with a Dirichlet prior a, all 1 by default; alarm at
    /// log(1/α). Source: Lindon and Malek, "Anytime-Valid Inference for Multinomial Count Data" (2022).
    package func logEvidence(prior: [Double]? = nil) throws -> Double {
        let prior = prior ?? counts.map { _ in 1 }
        guard prior.count == counts.count else { throw StatisticsError.lengthMismatch(counts.count, prior.count) }
        try requireFinite(prior)
        for weight in prior where weight <= 0 { throw StatisticsError.outOfRange(parameter: "prior", value: weight) }
        let sum = prior.sum
        var evidence = lgamma(sum) - lgamma(sum + Double(counts.reduce(0, +)))
        for index in counts.indices {
            let count = Double(counts[index])
            evidence += lgamma(prior[index] + count) - lgamma(prior[index]) - count * log(shares[index])
        }
        return evidence
    }
}

import Foundation

/// An interval and p-value that stay valid however often one looks: the asymptotic confidence sequence.
///
/// Half-width √(V·N)·√(2(Nρ²+1)·ln(√(Nρ²+1)/α)/(Nρ)²), p = min(1, √(Nρ²+1)·exp(−ρ²S²/(2(Nρ²+1)))), S² = Δ²·N/V, and
/// ρ = √((−2lnα + ln(1−2lnα))/N*). Source: Waudby-Smith et al., arXiv 2103.06476, eqs. 9, 155, 161. Equals GrowthBook's
/// gbstats 0.8 `SequentialTwoSidedTTest`.
package struct ConfidenceSequence: Sendable, Equatable {
    /// The chance of ever being wrong.
    package let alpha: Double
    /// N*: the total count at which the interval is to be tightest.
    package let tuning: Double

    /// Throws for `alpha` outside (0, 1) or a tuning that is not positive.
    package init(alpha: Double = 0.05, tuning: Double = 5_000) throws {
        try requireOpenUnit(alpha, "alpha")
        guard tuning > 0, tuning.isFinite else { throw StatisticsError.outOfRange(parameter: "tuning", value: tuning) }
        self.alpha = alpha
        self.tuning = tuning
    }

    /// The interval of a difference, given the variance of its estimate and the total count of both arms.
    package func interval(difference: Double, variance: Double, count: Int) throws -> ConfidenceInterval {
        try check(difference, variance, count)
        let n = Double(count)
        let growth = n * rho * rho + 1
        let reach =
            (variance * n).squareRoot() * (2 * growth * log(growth.squareRoot() / alpha)).squareRoot() / (n * rho)
        return ConfidenceInterval(lower: difference - reach, upper: difference + reach)
    }

    /// The always-valid p-value of no difference; 1 when difference and variance are both 0.
    package func pValue(difference: Double, variance: Double, count: Int) throws -> Double {
        try check(difference, variance, count)
        if variance == 0 { return difference == 0 ? 1 : 0 }
        let n = Double(count)
        let growth = n * rho * rho + 1
        let evidence = rho * rho * difference * difference * n / variance / (2 * growth)
        return min(1, growth.squareRoot() * exp(-evidence))
    }

    private var rho: Double {
        ((-2 * log(alpha) + log(1 - 2 * log(alpha))) / tuning).squareRoot()
    }

    private func check(_ difference: Double, _ variance: Double, _ count: Int) throws {
        guard difference.isFinite else { throw StatisticsError.outOfRange(parameter: "difference", value: difference) }
        guard variance >= 0, variance.isFinite else {
            throw StatisticsError.outOfRange(parameter: "variance", value: variance)
        }
        guard count > 0 else { throw StatisticsError.tooFewValues(needed: 1, got: count) }
    }
}

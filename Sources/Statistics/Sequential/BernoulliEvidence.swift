import Foundation

/// The beta-binomial e-value: evidence against "the pass rate is p" that may be looked at any time.
///
/// B(a+s, b+f)/B(a, b) / (p^s·(1−p)^f) with a Beta(a, b) mixture over alternatives; reject at 1/α.
package enum BernoulliEvidence {
    /// The logarithm of the e-value.
    ///
    /// Throws for negative counts, a rate outside (0, 1) or a prior that is not positive.
    package static func log(
        successes: Int, failures: Int, rate: Double, priorSuccesses: Double = 1, priorFailures: Double = 1
    ) throws -> Double {
        for count in [successes, failures] where count < 0 {
            throw StatisticsError.outOfRange(parameter: "count", value: Double(count))
        }
        try requireOpenUnit(rate, "rate")
        for prior in [priorSuccesses, priorFailures] where !(prior > 0 && prior.isFinite) {
            throw StatisticsError.outOfRange(parameter: "prior", value: prior)
        }
        let (s, f) = (Double(successes), Double(failures))
        return logBeta(priorSuccesses + s, priorFailures + f) - logBeta(priorSuccesses, priorFailures)
            - s * Foundation.log(rate) - f * log1p(-rate)
    }

    private static func logBeta(_ a: Double, _ b: Double) -> Double { lgamma(a) + lgamma(b) - lgamma(a + b) }
}

import Foundation

/// The χ² distribution.
package struct ChiSquared: Sendable, Equatable {
    /// The degrees of freedom; positive.
    package let degreesOfFreedom: Double

    package init(degreesOfFreedom: Double) {
        self.degreesOfFreedom = degreesOfFreedom
    }

    /// The probability of a value at most `x`: P(k/2, x/2).
    ///
    /// Equals `scipy.stats.chi2.cdf`.
    package func cumulative(_ x: Double) -> Double { IncompleteGamma.lower(degreesOfFreedom / 2, max(0, x) / 2) }

    /// The probability of a value above `x`.
    ///
    /// Equals `scipy.stats.chi2.sf`.
    package func survival(_ x: Double) -> Double { IncompleteGamma.upper(degreesOfFreedom / 2, max(0, x) / 2) }

    /// The value below which a share `p` lies.
    ///
    /// Equals `scipy.stats.chi2.ppf`; NaN outside [0, 1].
    package func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1, degreesOfFreedom > 0 else { return .nan }
        if p == 0 { return 0 }
        if p == 1 { return .infinity }
        var high = degreesOfFreedom + 1
        while survival(high) > 1 - p, high < .greatestFiniteMagnitude / 2 { high *= 2 }
        let half = degreesOfFreedom / 2
        let density = { (x: Double) in SaddlePoint.poisson(half, mean: x / 2) * half / x }
        // Small shares are compared on the lower tail, where they keep their digits.
        if p < 0.5 {
            return solveDecreasing(
                { -self.cumulative($0) }, density: density, target: -p, in: 0...high, start: high / 2)
        }
        return solveDecreasing(survival, density: density, target: 1 - p, in: 0...high, start: high / 2)
    }
}

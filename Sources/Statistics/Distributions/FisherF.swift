/// Fisher's F distribution.
package struct FisherF: Sendable, Equatable {
    /// The degrees of freedom of the numerator; positive.
    package let numerator: Double
    /// The degrees of freedom of the denominator; positive.
    package let denominator: Double

    package init(numerator: Double, denominator: Double) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// The probability of a value above `f`: I_{d₂/(d₂+d₁f)}(d₂/2, d₁/2).
    ///
    /// Equals `scipy.stats.f.sf`.
    package func survival(_ f: Double) -> Double { tails(f).lower }

    /// The probability of a value at most `f`.
    ///
    /// Equals `scipy.stats.f.cdf`.
    package func cumulative(_ f: Double) -> Double { tails(f).upper }

    private func tails(_ f: Double) -> (lower: Double, upper: Double) {
        let scaled = numerator * max(0, f)
        let sum = denominator + scaled
        return IncompleteBeta.tails(denominator / 2, numerator / 2, denominator / sum, scaled / sum)
    }
}

/// The beta distribution.
package struct Beta: Sendable, Equatable {
    /// The first shape; positive.
    package let a: Double
    /// The second shape; positive.
    package let b: Double

    package init(_ a: Double, _ b: Double) {
        self.a = a
        self.b = b
    }

    /// The probability of a value at most `x`.
    ///
    /// Equals `scipy.stats.beta.cdf`.
    package func cumulative(_ x: Double) -> Double { IncompleteBeta.lower(a, b, x) }

    /// The value below which a share `p` lies.
    ///
    /// Equals `scipy.stats.beta.ppf`; NaN outside [0, 1].
    package func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1, a > 0, b > 0 else { return .nan }
        if p == 0 { return 0 }
        if p == 1 { return 1 }
        let density = { (x: Double) in
            x <= 0 || x >= 1
                ? 0
                : SaddlePoint.binomial(a, of: a + b, probability: x, complement: 1 - x) * a * (b / (a + b))
                    / (x * (1 - x))
        }
        return solveDecreasing(
            { -self.cumulative($0) }, density: density, target: -p, in: 0...1, start: a / (a + b))
    }
}

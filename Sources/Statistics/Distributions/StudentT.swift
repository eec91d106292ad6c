import Foundation

/// Student's t distribution.
package struct StudentT: Sendable, Equatable {
    /// The degrees of freedom; positive, not necessarily whole.
    ///
    /// Infinity is the normal distribution.
    package let degreesOfFreedom: Double

    package init(degreesOfFreedom: Double) {
        self.degreesOfFreedom = degreesOfFreedom
    }

    /// The probability of a value at most `t`.
    ///
    /// Equals `scipy.stats.t.cdf`.
    package func cumulative(_ t: Double) -> Double { survival(-t) }

    /// The probability of a value above `t`: ½·I_{ν/(ν+t²)}(ν/2, ½) for t ≥ 0.
    ///
    /// Equals `scipy.stats.t.sf`.
    package func survival(_ t: Double) -> Double {
        guard !t.isNaN, degreesOfFreedom > 0 else { return .nan }
        if degreesOfFreedom == .infinity { return Normal.survival(t) }
        if t.isInfinite { return t > 0 ? 0 : 1 }
        let square = t * t
        let x = square.isInfinite ? 0 : degreesOfFreedom / (degreesOfFreedom + square)
        let y = square.isInfinite ? 1 : square / (degreesOfFreedom + square)
        let half = IncompleteBeta.tails(degreesOfFreedom / 2, 0.5, x, y).lower / 2
        return t >= 0 ? half : 1 - half
    }

    /// The probability of a value at least as far from 0 as `t`.
    package func twoSided(_ t: Double) -> Double { min(1, 2 * survival(abs(t))) }

    /// The density at `t`.
    package func density(_ t: Double) -> Double {
        let nu = degreesOfFreedom
        if nu == .infinity { return Normal.density(t) }
        let scale = exp(lgamma((nu + 1) / 2) - lgamma(nu / 2)) / (nu * Double.pi).squareRoot()
        return scale * exp(-(nu + 1) / 2 * log1p(t * t / nu))
    }

    /// The value below which a share `p` lies.
    ///
    /// Equals `scipy.stats.t.ppf`; NaN outside [0, 1].
    package func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1, degreesOfFreedom > 0 else { return .nan }
        if degreesOfFreedom == .infinity { return Normal.quantile(p) }
        if p == 0 { return -.infinity }
        if p == 1 { return .infinity }
        if p == 0.5 { return 0 }
        return p < 0.5 ? -upperQuantile(p) : upperQuantile(1 - p)
    }

    private func upperQuantile(_ p: Double) -> Double {
        var high = max(1, -Normal.quantile(p))
        while survival(high) > p, high < .greatestFiniteMagnitude / 2 { high *= 2 }
        let start = high <= 1 ? 0.5 : high / 2
        return solveDecreasing(survival, density: density, target: p, in: 0...high, start: start)
    }
}

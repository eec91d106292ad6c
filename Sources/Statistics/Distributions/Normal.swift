import Foundation

/// The standard normal distribution.
package enum Normal {
    /// The density φ(z).
    package static func density(_ z: Double) -> Double {
        exp(-0.5 * z * z) / (2 * Double.pi).squareRoot()
    }

    /// The probability Φ(z) of a value at most `z`: ½·erfc(−z/√2).
    ///
    /// Equals `scipy.stats.norm.cdf`.
    package static func cumulative(_ z: Double) -> Double { 0.5 * erfc(-z / 2.0.squareRoot()) }

    /// The probability 1 − Φ(z) of a value above `z`, without cancellation.
    ///
    /// Equals `scipy.stats.norm.sf`.
    package static func survival(_ z: Double) -> Double { cumulative(-z) }

    /// The value below which a share `p` lies.
    ///
    /// Equals `scipy.stats.norm.ppf`; ±∞ at 1 and 0, NaN outside [0, 1].
    package static func quantile(_ p: Double) -> Double {
        guard p >= 0, p <= 1 else { return .nan }
        if p == 0 { return -.infinity }
        if p == 1 { return .infinity }
        // 1 − p is exact for p in (½, 1), so the upper half loses nothing.
        return p <= 0.5 ? -upperQuantile(p) : upperQuantile(1 - p)
    }

    /// The value above which a share `p` lies: the mirror image of ``quantile(_:)``, precise for tiny `p`.
    package static func upperTailQuantile(_ p: Double) -> Double { -quantile(p) }

    /// z ≥ 0 with survival `p` ≤ ½: the rational start of Abramowitz & Stegun 26.2.23 (error below 4.5e-4), then
    /// three Halley steps, each of which triples the number of right digits.
    private static func upperQuantile(_ p: Double) -> Double {
        let t = (-2 * log(p)).squareRoot()
        let top = 2.515517 + t * (0.802853 + t * 0.010328)
        let bottom = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308))
        var z = t - top / bottom
        for _ in 0..<3 {
            let density = density(z)
            guard density > 0 else { break }
            let error = (survival(z) - p) / density
            z += error / (1 + z * error / 2)
        }
        return z
    }
}

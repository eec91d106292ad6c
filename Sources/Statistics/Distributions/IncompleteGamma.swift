import Foundation

/// The regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 − P(a, x).
///
/// Power series below a + 1, continued fraction (DLMF 8.9.2) above. Equals `scipy.special.gammainc`/`gammaincc`.
package enum IncompleteGamma {
    /// P(a, x) for a > 0, x ≥ 0; NaN outside.
    package static func lower(_ a: Double, _ x: Double) -> Double { tails(a, x).lower }

    /// Q(a, x) = 1 − P(a, x), without cancellation.
    package static func upper(_ a: Double, _ x: Double) -> Double { tails(a, x).upper }

    private static func tails(_ a: Double, _ x: Double) -> (lower: Double, upper: Double) {
        guard a > 0, x >= 0 else { return (.nan, .nan) }
        if x == 0 { return (0, 1) }
        if x == .infinity { return (1, 0) }
        // x^a·e^−x / Γ(a + 1)
        let front = SaddlePoint.poisson(a, mean: x)
        if x < a + 1 {
            let lower = min(1, front * series(a, x))
            return (lower, 1 - lower)
        }
        let upper = min(1, front * a * fraction(a, x))
        return (1 - upper, upper)
    }

    private static func series(_ a: Double, _ x: Double) -> Double {
        var term = 1.0
        var sum = 1.0
        for round in 1...1_000_000 {
            term *= x / (a + Double(round))
            sum += term
            if term < sum * 1e-17 { break }
        }
        return sum
    }

    private static func fraction(_ a: Double, _ x: Double) -> Double {
        let tiny = 1e-300
        var b = x + 1 - a
        var c = 1 / tiny
        var d = 1 / b
        var value = d
        for round in 1...1_000_000 {
            let i = Double(round)
            let coefficient = -i * (i - a)
            b += 2
            d = coefficient * d + b
            if abs(d) < tiny { d = tiny }
            c = b + coefficient / c
            if abs(c) < tiny { c = tiny }
            d = 1 / d
            let step = d * c
            value *= step
            if abs(step - 1) < 1e-16 { break }
        }
        return value
    }
}

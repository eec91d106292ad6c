import Foundation

/// The regularised incomplete beta function I_x(a, b), on which t, F, beta and binomial tails rest.
///
/// Continued fraction of DLMF 8.17.22, evaluated by Lentz's method, with the prefactor in saddle-point form.
/// Equals `scipy.special.betainc`.
package enum IncompleteBeta {
    /// I_x(a, b) for a, b > 0 and x in [0, 1]; NaN outside.
    package static func lower(_ a: Double, _ b: Double, _ x: Double) -> Double {
        tails(a, b, x, 1 - x).lower
    }

    /// 1 − I_x(a, b), without cancellation.
    package static func upper(_ a: Double, _ b: Double, _ x: Double) -> Double {
        tails(a, b, x, 1 - x).upper
    }

    /// Both tails, for a caller who knows the complement `y` = 1 − x more precisely than 1 − x would give it.
    static func tails(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> (lower: Double, upper: Double) {
        guard a > 0, b > 0, x >= 0, y >= 0, x <= 1, y <= 1 else { return (.nan, .nan) }
        if x == 0 { return (0, 1) }
        if y == 0 { return (1, 0) }
        // x^a·y^b / B(a, b)
        let front = SaddlePoint.binomial(a, of: a + b, probability: x, complement: y) * a * (b / (a + b))
        // The fraction converges fast only on the near side of the mean.
        if x <= (a + 1) / (a + b + 2) {
            let lower = min(1, front / (a * fraction(a, b, x)))
            return (lower, 1 - lower)
        }
        let upper = min(1, front / (b * fraction(b, a, y)))
        return (1 - upper, upper)
    }

    /// The continued fraction 1 + d₁/(1 + d₂/(1 + …)).
    private static func fraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
        let tiny = 1e-300
        var value = 1.0
        var c = 1.0
        var d = 0.0
        // Needs about √max(a, b) rounds; the bound serves parameters up to about 10⁹.
        for round in 1...100_000 {
            let m = Double(round / 2)
            let coefficient: Double =
                if round.isMultiple(of: 2) {
                    m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                } else {
                    -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
                }
            d = 1 + coefficient * d
            if abs(d) < tiny { d = tiny }
            d = 1 / d
            c = 1 + coefficient / c
            if abs(c) < tiny { c = tiny }
            let step = c * d
            value *= step
            if abs(step - 1) < 1e-16 { break }
        }
        return value
    }
}

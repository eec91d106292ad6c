import Foundation

/// The pieces of Loader's saddle-point form of binomial and Poisson probabilities.
///
/// Writing a probability as √(…)·exp(−deviance) keeps full precision where differences of log-gammas lose it: at
/// n = 10⁶ the latter are wrong in the tenth digit. Source: C. Loader, "Fast and Accurate Computation of Binomial
/// Probabilities" (2000).
enum SaddlePoint {
    /// log(n!) minus Stirling's approximation: log Γ(n+1) − (n+½)·log n + n − ½·log 2π.
    static func stirlingError(_ n: Double) -> Double {
        guard n >= 15 else {
            return lgamma(n + 1) - (n + 0.5) * log(n) + n - 0.918_938_533_204_672_741_78
        }
        let square = n * n
        return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 / square) / square) / square) / square)
            / n
    }

    /// The deviance term x·log(x/mean) + mean − x, by a series where the two are close and the terms would cancel.
    static func deviance(_ x: Double, _ mean: Double) -> Double {
        guard abs(x - mean) < 0.1 * (x + mean) else { return x * log(x / mean) + mean - x }
        let ratio = (x - mean) / (x + mean)
        var sum = (x - mean) * ratio
        var term = 2 * x * ratio
        // |ratio| < 0.1, so each round adds two digits and 1,000 is never reached.
        for round in 1..<1_000 {
            term *= ratio * ratio
            let next = sum + term / Double(2 * round + 1)
            if next == sum { break }
            sum = next
        }
        return sum
    }

    /// The binomial probability of `x` out of `n`, for real `0 < x < n` as well.
    static func binomial(_ x: Double, of n: Double, probability p: Double, complement q: Double) -> Double {
        if p == 0 { return x == 0 ? 1 : 0 }
        if q == 0 { return x == n ? 1 : 0 }
        if x == 0 { return p < 0.1 ? exp(-deviance(n, n * q) - n * p) : exp(n * log(q)) }
        if x == n { return q < 0.1 ? exp(-deviance(n, n * p) - n * q) : exp(n * log(p)) }
        guard x > 0, x < n else { return 0 }
        let exponent =
            stirlingError(n) - stirlingError(x) - stirlingError(n - x) - deviance(x, n * p) - deviance(n - x, n * q)
        return exp(exponent) * (n / (2 * Double.pi * x * (n - x))).squareRoot()
    }

    /// The Poisson probability of `x` at this mean, for real `x` as well.
    static func poisson(_ x: Double, mean: Double) -> Double {
        if mean == 0 { return x == 0 ? 1 : 0 }
        if x == 0 { return exp(-mean) }
        return exp(-stirlingError(x) - deviance(x, mean)) / (2 * Double.pi * x).squareRoot()
    }
}

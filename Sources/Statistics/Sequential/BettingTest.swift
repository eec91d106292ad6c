import Foundation

/// A betting e-process for the mean of values in [0, 1]: evidence, valid at any time, against "the mean is m".
///
/// K_t = ½∏(1+λ_i(x_i−m)) + ½∏(1−λ_i(x_i−m)); each bet λ is fixed before its value is seen:
/// √(2·ln(2/α)/(σ̂²_{t−1}·t·ln(t+1))), at most ½/m upwards and ½/(1−m) downwards. Reject when K_t ≥ 1/α.
/// Source: Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting" (2024).
package struct BettingTest: Sendable, Equatable {
    /// m: the mean under test.
    package let mean: Double
    /// α: the level the bets are sized for.
    package let alpha: Double
    /// How many values were seen.
    package private(set) var count = 0

    private var logUp = 0.0
    private var logDown = 0.0
    private var sum = 0.0
    private var squares = 0.0

    /// Throws for a mean or level outside (0, 1).
    package init(mean: Double, alpha: Double = 0.05) throws {
        try requireOpenUnit(mean, "mean")
        try requireOpenUnit(alpha, "alpha")
        self.mean = mean
        self.alpha = alpha
    }

    /// Bets on the next value.
    ///
    /// Throws for one outside [0, 1]; scale other bounded scores first.
    package mutating func add(_ value: Double) throws {
        guard value >= 0, value <= 1 else { throw StatisticsError.outOfRange(parameter: "value", value: value) }
        let t = Double(count + 1)
        let variance = (0.25 + squares) / t
        let bet = (2 * log(2 / alpha) / (variance * t * log(t + 1))).squareRoot()
        logUp += log1p(min(bet, 0.5 / mean) * (value - mean))
        logDown += log1p(-min(bet, 0.5 / (1 - mean)) * (value - mean))
        count += 1
        sum += value
        let estimate = (0.5 + sum) / (Double(count) + 1)
        squares += (value - estimate) * (value - estimate)
    }

    /// K_t, the evidence so far; expected to stay at 1 when the mean is m.
    package var evidence: Double { 0.5 * exp(logUp) + 0.5 * exp(logDown) }

    /// min(1, 1/K_t): valid at this moment.
    package var pValue: Double { min(1, 1 / evidence) }

    /// Whether the evidence has reached 1/α now.
    package var rejects: Bool { evidence >= 1 / alpha }
}

/// Intervals for a share of passes.
///
/// Equal statsmodels `proportion_confint`.
///
/// Prefer ``wilson(confidence:)``; the plain normal interval is left out because below n = 200 or near 0 and 1 it does
/// not cover what it says.
package struct Proportion: Sendable, Equatable {
    /// How many passed.
    package let successes: Int
    /// How many there are.
    package let trials: Int

    /// Throws for no trials, or successes outside 0...trials.
    package init(successes: Int, trials: Int) throws {
        guard trials > 0 else { throw StatisticsError.tooFewValues(needed: 1, got: trials) }
        guard (0...trials).contains(successes) else {
            throw StatisticsError.outOfRange(parameter: "successes", value: Double(successes))
        }
        self.successes = successes
        self.trials = trials
    }

    /// successes / trials.
    package var value: Double { Double(successes) / Double(trials) }

    /// Wilson's score interval: (p̂ + z²/2n ± z·√(p̂q̂/n + z²/4n²)) / (1 + z²/n).
    package func wilson(confidence: Double = 0.95) throws -> ConfidenceInterval {
        let (z, n) = (try Self.critical(confidence), Double(trials))
        let square = z * z
        let denominator = 1 + square / n
        let centre = (value + square / (2 * n)) / denominator
        let reach = z * (value * (1 - value) / n + square / (4 * n * n)).squareRoot() / denominator
        return Self.clipped(centre, reach)
    }

    /// Agresti and Coull: the normal interval after adding z²/2 passes and z²/2 failures.
    package func agrestiCoull(confidence: Double = 0.95) throws -> ConfidenceInterval {
        let z = try Self.critical(confidence)
        let n = Double(trials) + z * z
        let centre = (Double(successes) + z * z / 2) / n
        return Self.clipped(centre, z * (centre * (1 - centre) / n).squareRoot())
    }

    /// Clopper and Pearson: from beta quantiles; never covers less than it says, usually more.
    package func clopperPearson(confidence: Double = 0.95) throws -> ConfidenceInterval {
        try requireOpenUnit(confidence, "confidence")
        let alpha = (1 - confidence) / 2
        let (x, n) = (Double(successes), Double(trials))
        // The upper end is taken from the mirrored distribution, whose lower tail keeps its digits.
        return ConfidenceInterval(
            lower: successes == 0 ? 0 : Beta(x, n - x + 1).quantile(alpha),
            upper: successes == trials ? 1 : 1 - Beta(n - x, x + 1).quantile(alpha))
    }

    static func critical(_ confidence: Double) throws -> Double {
        try requireOpenUnit(confidence, "confidence")
        return Normal.upperTailQuantile((1 - confidence) / 2)
    }

    private static func clipped(_ centre: Double, _ reach: Double) -> ConfidenceInterval {
        ConfidenceInterval(lower: min(1, max(0, centre - reach)), upper: min(1, max(0, centre + reach)))
    }
}

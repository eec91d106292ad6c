/// The binomial distribution: successes in `trials` independent tries.
package struct Binomial: Sendable, Equatable {
    /// How many tries; zero or more.
    package let trials: Int
    /// The chance of success of each, in [0, 1].
    package let probability: Double

    package init(trials: Int, probability: Double) {
        self.trials = trials
        self.probability = probability
    }

    /// The probability of exactly `count` successes.
    ///
    /// Equals `scipy.stats.binom.pmf`.
    package func mass(_ count: Int) -> Double {
        guard count >= 0, count <= trials else { return 0 }
        if trials == 0 { return 1 }
        return SaddlePoint.binomial(
            Double(count), of: Double(trials), probability: probability, complement: 1 - probability)
    }

    /// The probability of at most `count` successes: I_{1−p}(n−k, k+1).
    ///
    /// Equals `scipy.stats.binom.cdf`.
    package func cumulative(_ count: Int) -> Double {
        if count < 0 { return 0 }
        if count >= trials { return 1 }
        return IncompleteBeta.tails(Double(count) + 1, Double(trials - count), probability, 1 - probability).upper
    }
}

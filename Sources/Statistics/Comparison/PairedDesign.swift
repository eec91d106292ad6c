/// The plan of a paired comparison: how small a difference it can see, and how many items that takes.
///
/// Variance of the mean difference: (ω² + σ_A²/K_A + σ_B²/K_B)·deff/n (Miller, arXiv 2411.00640, section 5).
package struct PairedDesign: Sendable, Equatable {
    /// ω²: the variance over items of the true difference.
    package var differenceVariance: Double
    /// σ²/K of the first variant: the variance of one answer's score on the same item, over the repetitions per item.
    package var firstNoise: Double
    /// σ²/K of the second variant.
    package var secondNoise: Double
    /// How much clustering inflates the variance, 1 + (m̄−1)·ICC; 1 without clusters.
    package var designEffect: Double

    /// Throws for a negative or infinite variance, a repetition count below 1 or a design effect that is not positive.
    package init(
        differenceVariance: Double, firstVariance: Double = 0, firstRepetitions: Int = 1, secondVariance: Double = 0,
        secondRepetitions: Int = 1, designEffect: Double = 1
    ) throws {
        for (name, value) in [
            ("differenceVariance", differenceVariance), ("firstVariance", firstVariance),
            ("secondVariance", secondVariance),
        ] where !(value >= 0 && value.isFinite) {
            throw StatisticsError.outOfRange(parameter: name, value: value)
        }
        for (name, value) in [("firstRepetitions", firstRepetitions), ("secondRepetitions", secondRepetitions)]
        where value < 1 {
            throw StatisticsError.outOfRange(parameter: name, value: Double(value))
        }
        guard designEffect > 0, designEffect.isFinite else {
            throw StatisticsError.outOfRange(parameter: "designEffect", value: designEffect)
        }
        self.differenceVariance = differenceVariance
        firstNoise = firstVariance / Double(firstRepetitions)
        secondNoise = secondVariance / Double(secondRepetitions)
        self.designEffect = designEffect
    }

    /// The variance that one item adds: (ω² + σ_A²/K_A + σ_B²/K_B)·deff.
    package var variancePerItem: Double { (differenceVariance + firstNoise + secondNoise) * designEffect }

    /// The smallest true difference that `count` items show at `alpha`, two-sided, with this power.
    package func minimumDetectableEffect(count: Int, alpha: Double = 0.05, power: Double = 0.8) throws -> Double {
        guard count > 0 else { throw StatisticsError.tooFewValues(needed: 1, got: count) }
        return try Self.reach(alpha, power) * (variancePerItem / Double(count)).squareRoot()
    }

    /// How many items show a true difference of this size: ⌈(z_{α/2}+z_β)²·variance/δ²⌉, at least 1.
    package func requiredCount(detecting effect: Double, alpha: Double = 0.05, power: Double = 0.8) throws -> Int {
        guard effect != 0, effect.isFinite else { throw StatisticsError.outOfRange(parameter: "effect", value: effect) }
        let reach = try Self.reach(alpha, power)
        let count = (reach * reach * variancePerItem / (effect * effect)).rounded(.up)
        // Past 2⁵³ the answer is "never", and Int(_:) would trap.
        return count < 0x1p53 ? max(1, Int(count)) : Int(0x1p53)
    }

    /// The chance that `count` items show a true difference of this size, two-sided.
    package func power(count: Int, effect: Double, alpha: Double = 0.05) throws -> Double {
        guard count > 0 else { throw StatisticsError.tooFewValues(needed: 1, got: count) }
        try requireOpenUnit(alpha, "alpha")
        let error = (variancePerItem / Double(count)).squareRoot()
        guard error > 0 else { return effect == 0 ? alpha : 1 }
        let z = Normal.upperTailQuantile(alpha / 2)
        return Normal.cumulative(effect / error - z) + Normal.cumulative(-effect / error - z)
    }

    /// The sum of the two critical values, z_{α/2} + z_β.
    static func reach(_ alpha: Double, _ power: Double) throws -> Double {
        try requireOpenUnit(alpha, "alpha")
        try requireOpenUnit(power, "power")
        return Normal.upperTailQuantile(alpha / 2) + Normal.quantile(power)
    }
}

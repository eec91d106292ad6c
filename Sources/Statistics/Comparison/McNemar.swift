/// McNemar's test that two variants pass equally often on the same items.
///
/// Only items on which they differ carry information. Equals statsmodels `mcnemar`.
package struct McNemar: Sendable, Equatable {
    /// Items that only the first variant passed (b).
    package let onlyFirst: Int
    /// Items that only the second variant passed (c).
    package let onlySecond: Int

    /// Takes the two discordant counts, neither negative.
    package init(onlyFirst: Int, onlySecond: Int) throws {
        for (name, count) in [("onlyFirst", onlyFirst), ("onlySecond", onlySecond)]
        where count < 0 || count > 1 << 52 {
            throw StatisticsError.outOfRange(parameter: name, value: Double(count))
        }
        self.onlyFirst = onlyFirst
        self.onlySecond = onlySecond
    }

    /// The exact two-sided p-value min(1, 2·BinCDF(min(b,c); b+c, ½)); 1 when the variants never differ.
    package var exactPValue: Double { min(1, 2 * tail) }

    /// The mid-p value: the exact one minus the probability of the observed split; less conservative.
    ///
    /// 1 when b = c.
    package var midPValue: Double {
        guard onlyFirst != onlySecond else { return 1 }
        // 2·P(≤ k) − P(k) in a form that does not cancel.
        let smaller = min(onlyFirst, onlySecond)
        return min(1, 2 * distribution.cumulative(smaller - 1) + distribution.mass(smaller))
    }

    /// The χ² statistic with continuity correction, (|b−c|−1)²/(b+c); 0 when the variants never differ.
    package var chiSquared: Double { statistic(correction: 1) }

    /// The p-value of ``chiSquared`` with 1 degree of freedom; 1 when the variants never differ.
    package var chiSquaredPValue: Double { ChiSquared(degreesOfFreedom: 1).survival(chiSquared) }

    /// The χ² statistic without correction, (b−c)²/(b+c).
    package var uncorrectedChiSquared: Double { statistic(correction: 0) }

    private func statistic(correction: Double) -> Double {
        let discordant = Double(onlyFirst + onlySecond)
        guard discordant > 0 else { return 0 }
        let excess = Double(abs(onlyFirst - onlySecond)) - correction
        return excess * excess / discordant
    }

    private var distribution: Binomial { Binomial(trials: onlyFirst + onlySecond, probability: 0.5) }
    private var tail: Double { distribution.cumulative(min(onlyFirst, onlySecond)) }
}

/// The difference of two shares measured on the same items, from the 2×2 table of outcomes.
package struct PairedProportions: Sendable, Equatable {
    /// Items both passed (a).
    package let both: Int
    /// Items only the first passed (b).
    package let onlyFirst: Int
    /// Items only the second passed (c).
    package let onlySecond: Int
    /// Items neither passed (d).
    package let neither: Int

    /// Throws for a negative count or an empty table.
    package init(both: Int, onlyFirst: Int, onlySecond: Int, neither: Int) throws {
        for count in [both, onlyFirst, onlySecond, neither] where count < 0 || count > 1 << 52 {
            throw StatisticsError.outOfRange(parameter: "count", value: Double(count))
        }
        guard both + onlyFirst + onlySecond + neither > 0 else {
            throw StatisticsError.tooFewValues(needed: 1, got: 0)
        }
        self.both = both
        self.onlyFirst = onlyFirst
        self.onlySecond = onlySecond
        self.neither = neither
    }

    /// How many items.
    package var trials: Int { both + onlyFirst + onlySecond + neither }

    /// Second minus first: (c − b)/n.
    package var difference: Double { Double(onlySecond - onlyFirst) / Double(trials) }

    /// McNemar's test of the same table.
    package func mcNemar() throws -> McNemar { try McNemar(onlyFirst: onlyFirst, onlySecond: onlySecond) }

    /// Newcombe's interval of ``difference``: the Wilson intervals of both shares joined with their correlation φ.
    ///
    /// Method 10 of Newcombe, "Improved confidence intervals for the difference between binomial proportions based on
    /// paired data" (1998): φ with continuity correction when positive, 0 when a margin is empty.
    package func newcombe(confidence: Double = 0.95) throws -> ConfidenceInterval {
        let second = try Proportion(successes: both + onlySecond, trials: trials)
        let first = try Proportion(successes: both + onlyFirst, trials: trials)
        let (w2, w1) = (try second.wilson(confidence: confidence), try first.wilson(confidence: confidence))
        let below = Self.joined(second.value - w2.lower, w1.upper - first.value, correlation)
        let above = Self.joined(w2.upper - second.value, first.value - w1.lower, correlation)
        return ConfidenceInterval(lower: difference - below, upper: difference + above)
    }

    /// The joined half-width √(x² − 2φxy + y²).
    private static func joined(_ x: Double, _ y: Double, _ correlation: Double) -> Double {
        max(0, x * x - 2 * correlation * x * y + y * y).squareRoot()
    }

    private var correlation: Double {
        let (a, b, c, d) = (Double(both), Double(onlyFirst), Double(onlySecond), Double(neither))
        let margins = (a + b) * (c + d) * (a + c) * (b + d)
        guard margins > 0 else { return 0 }
        let excess = a * d - b * c
        return (excess > 0 ? max(0, excess - Double(trials) / 2) : excess) / margins.squareRoot()
    }
}

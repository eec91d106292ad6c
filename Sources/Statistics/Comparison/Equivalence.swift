/// Whether a difference is small enough not to matter.
///
/// Differences are candidate minus baseline, larger being better; for costs and latencies turn the sign first.
package enum Equivalence {
    /// Whether the candidate is shown to be not worse than the baseline by `margin` or more: lower end > −margin.
    package static func isNonInferior(_ interval: ConfidenceInterval, margin: Double) throws -> Bool {
        try requireMargin(margin)
        return interval.lower > -margin
    }

    /// Whether the interval shows the difference to be smaller than `margin` in both directions.
    ///
    /// With a 1 − 2α interval this is the two one-sided tests procedure at level α.
    package static func isEquivalent(_ interval: ConfidenceInterval, margin: Double) throws -> Bool {
        try requireMargin(margin)
        return interval.lower > -margin && interval.upper < margin
    }

    /// The p-value of non-inferiority, P(T > (difference + margin)/SE).
    package static func nonInferiorityPValue(_ test: PairedTTest, margin: Double) throws -> Double {
        try requireMargin(margin)
        return oneSided(test.difference + margin, test)
    }

    /// The p-value of equivalence: the larger of the two one-sided ones (TOST).
    ///
    /// Equals statsmodels `ttost_paired`.
    package static func equivalencePValue(_ test: PairedTTest, margin: Double) throws -> Double {
        try requireMargin(margin)
        return max(oneSided(test.difference + margin, test), oneSided(margin - test.difference, test))
    }

    private static func oneSided(_ excess: Double, _ test: PairedTTest) -> Double {
        guard test.standardError > 0 else { return excess > 0 ? 0 : 1 }
        return StudentT(degreesOfFreedom: Double(test.degreesOfFreedom)).survival(excess / test.standardError)
    }

    private static func requireMargin(_ margin: Double) throws {
        guard margin >= 0, margin.isFinite else { throw StatisticsError.outOfRange(parameter: "margin", value: margin) }
    }
}

/// What the data says about a candidate against a baseline: the difference, how sure it is, and what to beware of.
///
/// One test decides: ``pValue`` and ``interval`` belong to ``test``. The bootstrap and Wilcoxon results stand beside it
/// as a check, and a contradiction is a warning, never a choice.
package struct PairedComparison: Sendable, Equatable {
    /// The test that decides.
    package enum Test: String, Sendable {
        /// Exact McNemar test: 0/1 scores of independent items.
        case mcNemar = "McNemar exact"
        /// Paired t test: other scores of independent items.
        case pairedT = "paired t"
        /// Paired t test with cluster-robust errors: items of one cluster resemble each other.
        case clusteredT = "cluster-robust t"
        /// Sign-flip permutation: every difference is the same, so there is no spread to measure by.
        case signFlip = "sign-flip permutation"
        /// No test is possible: fewer than two items or clusters.
        case none = "none"
    }

    /// What ``interval`` is.
    package enum IntervalMethod: String, Sendable {
        case newcombe = "Newcombe"
        case studentT = "t"
        case clusteredT = "cluster-robust t"
        case none = "none"
    }

    /// What the comparison shows at its level.
    package enum Verdict: Sendable, Equatable {
        case higher
        case lower
        case undecided
    }

    /// The mean score of the baseline over the compared items.
    package let baselineMean: Double
    /// The mean score of the candidate over the compared items.
    package let candidateMean: Double
    /// Candidate minus baseline.
    package let difference: Double
    /// The standard error of ``difference``, clustered where the test is; `nil` for fewer than two items or clusters.
    package let standardError: Double?
    /// The interval of ``difference``, or `nil` when none can be given.
    package let interval: ConfidenceInterval?
    /// How ``interval`` was made.
    package let intervalMethod: IntervalMethod
    /// The level of every interval here; 1 minus it is the level of ``verdict``.
    package let confidence: Double
    /// The two-sided p-value of ``test``; 1 when no test is possible.
    package let pValue: Double
    /// ``pValue`` adjusted for the family it was tested in; see ``adjustedByHolm(_:)``.
    package internal(set) var adjustedPValue: Double?
    /// The test that decides.
    package let test: Test
    /// The bootstrap interval (BCa, of whole clusters where the test is clustered), or `nil` for 0/1 scores.
    package let bootstrapInterval: ConfidenceInterval?
    /// Wilcoxon's p-value, for scores other than 0/1 of independent items.
    package let wilcoxonPValue: Double?
    /// How many items were compared.
    package let count: Int
    /// How many clusters they come from, if clusters were given.
    package let clusterCount: Int?
    /// The items that could not be compared.
    package let missing: [PairedScores.MissingPair]
    /// The smallest true difference this data would show with 80 % power; `nil` without a positive standard error.
    package let minimumDetectableEffect: Double?
    /// How many such items would show the observed difference with 80 % power; `nil` when it is 0 or has no error.
    package let requiredCount: Int?
    /// What to beware of.
    package let warnings: [ComparisonWarning]

    /// Whether the candidate is shown to score higher or lower, after adjustment where there was one.
    package var verdict: Verdict {
        guard (adjustedPValue ?? pValue) < 1 - confidence, difference != 0 else { return .undecided }
        return difference > 0 ? .higher : .lower
    }

    /// The comparisons with Holm-adjusted p-values: call it with every comparison of one metric against one baseline.
    package static func adjustedByHolm(_ comparisons: [PairedComparison]) throws -> [PairedComparison] {
        zip(comparisons, try Multiplicity.holm(comparisons.map(\.pValue))).map { comparison, adjusted in
            var copy = comparison
            copy.adjustedPValue = adjusted
            return copy
        }
    }
}

/// Something about a comparison that its reader must know.
package enum ComparisonWarning: Sendable, Equatable {
    /// Items share clusters, but were treated as independent as asked: p-value and interval are too optimistic.
    case clustersIgnored(clusters: Int, designEffect: Double?)
    /// So few clusters that cluster-robust errors are unreliable.
    case fewClusters(Int)
    /// Fewer than two items or clusters: nothing can be tested.
    case nothingToTest
    /// Some items could not be compared; if they failed because they are hard, the difference is biased.
    case missingPairs(Int)
    /// Every difference is the same.
    case noVariation
    /// The bootstrap interval and the deciding interval disagree on whether the difference could be 0.
    case bootstrapDisagrees

    /// The warning in words.
    package var message: String {
        switch self {
        case .clustersIgnored(let clusters, let designEffect):
            "The items share \(clusters) clusters but were treated as independent: the result looks surer than it is"
                + (designEffect.map { " (the variance is about \(Self.tenths($0)) times larger)." } ?? ".")
        case .fewClusters(let count):
            "There are only \(count) clusters; errors that respect clusters need about 20 to be reliable."
        case .nothingToTest:
            "There are fewer than two independent items, so nothing can be tested."
        case .missingPairs(let count):
            "\(count) items have no score for one of the variants and were not compared."
        case .noVariation:
            "Every item differs by the same amount, so the spread cannot be estimated."
        case .bootstrapDisagrees:
            "The bootstrap and the deciding interval disagree on whether the difference could be 0: the case is close."
        }
    }

    private static func tenths(_ value: Double) -> String {
        // Bounded before the conversion, which traps on a value that does not fit.
        let tenths = Int((min(value, 1e15) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

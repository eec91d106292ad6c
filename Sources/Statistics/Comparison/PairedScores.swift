/// The scores of two variants on the same items, with the items that one of them has no score for set aside.
package struct PairedScores: Sendable, Equatable {
    /// An item that cannot be compared, because a variant failed on it or was not scored.
    package struct MissingPair: Sendable, Equatable {
        /// The position of the item in the lists given, from 0.
        package let index: Int
        /// Whether the baseline has no score.
        package let baselineIsMissing: Bool
        /// Whether the candidate has no score.
        package let candidateIsMissing: Bool
    }

    /// The baseline's scores of the items both have.
    package let baseline: [Double]
    /// The candidate's scores of the same items, in the same order.
    package let candidate: [Double]
    /// Where those items come from, if known.
    package let clusters: Clusters?
    /// The items that are set aside, in ascending order.
    package let missing: [MissingPair]

    /// Pairs scores of items that are independent of each other.
    ///
    /// `nil` marks a missing score. Throws for lists of different lengths and for NaN or infinity, which are never a
    /// score and never mean "missing".
    package init(baseline: [Double?], candidate: [Double?]) throws {
        try self.init(baseline: baseline, candidate: candidate, identifiers: [Int]?.none)
    }

    /// Pairs scores of items that come from clusters: one identifier per item, equal ones are one cluster.
    package init<Identifier: Hashable>(
        baseline: [Double?], candidate: [Double?], clusters identifiers: [Identifier]
    ) throws {
        try self.init(baseline: baseline, candidate: candidate, identifiers: identifiers)
    }

    private init<Identifier: Hashable>(
        baseline: [Double?], candidate: [Double?], identifiers: [Identifier]?
    ) throws {
        guard baseline.count == candidate.count else {
            throw StatisticsError.lengthMismatch(baseline.count, candidate.count)
        }
        if let identifiers, identifiers.count != baseline.count {
            throw StatisticsError.lengthMismatch(baseline.count, identifiers.count)
        }
        var first: [Double] = []
        var second: [Double] = []
        var kept: [Identifier] = []
        var missing: [MissingPair] = []
        for index in baseline.indices {
            let (old, new) = (baseline[index], candidate[index])
            for value in [old, new] {
                if let value, !value.isFinite { throw StatisticsError.notFinite(index: index) }
            }
            guard let old, let new else {
                missing.append(
                    MissingPair(index: index, baselineIsMissing: old == nil, candidateIsMissing: new == nil))
                continue
            }
            first.append(old)
            second.append(new)
            if let identifiers { kept.append(identifiers[index]) }
        }
        self.baseline = first
        self.candidate = second
        self.missing = missing
        clusters = identifiers == nil ? nil : Clusters(kept)
    }

    /// Candidate minus baseline for each item.
    package var differences: [Double] { zip(candidate, baseline).map { $0 - $1 } }

    /// Whether all differences are the same up to rounding: 0.9 − 0.8 and 0.8 − 0.7 are not the same double.
    var differencesAreEqual: Bool {
        let differences = differences
        guard let lowest = differences.min(), let highest = differences.max() else { return true }
        let scale = max(baseline.map(abs).max() ?? 0, candidate.map(abs).max() ?? 0)
        return highest - lowest <= 1e-14 * scale
    }

    /// Whether every score is 0 or 1, a verdict rather than a measurement.
    package var isBinary: Bool {
        baseline.allSatisfy { $0 == 0 || $0 == 1 } && candidate.allSatisfy { $0 == 0 || $0 == 1 }
    }

    /// The 2×2 table of verdicts; the baseline is the first variant.
    ///
    /// Only meaningful when ``isBinary``.
    func proportions() throws -> PairedProportions {
        var (both, onlyFirst, onlySecond, neither) = (0, 0, 0, 0)
        for (old, new) in zip(baseline, candidate) {
            switch (old == 1, new == 1) {
            case (true, true): both += 1
            case (true, false): onlyFirst += 1
            case (false, true): onlySecond += 1
            case (false, false): neither += 1
            }
        }
        return try PairedProportions(both: both, onlyFirst: onlyFirst, onlySecond: onlySecond, neither: neither)
    }
}

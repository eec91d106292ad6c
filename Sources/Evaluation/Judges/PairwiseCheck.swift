package import Domain
package import Statistics

/// Measures a judge that compares answers against people who compared the same.
package struct PairwiseCheck: Sendable {
    /// One pair that people decided and the judge saw in both orders.
    package struct Item: Sendable {
        /// What people prefer, for the order (a, b).
        package var human: PairwiseChoice
        /// The judgement of (a, b); `nil` if it could not be read.
        package var forward: PairwiseChoice?
        /// The judgement of (b, a), by place; `nil` if it could not be read.
        package var swapped: PairwiseChoice?
        /// The lengths of a and b, for length bias.
        package var lengths: (a: Int, b: Int)?

        package init(
            human: PairwiseChoice, forward: PairwiseChoice?, swapped: PairwiseChoice?, lengths: (a: Int, b: Int)? = nil
        ) {
            self.human = human
            self.forward = forward
            self.swapped = swapped
            self.lengths = lengths
        }

        /// The judgement in both orders, or `nil` if one could not be read.
        var verdict: PairwiseVerdict? {
            guard let forward, let swapped else { return nil }
            return PairwiseVerdict(forward: forward, swapped: swapped)
        }
    }

    /// All pairs.
    package let count: Int
    /// Pairs with a judgement in both orders; everything below but ``unreadableRate`` is about these.
    package let judged: Int
    /// The share of replies, two for each pair, that no judgement can be read from.
    package let unreadableRate: Double
    /// The share of single judgements, both orders counted, that agree with the people.
    package let agreement: Double?
    /// The share of pairs whose combined verdict (both orders agree, or tie) is the people's.
    package let combinedAgreement: Double?
    /// Cohen's κ of the combined verdict and the people.
    package let kappa: Double?
    /// The share of pairs whose preferred answer changes with the order.
    package let flipRate: Double?
    /// The share of combined verdicts that are ties.
    package let tieRate: Double?
    /// How often the answer shown first wins among judgements that are no ties; ½ without position bias.
    package let firstShare: Double?
    /// Its 95 % interval (Wilson).
    package let firstShareInterval: ConfidenceInterval?
    /// How often the longer answer wins in the judge's and in the people's decisions; the judge's surplus is length bias.
    package let longerShare: (judge: Double, human: Double)?

    package init(_ items: [Item]) throws {
        guard !items.isEmpty else { throw StatisticsError.tooFewValues(needed: 1, got: 0) }
        count = items.count
        let unreadable = items.reduce(0) { $0 + ($1.forward == nil ? 1 : 0) + ($1.swapped == nil ? 1 : 0) }
        unreadableRate = Double(unreadable) / Double(2 * items.count)
        let pairs = items.compactMap { item in item.verdict.map { (item: item, verdict: $0) } }
        judged = pairs.count
        func share(_ part: Int, of whole: Int) -> Double? { whole > 0 ? Double(part) / Double(whole) : nil }

        let right = pairs.reduce(0) { sum, pair in
            sum + (pair.verdict.forward == pair.item.human ? 1 : 0)
                + (pair.verdict.swapped.swapped == pair.item.human ? 1 : 0)
        }
        agreement = share(right, of: 2 * pairs.count)
        combinedAgreement = share(pairs.count { $0.verdict.outcome == $0.item.human }, of: pairs.count)
        kappa =
            pairs.isEmpty
            ? nil
            : try Agreement.cohensKappa(pairs.map(\.item.human.rawValue), pairs.map(\.verdict.outcome.rawValue))
        flipRate = share(pairs.count { !$0.verdict.isConsistent }, of: pairs.count)
        tieRate = share(pairs.count { $0.verdict.outcome == .tie }, of: pairs.count)

        let choices = pairs.flatMap { [$0.verdict.forward, $0.verdict.swapped] }.filter { $0 != .tie }
        let first = choices.count { $0 == .first }
        firstShare = share(first, of: choices.count)
        firstShareInterval = choices.isEmpty ? nil : try Proportion(successes: first, trials: choices.count).wilson()
        longerShare = Self.longerShare(pairs)
    }

    /// Over the pairs of different lengths in which both sides decided.
    private static func longerShare(
        _ pairs: [(item: Item, verdict: PairwiseVerdict)]
    ) -> (judge: Double, human: Double)? {
        var (count, judge, human) = (0.0, 0.0, 0.0)
        for (item, verdict) in pairs where verdict.outcome != .tie && item.human != .tie {
            guard let lengths = item.lengths, lengths.a != lengths.b else { continue }
            let longer = lengths.a > lengths.b ? PairwiseChoice.first : .second
            count += 1
            if verdict.outcome == longer { judge += 1 }
            if item.human == longer { human += 1 }
        }
        return count > 0 ? (judge / count, human / count) : nil
    }

    /// The measures as one JSON object.
    package var json: JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .double($0) } ?? .null }
        return [
            "pairs": .int(count), "judged": .int(judged), "unreadable_rate": .double(unreadableRate),
            "agreement": number(agreement), "combined_agreement": number(combinedAgreement),
            "cohens_kappa": number(kappa),
            "flip_rate": number(flipRate), "tie_rate": number(tieRate), "first_share": number(firstShare),
            "first_share_low": number(firstShareInterval?.lower), "first_share_high": number(firstShareInterval?.upper),
            "longer_share_judge": number(longerShare?.judge), "longer_share_human": number(longerShare?.human),
        ]
    }
}

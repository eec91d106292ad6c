package import Domain
package import Statistics

/// Measures a judge that gives scores against people's, and corrects the judge's mean with them.
package struct ScoreCheck: Sendable {
    /// Lines that people labelled.
    package let labelled: Int
    /// Labelled lines with a score from the judge; everything below is about these.
    package let judged: Int
    /// The share of all lines, labelled or not, that the judge gave no readable score.
    package let unreadableRate: Double
    /// The share of labelled lines with exactly the people's score.
    package let agreement: Double
    /// Cohen's κ with quadratic weights (plain for two levels); `nil` when everything has one score.
    package let kappa: Double?
    /// Spearman's correlation, or `nil` when one side does not vary.
    package let correlation: Double?
    /// The mean of judge − people: how generous the judge is.
    package let bias: Double
    /// The mean of the people's labels alone, with its 95 % interval.
    package let humanMean: (value: Double, interval: ConfidenceInterval?)
    /// The judge's uncorrected mean over all lines.
    package let judgeMean: Double
    /// The mean over all lines, corrected by the labelled ones (prediction-powered), with its 95 % interval.
    package let corrected: (value: Double, interval: ConfidenceInterval)?

    /// `pairs` are the labelled lines, `unlabelled` the judge's scores of the others; `nil` where it gave none.
    ///
    /// Throws if no labelled line has a score.
    package init(pairs: [(human: Double, judge: Double?)], unlabelled: [Double?]) throws {
        let both = pairs.compactMap { pair in pair.judge.map { (human: pair.human, judge: $0) } }
        guard !both.isEmpty else { throw StatisticsError.tooFewValues(needed: 1, got: 0) }
        labelled = pairs.count
        judged = both.count
        let missing = pairs.count { $0.judge == nil } + unlabelled.count { $0 == nil }
        unreadableRate = Double(missing) / Double(pairs.count + unlabelled.count)
        let human = both.map(\.human)
        let judge = both.map(\.judge)
        agreement = try Agreement.percent(human, judge)
        // κ counts levels by their order; scores without levels (fractions) have too many to mean anything.
        kappa =
            Set(human + judge).count <= 20 ? try Agreement.cohensKappa(human, judge, weighting: .quadratic) : nil
        correlation = human.count > 1 ? try Correlation.spearman(human, judge)?.value : nil
        bias = zip(judge, human).map { $0 - $1 }.mean
        let description = try Description(human)
        humanMean = (description.mean, try description.interval())
        let others = unlabelled.compactMap { $0 }
        judgeMean = (judge + others).mean
        if others.isEmpty || human.count < 2 {
            corrected = nil
        } else {
            let estimate = try PredictionPoweredMean(labels: human, predictions: judge, unlabelled: others)
            corrected = (estimate.estimate, try estimate.interval())
        }
    }

    /// The measures as one JSON object.
    package var json: JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .double($0) } ?? .null }
        func mean(_ value: Double?, _ interval: ConfidenceInterval?) -> JSONValue {
            ["mean": number(value), "low": number(interval?.lower), "high": number(interval?.upper)]
        }
        return [
            "labelled": .int(labelled), "judged": .int(judged), "unreadable_rate": .double(unreadableRate),
            "agreement": .double(agreement), "cohens_kappa": number(kappa), "spearman": number(correlation),
            "bias": .double(bias), "human": mean(humanMean.value, humanMean.interval), "judge_mean": .double(judgeMean),
            "corrected": mean(corrected?.value, corrected?.interval),
        ]
    }
}

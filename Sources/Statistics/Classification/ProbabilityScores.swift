/// How good probabilities (or any scores) for a yes/no outcome are.
package struct ProbabilityScores: Sendable, Equatable {
    private let outcomes: [Bool]
    private let scores: [Double]

    /// Throws for empty or misaligned lists and scores that are not finite.
    package init(outcomes: [Bool], scores: [Double]) throws {
        guard outcomes.count == scores.count else {
            throw StatisticsError.lengthMismatch(outcomes.count, scores.count)
        }
        try requireFinite(scores)
        self.outcomes = outcomes
        self.scores = scores
    }

    /// The mean squared distance of probability and outcome.
    ///
    /// Equals scikit-learn `brier_score_loss`.
    package var brier: Double {
        zip(outcomes, scores).map { outcome, score in
            let miss = (outcome ? 1 : 0) - score
            return miss * miss
        }.mean
    }

    /// Expected calibration error: Σ n_b/n·|mean outcome − mean probability| over `bins` equal bins of [0, 1].
    ///
    /// A probability on an edge belongs to the lower bin, as in scikit-learn `calibration_curve`.
    /// Throws for scores outside [0, 1] or a number of bins outside 1...10,000.
    package func expectedCalibrationError(bins: Int = 10) throws -> Double {
        guard (1...10_000).contains(bins) else {
            throw StatisticsError.outOfRange(parameter: "bins", value: Double(bins))
        }
        // Products with the step, not quotients, so that the edges are numpy's `linspace`.
        let edges = (1..<max(bins, 1)).map { Double($0) * (1 / Double(bins)) }
        var gaps = [Double](repeating: 0, count: bins)
        for (outcome, score) in zip(outcomes, scores) {
            guard score >= 0, score <= 1 else { throw StatisticsError.outOfRange(parameter: "score", value: score) }
            gaps[edges.partitionPoint { $0 < score }] += (outcome ? 1 : 0) - score
        }
        return gaps.map(abs).sum / Double(scores.count)
    }

    /// The area under the ROC curve: the chance that a positive scores above a negative, ties counting ½.
    ///
    /// `nil` when all outcomes are alike. Equals scikit-learn `roc_auc_score`.
    package var areaUnderROC: Double? {
        let positives = outcomes.count { $0 }
        let negatives = outcomes.count - positives
        guard positives > 0, negatives > 0 else { return nil }
        let ranks = Ranks(scores).values
        let sum = zip(outcomes, ranks).reduce(0.0) { $1.0 ? $0 + $1.1 : $0 }
        let (p, n) = (Double(positives), Double(negatives))
        return (sum - p * (p + 1) / 2) / (p * n)
    }

    /// Average precision, Σ(R_k − R_{k−1})·P_k over distinct thresholds: the area under the precision-recall curve.
    ///
    /// `nil` without positives. Equals scikit-learn `average_precision_score`.
    package var averagePrecision: Double? {
        let positives = outcomes.count { $0 }
        guard positives > 0 else { return nil }
        let order = scores.indices.sorted { scores[$0] > scores[$1] }
        var area = 0.0
        var hits = 0
        var counted = 0
        for (position, index) in order.enumerated() {
            if outcomes[index] { hits += 1 }
            let isLastOfTie = position + 1 == order.count || scores[order[position + 1]] != scores[index]
            guard isLastOfTie else { continue }
            area += Double(hits - counted) / Double(positives) * Double(hits) / Double(position + 1)
            counted = hits
        }
        return area
    }
}

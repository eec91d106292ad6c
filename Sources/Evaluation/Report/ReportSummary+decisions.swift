extension ReportSummary {
    /// One variant against the baseline by one metric.
    package struct Comparison: Sendable {
        /// What the numbers allow to say.
        package enum Decision: String, Sendable {
            case better
            case worse
            case noDecision = "no_decision"
        }

        package var metric: String
        /// The identifiers of the two variants.
        package var variant: String
        package var baseline: String
        /// Variant minus baseline, paired by line, with its 95 % confidence interval.
        package var difference: Double?
        package var low: Double?
        package var high: Double?
        package var p: Double?
        package var adjustedP: Double?
        /// The test in words: `paired cluster bootstrap`.
        package var test: String
        /// Pairs, and the clusters they fall into.
        package var count: Int
        package var clusters: Int?
        /// The smallest difference that would be found with 80 % power.
        package var minimumDetectableEffect: Double?
        package var decision: Decision
        package var sentence: String

        package init(
            metric: String, variant: String, baseline: String, difference: Double?, low: Double?, high: Double?,
            p: Double?, adjustedP: Double?, test: String, count: Int, clusters: Int? = nil,
            minimumDetectableEffect: Double? = nil, decision: Decision, sentence: String
        ) {
            self.metric = metric
            self.variant = variant
            self.baseline = baseline
            self.difference = difference
            self.low = low
            self.high = high
            self.p = p
            self.adjustedP = adjustedP
            self.test = test
            self.count = count
            self.clusters = clusters
            self.minimumDetectableEffect = minimumDetectableEffect
            self.decision = decision
            self.sentence = sentence
        }
    }

    /// The outcome of a gate.
    package struct Gate: Sendable {
        package var passed: Bool
        package var rows: [GateRow]

        package init(passed: Bool, rows: [GateRow]) {
            self.passed = passed
            self.rows = rows
        }
    }

    /// One rule of a gate for one variant.
    package struct GateRow: Sendable {
        package var metric: String
        /// The variant's identifier.
        package var variant: String
        /// The rule in words: `at least 0.40`.
        package var rule: String
        /// `nil` where there was nothing to measure.
        package var value: Double?
        package var passed: Bool
        package var reason: String

        package init(metric: String, variant: String, rule: String, value: Double?, passed: Bool, reason: String) {
            self.metric = metric
            self.variant = variant
            self.rule = rule
            self.value = value
            self.passed = passed
            self.reason = reason
        }
    }
}

extension PairedComparison {
    /// Below this many clusters a comparison warns ``ComparisonWarning/fewClusters(_:)``.
    package static let fewClusters = 20

    /// How scores are compared.
    package struct Options: Sendable, Equatable {
        /// The level of the intervals.
        package var confidence: Double
        /// How many bootstrap resamples; 0 leaves the bootstrap out.
        package var resamples: Int
        /// The seed of the bootstrap.
        package var seed: UInt64
        /// Treats items as independent although they share clusters.
        ///
        /// Warned about in the result.
        package var ignoresClusters: Bool

        package init(
            confidence: Double = 0.95, resamples: Int = 2_000, seed: UInt64 = 0, ignoresClusters: Bool = false
        ) {
            self.confidence = confidence
            self.resamples = resamples
            self.seed = seed
            self.ignoresClusters = ignoresClusters
        }
    }

    /// Compares a candidate with a baseline and chooses the test.
    ///
    /// Clusters that repeat: cluster-robust t, C−1 degrees of freedom, and a cluster bootstrap. Otherwise 0/1 scores:
    /// exact McNemar with Newcombe's interval; other scores: paired t, with BCa bootstrap and Wilcoxon beside it. When
    /// every difference is the same and not 0: the sign-flip p-value, 2^(1−n) when exact.
    /// Throws when no item has both scores, or for options out of range.
    package init(_ scores: PairedScores, options: Options = Options()) throws {
        try requireOpenUnit(options.confidence, "confidence")
        guard (0...Bootstrap.mostResamples).contains(options.resamples) else {
            throw StatisticsError.outOfRange(parameter: "resamples", value: Double(options.resamples))
        }
        let differences = scores.differences
        // Two finite scores may still be too far apart for a difference.
        try requireFinite(differences)
        let clusters = options.ignoresClusters ? nil : scores.clusters.flatMap { $0.repeats ? $0 : nil }
        let decision = try Decision(scores, differences, clusters, options)
        let bootstrap = try Self.bootstrap(differences, clusters, isBinary: scores.isBinary, options)

        baselineMean = scores.baseline.mean
        candidateMean = scores.candidate.mean
        difference = differences.mean
        standardError = decision.standardError
        interval = decision.interval
        intervalMethod = decision.intervalMethod
        confidence = options.confidence
        pValue = decision.pValue
        adjustedPValue = nil
        test = decision.test
        bootstrapInterval = bootstrap
        let isIndependentMeasurement = clusters == nil && !scores.isBinary
        wilcoxonPValue = isIndependentMeasurement ? try Wilcoxon(differences: differences).pValue : nil
        count = differences.count
        clusterCount = scores.clusters?.count
        missing = scores.missing

        let error = decision.standardError.flatMap { $0 > 0 ? $0 : nil }
        let reach = try PairedDesign.reach(1 - options.confidence, 0.8)
        minimumDetectableEffect = error.map { reach * $0 }
        let size = Double(differences.count)
        let mean = difference
        requiredCount = try error.flatMap { error in
            guard mean != 0 else { return nil }
            return try PairedDesign(differenceVariance: error * error * size)
                .requiredCount(detecting: mean, alpha: 1 - options.confidence)
        }
        warnings = try Self.warnings(scores, differences, clusters, decision, bootstrap)
    }

    /// The result of the test that decides.
    private struct Decision {
        var test = Test.none
        var pValue = 1.0
        var standardError: Double?
        var interval: ConfidenceInterval?
        var intervalMethod = IntervalMethod.none

        init(_ scores: PairedScores, _ differences: [Double], _ clusters: Clusters?, _ options: Options) throws {
            let tTest = try PairedTTest(differences: differences, clusters: clusters)
            standardError = tTest?.standardError
            if clusters == nil, scores.isBinary {
                let table = try scores.proportions()
                test = .mcNemar
                pValue = try table.mcNemar().exactPValue
                interval = try table.newcombe(confidence: options.confidence)
                intervalMethod = .newcombe
                return
            }
            guard let tTest else { return }
            let difference = tTest.difference
            interval = try tTest.interval(confidence: options.confidence)
            intervalMethod = clusters == nil ? .studentT : .clusteredT
            if scores.differencesAreEqual, difference != 0 {
                test = .signFlip
                pValue = try SignFlip(differences: differences, clusters: clusters, seed: options.seed).pValue
            } else {
                test = clusters == nil ? .pairedT : .clusteredT
                pValue = tTest.pValue
            }
        }
    }

    private static func bootstrap(
        _ differences: [Double], _ clusters: Clusters?, isBinary: Bool, _ options: Options
    ) throws -> ConfidenceInterval? {
        guard options.resamples > 0 else { return nil }
        if let clusters {
            guard clusters.count > 1 else { return nil }
            return try Bootstrap.mean(
                of: differences, clusters: clusters, resamples: options.resamples, seed: options.seed
            ).interval(confidence: options.confidence).interval
        }
        guard !isBinary, differences.count > 1 else { return nil }
        return try Bootstrap.mean(of: differences, resamples: options.resamples, seed: options.seed)
            .interval(confidence: options.confidence).interval
    }

    private static func warnings(
        _ scores: PairedScores, _ differences: [Double], _ clusters: Clusters?, _ decision: Decision,
        _ bootstrap: ConfidenceInterval?
    ) throws -> [ComparisonWarning] {
        var warnings: [ComparisonWarning] = []
        if clusters == nil, let ignored = scores.clusters, ignored.repeats {
            let correlation = try IntraclassCorrelation(differences, clusters: ignored)
            warnings.append(.clustersIgnored(clusters: ignored.count, designEffect: correlation?.designEffect))
        }
        let independent = clusters?.count ?? differences.count
        if independent < 2 {
            warnings.append(.nothingToTest)
        } else if let clusters, clusters.count < fewClusters {
            warnings.append(.fewClusters(clusters.count))
        }
        if !scores.missing.isEmpty { warnings.append(.missingPairs(scores.missing.count)) }
        if differences.count > 1, scores.differencesAreEqual { warnings.append(.noVariation) }
        if let bootstrap, let interval = decision.interval, bootstrap.contains(0) != interval.contains(0) {
            warnings.append(.bootstrapDisagrees)
        }
        return warnings
    }
}

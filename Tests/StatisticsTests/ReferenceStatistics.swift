import Foundation

@testable import Statistics

/// The statistics under the names of `Reference/reference.py`, from its inputs to the values it prints.
enum ReferenceStatistics {
    typealias Statistic = @Sendable ([[Double]]) throws -> [Double?]

    static let all: [String: Statistic] = [distributions, description, comparison, agreement, classification, live]
        .reduce(into: [:]) { $0.merge($1) { first, _ in first } }

    private static let distributions: [String: Statistic] = [
        "normal.cdf": { $0[0].map(Normal.cumulative) },
        "normal.quantile": { $0[0].map(Normal.quantile) },
        "t.sf": { x in x[1].map { StudentT(degreesOfFreedom: x[0][0]).survival($0) } },
        "t.quantile": { x in x[1].map { StudentT(degreesOfFreedom: x[0][0]).quantile($0) } },
        "chi2.sf": { x in x[1].map { ChiSquared(degreesOfFreedom: x[0][0]).survival($0) } },
        "chi2.cdf": { x in x[1].map { ChiSquared(degreesOfFreedom: x[0][0]).cumulative($0) } },
        "chi2.quantile": { x in x[1].map { ChiSquared(degreesOfFreedom: x[0][0]).quantile($0) } },
        "beta.cdf": { x in x[1].map { Beta(x[0][0], x[0][1]).cumulative($0) } },
        "beta.quantile": { x in x[1].map { Beta(x[0][0], x[0][1]).quantile($0) } },
        "f.sf": { x in x[1].map { FisherF(numerator: x[0][0], denominator: x[0][1]).survival($0) } },
        "gamma.lower": { x in x[1].map { IncompleteGamma.lower(x[0][0], $0) } },
        "binomial": { x in
            let binomial = Binomial(trials: Int(x[0][0]), probability: x[0][1])
            return x[1].map { binomial.mass(Int($0)) } + x[1].map { binomial.cumulative(Int($0)) }
        },
    ]

    private static let description: [String: Statistic] = [
        "describe": { x in
            let described = try Description(x[0])
            let interval = (described.standardDeviation ?? 0) > 0 ? try described.interval() : nil
            let moments = [
                described.mean, described.variance, x[0].variance(lost: 0), interval?.lower, interval?.upper,
            ]
            return try moments + Quantile.of(x[0], x[1])
        },
        "clustered": { x in
            let clusters = Clusters(x[1])
            let mean = try ClusteredMean(x[0], clusters: clusters)
            let interval = try mean.interval(confidence: 0.9)
            let correlation = try IntraclassCorrelation(x[0], clusters: clusters)
            return [
                mean.mean, mean.standardError, mean.uncorrectedStandardError, interval?.lower, interval?.upper,
                correlation?.value,
            ]
        },
        "bootstrap.indices": { x in
            let rows = stride(from: 0, to: x[1].count, by: x[0].count).map { start in
                x[1][start..<start + x[0].count].map { Int($0) }
            }
            return try intervals(Bootstrap.mean(of: x[0], indices: rows))
        },
        "bootstrap.seeded": { x in
            try intervals(Bootstrap.mean(of: x[0], resamples: 199, seed: UInt64(x[1][0])))
        },
        "bootstrap.clustered": { x in
            try intervals(Bootstrap.mean(of: x[0], clusters: Clusters(x[1]), resamples: 199, seed: UInt64(x[2][0])))
        },
        "bootstrap.stratified": { x in
            try intervals(Bootstrap.mean(of: x[0], strata: Clusters(x[1]), resamples: 199, seed: UInt64(x[2][0])))
        },
    ]

    private static func intervals(_ bootstrap: Bootstrap) throws -> [Double?] {
        let percentile = try bootstrap.interval(method: .percentile).interval
        let accelerated = try bootstrap.interval().interval
        return [percentile.lower, percentile.upper, accelerated.lower, accelerated.upper, bootstrap.standardError]
    }

    private static let comparison: [String: Statistic] = [
        "wilcoxon": { x in
            let test = try Wilcoxon(differences: x[0])
            return [test.statistic, test.pValue]
        },
        "ttest": { x in
            let test = try PairedTTest(differences: x[0])
            return [test?.statistic, test?.pValue]
        },
        "tost": { x in
            guard let test = try PairedTTest(differences: x[0]) else { return [] }
            let equivalence = try Equivalence.equivalencePValue(test, margin: x[1][0])
            return [try Equivalence.nonInferiorityPValue(test, margin: x[1][0]), equivalence, equivalence]
        },
        "hodges-lehmann": { [try EffectSize.hodgesLehmann(differences: $0[0])] },
        "sign-flip": { [try SignFlip(differences: $0[0]).pValue] },
        "mann-whitney": { x in
            let test = try MannWhitney(x[0], x[1])
            return [test.statistic, test.pValue]
        },
        "cliff": { [try EffectSize.cliffsDelta($0[0], $0[1])] },
        "mcnemar": { x in
            let test = try McNemar(onlyFirst: Int(x[0][0]), onlySecond: Int(x[0][1]))
            return [
                test.exactPValue, test.midPValue, test.chiSquared, test.chiSquaredPValue, test.uncorrectedChiSquared,
            ]
        },
        "multiplicity": { x in
            try Multiplicity.holm(x[0]) + Multiplicity.benjaminiHochberg(x[0]) + Multiplicity.benjaminiYekutieli(x[0])
        },
        "power": { x in
            [try PairedDesign(differenceVariance: x[0][2]).power(count: Int(x[0][0]), effect: x[0][1], alpha: x[0][3])]
        },
        "design": { x in
            let design = try PairedDesign(
                differenceVariance: x[0][2], firstVariance: x[0][4], firstRepetitions: Int(x[0][5]),
                secondVariance: x[0][4], secondRepetitions: Int(x[0][5]), designEffect: x[0][6])
            return [
                try design.minimumDetectableEffect(count: Int(x[0][0]), alpha: x[0][3], power: x[0][7]),
                Double(try design.requiredCount(detecting: x[0][1], alpha: x[0][3], power: x[0][7])),
            ]
        },
        "proportion": { x in
            let proportion = try Proportion(successes: Int(x[0][0]), trials: Int(x[0][1]))
            return try [
                proportion.wilson(confidence: x[0][2]), proportion.agrestiCoull(confidence: x[0][2]),
                proportion.clopperPearson(confidence: x[0][2]),
            ].flatMap { [$0.lower, $0.upper] }
        },
        "newcombe": { x in
            let table = try PairedProportions(
                both: Int(x[0][0]), onlyFirst: Int(x[0][1]), onlySecond: Int(x[0][2]), neither: Int(x[0][3]))
            let interval = try table.newcombe(confidence: x[0][4])
            return [table.difference, interval.lower, interval.upper]
        },
        "control-variate": { x in
            let adjusted = try ControlVariate(outcomes: x[0], covariate: x[1])
            return [adjusted.theta] + adjusted.adjusted
        },
    ]

    private static let agreement: [String: Statistic] = [
        "kappa": { x in
            try [.equal, .linear, .quadratic].map { try Agreement.cohensKappa(x[0], x[1], weighting: $0) }
        },
        "krippendorff": { raters in
            let units = raters[0].indices.map { unit in raters.map { $0[unit].isNaN ? nil : $0[unit] } }
            return [Agreement.krippendorffAlpha(units: units)]
        },
        "pearson": { x in
            let found = try Correlation.pearson(x[0], x[1])
            return [found?.value, found?.pValue]
        },
        "spearman": { x in
            let found = try Correlation.spearman(x[0], x[1])
            return [found?.value, found?.pValue]
        },
        "kendall": { [try Correlation.kendall($0[0], $0[1])?.value] },
        "ppi": { x in
            let full = try PredictionPoweredMean(labels: x[0], predictions: x[1], unlabelled: x[2], lambda: 1)
            let tuned = try PredictionPoweredMean(labels: x[0], predictions: x[1], unlabelled: x[2])
            let (wide, narrow) = (try full.interval(), try tuned.interval())
            return [wide.lower, wide.upper, narrow.lower, narrow.upper, full.estimate]
        },
    ]

    private static let classification: [String: Statistic] = [
        "classification": { x in
            let report = try ClassificationReport(truth: x[0], predicted: x[1])
            let averages = [report.macro, report.micro, report.weighted].flatMap { [$0.precision, $0.recall, $0.f1] }
            return [report.accuracy, report.matthewsCorrelation] + averages
                + report.matrix.counts.joined().map { Double($0) }
        },
        "probabilities": { x in
            let scores = try ProbabilityScores(outcomes: x[0].map { $0 == 1 }, scores: x[1])
            return [scores.brier, try scores.expectedCalibrationError(), scores.areaUnderROC, scores.averagePrecision]
        },
        "ndcg": { x in
            try [.linear, .exponential, .binary].map {
                try Retrieval.ndcg(relevances: x[0], scores: x[1], at: Int(x[2][0]), gain: $0)
            }
        },
    ]

    private static let live: [String: Statistic] = [
        "confidence-sequence": { x in
            let sequence = try ConfidenceSequence(alpha: x[0][0], tuning: x[0][1])
            let (count, difference, variance) = (Int(x[0][2]), x[0][3], x[0][4])
            let interval = try sequence.interval(difference: difference, variance: variance, count: count)
            return [
                interval.lower, interval.upper,
                try sequence.pValue(difference: difference, variance: variance, count: count),
            ]
        },
        "msprt": { x in
            let test = try MixtureSequentialTest(mixingVariance: x[0][0])
            return [try test.logLikelihoodRatio(count: Int(x[0][1]), difference: x[0][2], variance: x[0][3])]
        },
        "srm": { x in
            let ratio = try SampleRatio(counts: x[0].map { Int($0) }, weights: x[1])
            return [ratio.pValue, try ratio.logEvidence()]
        },
        "bernoulli": { x in
            [try BernoulliEvidence.log(successes: Int(x[0][0]), failures: Int(x[0][1]), rate: x[0][2])]
        },
        "betting": { x in
            var test = try BettingTest(mean: x[0][0])
            for value in x[1] { try test.add(value) }
            return [test.evidence]
        },
        "samples": { x in
            let statistic = try DistributionDistance.kolmogorovSmirnov(x[0], x[1])
            return [
                statistic,
                try DistributionDistance.kolmogorovSmirnovPValue(statistic, x[0].count, x[1].count),
                try DistributionDistance.wasserstein(x[0], x[1]),
            ]
        },
        "histograms": { x in
            [
                try DistributionDistance.jensenShannon(x[0], x[1]),
                try DistributionDistance.populationStability(expected: x[0], actual: x[1]),
            ]
        },
    ]
}

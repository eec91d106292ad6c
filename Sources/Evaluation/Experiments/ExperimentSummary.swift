import Domain
package import Foundation
import Statistics

extension ReportSummary {
    /// The summary of an experiment: every variant's means, every comparison with the baseline, the verdict.
    package init(
        _ plan: ExperimentPlan, _ analysis: ExperimentAnalysis, created: Date, version: String
    ) throws {
        let experiment = plan.experiment
        var primary = analysis.metrics.first?.key
        if let wanted = experiment.primary {
            guard analysis.metrics.contains(where: { $0.key == wanted }) else {
                throw PlainFailure(
                    "ExperimentInvalid",
                    "`primary` names the metric `\(wanted)`\(NearestName.hint(for: wanted, among: analysis.metrics.map(\.key)))"
                )
            }
            primary = wanted
        }
        let (comparisons, warnings) = try Self.comparisons(plan, analysis)
        let verdict = ExperimentVerdict(plan: plan, analysis: analysis, primary: primary, comparisons: comparisons)
            .verdict
        self.init(
            title: experiment.name, created: created, pawangVersion: version, verdict: verdict,
            experiment: Experiment(
                name: experiment.name, digest: plan.digest, seed: experiment.seed, repetitions: experiment.repetitions,
                datasets: plan.datasets.map { Source(name: $0.declaration.name, digest: $0.digest, lines: $0.lines) }),
            variants: try plan.variants.indices.map { try Self.variant($0, plan, analysis) },
            metrics: analysis.metrics.map {
                Metric(
                    name: $0.key, direction: $0.definition.direction, isPrimary: $0.key == primary,
                    unit: $0.definition.unit)
            },
            comparisons: comparisons, warnings: warnings,
            judge: analysis.judge.calls + analysis.judge.cachedCalls == 0
                ? nil : Judge(calls: analysis.judge.calls, usage: analysis.judge.tokens, cost: analysis.judge.cost))
    }

    private static func variant(_ index: Int, _ plan: ExperimentPlan, _ analysis: ExperimentAnalysis) throws -> Variant
    {
        let variant = plan.variants[index].variant
        let result = analysis.variants[index]
        let latencies = result.allLatencies
        let quantiles = latencies.isEmpty ? nil : try Quantile.of(latencies, [0.5, 0.95])
        var settings = variant.settings
        // Metrics of the whole set have no interval and no lines; they stand beside what the variant is.
        for (name, value) in result.setMetrics { settings[name] = value }
        var estimates: [String: Estimate] = [:]
        for metric in analysis.metrics { estimates[metric.key] = try analysis.estimate(metric.key, of: index) }
        return Variant(
            id: variant.id, label: variant.id, isBaseline: index == plan.baseline, settings: settings,
            lines: plan.datasets.reduce(0) { $0 + $1.lines } * plan.experiment.repetitions, failed: result.failed,
            usage: result.totals.usage, cost: result.totals.cost,
            latency: Latency(mean: latencies.isEmpty ? nil : latencies.mean, p50: quantiles?[0], p95: quantiles?[1]),
            metrics: estimates)
    }

    /// Every metric, every variant against the baseline; Holm's correction over the variants of a metric.
    private static func comparisons(
        _ plan: ExperimentPlan, _ analysis: ExperimentAnalysis
    ) throws -> ([Comparison], [String]) {
        var rows: [Comparison] = []
        var warnings: [String] = []
        let baseline = analysis.variants[plan.baseline].id
        for metric in analysis.metrics {
            var found: [(variant: Int, comparison: PairedComparison)] = []
            for variant in analysis.variants.indices where variant != plan.baseline {
                if let comparison = try analysis.compare(
                    metric.key, candidate: variant, baseline: plan.baseline, seed: plan.experiment.seed,
                    ignoresClusters: plan.experiment.ignoresClusters)
                {
                    found.append((variant, comparison))
                }
            }
            let adjusted = try PairedComparison.adjustedByHolm(found.map(\.comparison))
            for ((index, _), comparison) in zip(found, adjusted) {
                let variant = analysis.variants[index].id
                let (decision, text) = ExperimentVerdict.sentence(
                    comparison, metric: metric.key, direction: metric.definition.direction, variant: variant,
                    baseline: baseline)
                rows.append(
                    Comparison(
                        metric: metric.key, variant: variant, baseline: baseline, difference: comparison.difference,
                        low: comparison.interval?.lower, high: comparison.interval?.upper, p: comparison.pValue,
                        adjustedP: comparison.adjustedPValue, test: comparison.test.rawValue, count: comparison.count,
                        clusters: comparison.clusterCount, minimumDetectableEffect: comparison.minimumDetectableEffect,
                        decision: decision, sentence: text))
                for warning in comparison.warnings {
                    let line = "\(metric.key), \(variant) against \(baseline): \(warning.message)"
                    if !warnings.contains(line) { warnings.append(line) }
                }
            }
            let errors = analysis.variants.filter { ($0.errors[metric.key] ?? 0) > 0 }
            if !errors.isEmpty {
                warnings.append(
                    "\(metric.key): \(errors.map { "\($0.errors[metric.key] ?? 0) lines of \($0.id)" }.joined(separator: ", ")) could not be scored and are no part of the means."
                )
            }
        }
        return (rows, warnings)
    }
}

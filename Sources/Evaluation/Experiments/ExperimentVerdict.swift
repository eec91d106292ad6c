import Domain
import Foundation
import Statistics

/// Turns numbers into sentences: which variant is better, how sure that is, what it costs.
struct ExperimentVerdict {
    let plan: ExperimentPlan
    let analysis: ExperimentAnalysis
    let primary: String?
    let comparisons: [ReportSummary.Comparison]

    /// The report's first words.
    var verdict: ReportSummary.Verdict {
        guard let primary else {
            return .init(
                status: .single,
                headline: "No evaluator scores this experiment, so nothing says which variant is better",
                sentences: totals)
        }
        guard analysis.variants.count > 1 else {
            let value = (try? analysis.estimate(primary, of: 0))?.mean
            return .init(
                status: .single, headline: "\(analysis.variants[0].id) reaches \(primary) \(Self.number(value))",
                sentences: totals + weakness)
        }
        let baseline = analysis.variants[plan.baseline].id
        let ours = comparisons.filter { $0.metric == primary }
        let better = ours.filter { $0.decision == .better }
        if let best = better.max(by: { abs($0.difference ?? 0) < abs($1.difference ?? 0) }) {
            return .init(status: .better, headline: headline(best, "better"), sentences: sentences(ours))
        }
        let worse = ours.filter { $0.decision == .worse }
        if worse.count == ours.count, let worst = worse.min(by: { abs($0.difference ?? 0) < abs($1.difference ?? 0) }) {
            return .init(
                status: .worse,
                headline:
                    "\(baseline) is better than every other variant; the nearest, \(worst.variant), \(gap(worst))",
                sentences: sentences(ours))
        }
        return .init(
            status: .noDecision,
            headline: "No decision: no variant is shown to be better than \(baseline) by \(primary)",
            sentences: sentences(ours))
    }

    private func headline(_ comparison: ReportSummary.Comparison, _ word: String) -> String {
        "\(comparison.variant) is \(word) than \(comparison.baseline) by \(Self.number(abs(comparison.difference ?? 0))) \(comparison.metric) (\(Self.interval(comparison)))"
            + side(comparison)
    }

    private func gap(_ comparison: ReportSummary.Comparison) -> String {
        "is worse by \(Self.number(abs(comparison.difference ?? 0))) \(comparison.metric) (\(Self.interval(comparison)))"
    }

    static func interval(_ comparison: ReportSummary.Comparison) -> String {
        guard let low = comparison.low, let high = comparison.high else { return "no interval" }
        let ends = [abs(low), abs(high)].sorted()
        // The difference is told without its sign, so its interval is too, unless it reaches over 0.
        return low < 0 && high > 0
            ? "95 % CI \(number(low)) to \(number(high))" : "95 % CI \(number(ends[0]))–\(number(ends[1]))"
    }

    /// Cost and latency beside quality: `; cost +3 %; p95 latency −120 ms`.
    private func side(_ comparison: ReportSummary.Comparison) -> String {
        guard let candidate = analysis.variants.firstIndex(where: { $0.id == comparison.variant }) else { return "" }
        var text = ""
        let costs = [plan.baseline, candidate].map { analysis.variants[$0].totals.cost.nanoUSD }
        if let before = costs[0], let after = costs[1], before > 0 {
            text += "; cost \(Self.signed((Double(after) / Double(before) - 1) * 100, digits: 0)) %"
        } else if costs.contains(where: { $0 == nil }) {
            text += "; cost unknown"
        }
        let latencies = [plan.baseline, candidate].map { try? Quantile.of(analysis.variants[$0].allLatencies, 0.95) }
        if let before = latencies[0], let after = latencies[1], abs(after - before) >= 0.5 {
            text += "; p95 latency \(Self.signed(after - before, digits: 0)) ms"
        }
        return text
    }

    private func sentences(_ ours: [ReportSummary.Comparison]) -> [String] { ours.map(\.sentence) + totals + weakness }

    private var totals: [String] {
        let failed = analysis.variants.filter { $0.failed > 0 }.map { "\($0.id) \($0.failed)" }
        guard !failed.isEmpty else { return [] }
        return [
            "Failed or missing lines: \(failed.joined(separator: ", ")); they are no part of the means and count as failures at a gate."
        ]
    }

    /// Says so where even the best variant is poor on a metric that ends at 1.
    private var weakness: [String] {
        guard let primary, analysis.metrics.first(where: { $0.key == primary })?.definition.direction == .higher else {
            return []
        }
        let values = analysis.variants.flatMap { ($0.values[primary] ?? []).compactMap(\.self) }
        guard !values.isEmpty, values.allSatisfy({ (0...1).contains($0) }) else { return [] }
        let best =
            analysis.variants.indices.compactMap { index in (try? analysis.estimate(primary, of: index))?.mean }.max()
            ?? 0
        guard best < 0.5 else { return [] }
        return [
            "Even the best variant reaches only \(Self.number(best)) of 1: whichever wins, the model is weak at this task."
        ]
    }

    /// The decision of one comparison, in words.
    static func sentence(
        _ comparison: PairedComparison, metric: String, direction: MetricDirection, variant: String, baseline: String
    ) -> (decision: ReportSummary.Comparison.Decision, text: String) {
        let gain = direction == .higher ? comparison.difference : -comparison.difference
        let unit =
            comparison.clusterCount.map {
                $0 < comparison.count ? "\(comparison.count) lines in \($0) clusters" : "\(comparison.count) lines"
            } ?? "\(comparison.count) lines"
        let interval = comparison.interval.map { "95 % CI \(number($0.lower)) to \(number($0.upper))" } ?? "no interval"
        let p = comparison.adjustedPValue ?? comparison.pValue
        let facts =
            "difference \(signed(comparison.difference, digits: 4)), \(interval), \(comparison.adjustedPValue == nil ? "p" : "adjusted p") \(pText(p)), \(comparison.test.rawValue), \(unit)"
        if comparison.verdict == .undecided {
            var text = "\(variant) and \(baseline) cannot be told apart by \(metric): \(facts)."
            if let effect = comparison.minimumDetectableEffect {
                text += " This data would show a difference of \(number(effect))."
            }
            if let required = comparison.requiredCount, required > comparison.count, required < 10_000_000 {
                text += " To show the observed one, about \(required) lines are needed."
            }
            return (.noDecision, text)
        }
        return gain > 0
            ? (.better, "\(variant) is better than \(baseline) by \(metric): \(facts).")
            : (.worse, "\(variant) is worse than \(baseline) by \(metric): \(facts).")
    }

    static func number(_ value: Double?) -> String {
        guard let value else { return "–" }
        if value == 0 { return "0" }
        let digits = abs(value) >= 100 ? 0 : abs(value) >= 10 ? 1 : abs(value) >= 1 ? 2 : abs(value) >= 0.01 ? 3 : 5
        return String(format: "%.\(digits)f", value).replacing("-", with: "−")
    }

    static func signed(_ value: Double, digits: Int) -> String {
        let text = String(format: "%+.\(digits)f", value)
        return text.replacing("-", with: "−")
    }

    static func pText(_ p: Double) -> String { p < 0.0001 ? "< 0.0001" : String(format: "%.4f", p) }
}

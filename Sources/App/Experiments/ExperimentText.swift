import Domain
import Evaluation
import Foundation
import Synchronization

/// An experiment's outcome for the terminal or for scripts.
struct ExperimentText {
    let summary: ReportSummary
    let record: RunRecord
    let folder: String
    let totals: LineTotals
    let kept: Int
    var failures: [String] = []

    func write(json: Bool, terminal: Terminal) {
        if json {
            terminal.print(object.text())
            return
        }
        let verdict = summary.verdict
        let headline = verdict.status == .better ? terminal.good(verdict.headline) : verdict.headline
        terminal.print(terminal.bold(headline))
        for sentence in verdict.sentences { terminal.print("  \(sentence)") }
        terminal.print("")
        terminal.print(table)
        for failure in failures { terminal.note("\(terminal.errorWord) \(failure)") }
        for warning in summary.warnings.prefix(10) { terminal.note("warning: \(warning)") }
        terminal.note(
            "run \(record.id) · \(record.status.rawValue)\(kept > 0 ? " · \(kept) lines were there already" : "")")
        terminal.print("\nreport: \(folder)/report.html")
    }

    private var table: String {
        // The parts of a score, such as `f1.recall` beside `f1`, are in the report, the CSV files and --json.
        let names = Set(summary.metrics.map(\.name))
        let metrics = summary.metrics.map(\.name).filter { name in
            guard let dot = name.lastIndex(of: ".") else { return true }
            return !names.contains(String(name[..<dot]))
        }
        var table = TextTable(
            ["variant"] + metrics.map { "\($0) (95 % CI)" } + ["p50", "p95", "tokens", "cost", "failed"])
        for variant in summary.variants {
            var cells = [variant.isBaseline ? "\(variant.id) (baseline)" : variant.id]
            for metric in metrics {
                let estimate = variant.metrics[metric]
                func number(_ value: Double?) -> String {
                    value.map { String(format: "%.3f", $0).replacing("-", with: "−") } ?? "–"
                }
                let interval = estimate?.low == nil ? "" : " (\(number(estimate?.low))–\(number(estimate?.high)))"
                cells.append(number(estimate?.mean) + interval)
            }
            func time(_ value: Double?) -> String { value.map { DurationText.short(seconds: $0 / 1000) } ?? "–" }
            cells += [
                time(variant.latency.p50), time(variant.latency.p95),
                variant.usage.input + variant.usage.output == 0
                    ? "–" : "\(variant.usage.input) + \(variant.usage.output)",
                CostText.describe(variant.cost), String(variant.failed),
            ]
            table.add(cells)
        }
        return table.text
    }

    private var object: JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .double($0) } ?? .null }
        return [
            "run": .string(record.id), "status": .string(record.status.rawValue),
            "verdict": [
                "status": .string(summary.verdict.status.rawValue), "headline": .string(summary.verdict.headline),
                "sentences": .array(summary.verdict.sentences.map { .string($0) }),
            ],
            "variants": .array(
                summary.variants.map { variant in
                    [
                        "id": .string(variant.id), "baseline": .bool(variant.isBaseline),
                        "settings": .object(variant.settings),
                        "lines": .int(variant.lines), "failed": .int(variant.failed),
                        "usage": .object(variant.usage.json(cost: variant.cost)),
                        "latency_ms": [
                            "mean": number(variant.latency.mean), "p50": number(variant.latency.p50),
                            "p95": number(variant.latency.p95),
                        ],
                        "metrics": .object(
                            JSONObject(
                                variant.metrics.sorted { $0.key < $1.key }.map { name, estimate in
                                    (
                                        name,
                                        [
                                            "mean": number(estimate.mean), "low": number(estimate.low),
                                            "high": number(estimate.high),
                                            "n": .int(estimate.count), "missing": .int(estimate.missing),
                                            "errors": .int(estimate.errors),
                                        ]
                                    )
                                })),
                    ]
                }),
            "comparisons": .array(
                summary.comparisons.map {
                    [
                        "metric": .string($0.metric), "variant": .string($0.variant), "baseline": .string($0.baseline),
                        "difference": number($0.difference), "low": number($0.low), "high": number($0.high),
                        "p": number($0.p),
                        "p_adjusted": number($0.adjustedP), "test": .string($0.test), "n": .int($0.count),
                        "clusters": $0.clusters.map { .int($0) } ?? .null, "decision": .string($0.decision.rawValue),
                        "minimum_detectable_effect": number($0.minimumDetectableEffect),
                    ]
                }),
            "judge": summary.judge.map {
                [
                    "calls": .int($0.calls), "input_tokens": .int($0.usage.input),
                    "output_tokens": .int($0.usage.output),
                    "cost_nano_usd": $0.cost.nanoUSD.map { .int($0) } ?? .null,
                ]
            } ?? .null,
            "warnings": .array(summary.warnings.map { .string($0) }), "kept_lines": .int(kept),
            "report": .string("\(folder)/report.html"),
        ]
    }
}

/// A progress bar that begins once it is known how much is there already.
final class ProgressBarBox: Sendable {
    private let title: String
    private let total: Int
    private let made = Mutex<ProgressBar?>(nil)

    init(_ title: String, total: Int) {
        self.title = title
        self.total = total
    }

    var bar: ProgressBar? { made.withLock { $0 } }

    func begin(kept: Int) { made.withLock { $0 = ProgressBar(title, total: total, skipped: kept) } }
}

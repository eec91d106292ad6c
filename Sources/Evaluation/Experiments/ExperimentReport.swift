package import Domain
import Foundation

/// Writes what an experiment gave: `report.html`, `result.csv` (every line of every variant) and `metrics.csv`.
package struct ExperimentReport {
    private let plan: ExperimentPlan
    private let analysis: ExperimentAnalysis
    private let scorers: ExperimentScorers
    private let summary: ReportSummary
    private let store: any RunStore
    private let experiment: String

    package init(
        plan: ExperimentPlan, analysis: ExperimentAnalysis, scorers: ExperimentScorers, summary: ReportSummary,
        store: any RunStore,
        experiment: String
    ) {
        self.plan = plan
        self.analysis = analysis
        self.scorers = scorers
        self.summary = summary
        self.store = store
        self.experiment = experiment
    }

    /// Writes the files into `folder`, which is made if need be.
    package func write(to folder: String, assets: ReportAssets) async throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw PlainFailure(
                "OutputFailed", "the folder `\(folder)` cannot be made; check the path and its permissions",
                blame: .environment)
        }
        try writeMetrics(to: "\(folder)/metrics.csv")
        var page = try ReportWriter(to: "\(folder)/report.html", assets: assets, summary: summary)
        let columns = try await inputAndOutputNames()
        var table = try CSVWriter(path: "\(folder)/result.csv", columns: header(columns))
        var units = ExperimentUnits(plan, store: store, experiment: experiment, withSpans: true)
        while let unit = try await units.next() {
            for repetition in unit.records.indices {
                let results = unit.records[repetition].enumerated().map {
                    result($1, variant: $0, repetition: repetition, unit: unit)
                }
                try page.append(line(unit, repetition: repetition, results: results))
                for variant in plan.variants.indices {
                    try table.append(
                        row(unit, repetition: repetition, variant: variant, result: results[variant], columns: columns))
                }
            }
        }
        try page.finish()
        try table.finish()
    }

    private func result(_ record: LineRecord?, variant: Int, repetition: Int, unit: ExperimentUnit) -> ReportResult {
        guard let record else { return ReportResult(status: .missing) }
        guard record.status == .completed else { return ReportResult(record, scores: []) }
        let cell = ExperimentCell(variant: variant, dataset: unit.dataset, repetition: repetition)
        let scores =
            scorers.computed(record, row: unit.row, dataset: unit.dataset) + (analysis.asked[cell]?[unit.line] ?? [])
        return ReportResult(record, scores: scores)
    }

    private func line(_ unit: ExperimentUnit, repetition: Int, results: [ReportResult]) -> ReportLine {
        let dataset = plan.datasets[unit.dataset].declaration
        let expected = dataset.expected.flatMap { unit.row[$0] } ?? expectedColumn(dataset).flatMap { unit.row[$0] }
        let inputs = unit.records[repetition].lazy.compactMap { $0?.inputs }.first { !$0.isEmpty } ?? unit.row
        return ReportLine(
            dataset: dataset.name, line: unit.line, repetition: repetition,
            cluster: dataset.cluster.flatMap { unit.row[$0] }.map { $0.string ?? $0.text() }, inputs: inputs,
            expected: expected,
            results: results)
    }

    /// Where no column is declared, the one that an evaluator takes as `ground_truth`.
    private func expectedColumn(_ dataset: ExperimentDataset) -> String? {
        for evaluator in plan.experiment.evaluators {
            let mappings = evaluator.datasets?[dataset.name] ?? evaluator.mappings
            if let text = mappings["ground_truth"]?.string, text.hasPrefix("${data."), text.hasSuffix("}") {
                return String(text.dropFirst(7).dropLast())
            }
        }
        return nil
    }

    // MARK: Tables

    private struct Names {
        var inputs: [String]
        var outputs: [String]
    }

    /// The names of all inputs and outputs that occur, so that no row has a column the header lacks.
    private func inputAndOutputNames() async throws -> Names {
        var names = Names(inputs: plan.variants[0].flow.inputs.map(\.name), outputs: [])
        var units = ExperimentUnits(plan, store: store, experiment: experiment, withSpans: false)
        while let unit = try await units.next() {
            for record in unit.records.joined() {
                for name in record?.inputs.keys ?? [] where !names.inputs.contains(name) { names.inputs.append(name) }
                for name in record?.outputs.keys ?? [] where !names.outputs.contains(name) {
                    names.outputs.append(name)
                }
            }
        }
        return names
    }

    private var factors: [String] { plan.variants.first?.variant.levels.map(\.factor) ?? [] }

    private func header(_ names: Names) -> [String] {
        var columns =
            ["experiment", "variant"] + factors + ["dataset", "repetition", "inputs.line_number", "cluster", "status"]
        columns +=
            names.inputs.filter { $0 != "line_number" }.map { "inputs.\($0)" } + names.outputs.map { "outputs.\($0)" }
        for metric in analysis.metrics { columns += Score(metric: metric.key, status: .error).columns.keys }
        columns += [
            "error_code", "error_message", "latency_ms", "input_tokens", "output_tokens", "cost_nano_usd", "exp_run",
        ]
        return columns
    }

    private func row(
        _ unit: ExperimentUnit, repetition: Int, variant: Int, result: ReportResult, columns: Names
    ) -> [JSONValue] {
        let planned = plan.variants[variant].variant
        let dataset = plan.datasets[unit.dataset].declaration
        let record = unit.records[repetition][variant]
        var cells: [JSONValue] = [.string(plan.experiment.name), .string(planned.id)]
        cells += planned.levels.map { .string($0.level) }
        cells += [
            .string(dataset.name), .int(repetition), .int(unit.line), dataset.cluster.flatMap { unit.row[$0] } ?? .null,
            .string(result.status.rawValue),
        ]
        cells += columns.inputs.filter { $0 != "line_number" }.map { record?.inputs[$0] ?? .null }
        cells += columns.outputs.map { record?.outputs[$0] ?? .null }
        for metric in analysis.metrics {
            let score =
                result.scores.first { $0.metric == metric.key }
                ?? Score(metric: metric.key, status: .error, reason: "the line did not complete")
            cells += score.columns.values
        }
        let cell = ExperimentCell(variant: variant, dataset: unit.dataset, repetition: repetition)
        cells += [
            result.error.map { .string($0.code) } ?? .null, result.error.map { .string($0.message) } ?? .null,
            result.latency.map { .double($0) } ?? .null, .int(result.usage.input), .int(result.usage.output),
            result.cost.nanoUSD.map { .int($0) } ?? .null, .string(cell.runID(of: experiment)),
        ]
        return cells
    }

    private func writeMetrics(to path: String) throws {
        var columns = ["experiment", "variant"] + factors + ["lines", "failed"]
        for metric in analysis.metrics {
            columns += [
                metric.key, "\(metric.key)_low", "\(metric.key)_high", "\(metric.key)_n", "\(metric.key)_errors",
            ]
        }
        columns += [
            "latency_mean_ms", "latency_p50_ms", "latency_p95_ms", "input_tokens", "output_tokens", "cost_nano_usd",
            "exp_run",
        ]
        var table = try CSVWriter(path: path, columns: columns)
        for (planned, variant) in zip(plan.variants, summary.variants) {
            var cells: [JSONValue] = [.string(plan.experiment.name), .string(variant.id)]
            cells += planned.variant.levels.map { .string($0.level) }
            cells += [.int(variant.lines), .int(variant.failed)]
            func number(_ value: Double?) -> JSONValue { value.map { .double($0) } ?? .null }
            for metric in analysis.metrics {
                let estimate = variant.metrics[metric.key]
                cells += [
                    number(estimate?.mean), number(estimate?.low), number(estimate?.high), .int(estimate?.count ?? 0),
                    .int(estimate?.errors ?? 0),
                ]
            }
            cells += [
                number(variant.latency.mean), number(variant.latency.p50), number(variant.latency.p95),
                .int(variant.usage.input),
                .int(variant.usage.output), variant.cost.nanoUSD.map { .int($0) } ?? .null, .string(experiment),
            ]
            try table.append(cells)
        }
        try table.finish()
    }
}

import Domain
import Evaluation
import Foundation

/// Scores the rows of a dataset one by one; memory does not grow with their number but for eight bytes a score.
struct RowScoring {
    let dataset: Dataset
    let uses: [EvaluatorUse]
    let models: [any ModelEvaluator]

    /// Scores all rows, writes them to `path` if one is named, and prints the summary.
    ///
    /// Returns whether every line got its scores.
    func write(to path: String?, json: Bool) async throws -> Bool {
        let set = try EvaluatorSet(uses)
        var summary = set.makeSummary()
        var judged: [String: (total: Double, count: Int, errors: Int)] = [:]
        var usage = JudgeUsage()
        var output = try path.map { try ScoredRows(path: $0) }
        let bar = ProgressBar("scoring", total: nil)
        var rows = dataset.rows()
        let failures = FailureTally()
        while let row = try rows.next() {
            try Task.checkCancellation()
            let sources: JSONObject = ["data": .object(row.values)]
            var scores = set.score(sources: sources)
            summary.add(scores, sources: sources)
            for model in models {
                let answer = await model.score(sources: sources)
                usage = usage + answer.usage
                for score in answer.scores {
                    let before = judged[score.metric] ?? (0, 0, 0)
                    judged[score.metric] = (
                        before.total + (score.value ?? 0), before.count + (score.value == nil ? 0 : 1),
                        before.errors + (score.status == .error ? 1 : 0)
                    )
                }
                scores += answer.scores
            }
            for score in scores where score.status == .error {
                failures.count(
                    score.reason ?? score.metric,
                    first: "line \(row.lineNumber): \(score.metric): \(score.reason ?? "")")
            }
            try output?.append(row.values, scores)
            bar.add(LineRecord(lineNumber: row.lineNumber, status: .completed, inputs: [:]))
        }
        bar.finish()
        try output?.finish()
        show(summary.metrics(), judged: judged, usage: usage, json: json)
        let sentences = failures.sentences
        for sentence in sentences { Terminal.standard.note("\(Terminal.standard.errorWord) \(sentence)") }
        return sentences.isEmpty
    }

    private func show(
        _ metrics: [MetricSummary], judged: [String: (total: Double, count: Int, errors: Int)], usage: JudgeUsage,
        json: Bool
    ) {
        let terminal = Terminal.standard
        let asked = models.flatMap { $0.metrics.map(\.key) }.compactMap { key in judged[key].map { (key, $0) } }
        if json {
            var rows = metrics.map(\.json)
            for (key, entry) in asked {
                rows.append([
                    "metric": .string(key), "count": .int(entry.count), "errors": .int(entry.errors),
                    "mean": entry.count > 0 ? .double(entry.total / Double(entry.count)) : .null,
                ])
            }
            terminal.print(
                JSONValue.object([
                    "metrics": .array(rows),
                    "judge": [
                        "calls": .int(usage.calls), "input_tokens": .int(usage.tokens.input),
                        "output_tokens": .int(usage.tokens.output),
                        "cost_nano_usd": usage.cost.nanoUSD.map { .int($0) } ?? .null,
                    ],
                ]).text())
            return
        }
        var table = TextTable(["metric", "mean", "p50", "p95", "scored", "errors", "n/a"])
        func number(_ value: Double?) -> String { value.map { String(format: "%.4f", $0) } ?? "–" }
        for metric in metrics {
            table.add([
                metric.metric, number(metric.mean), number(metric.p50), number(metric.p95), String(metric.count),
                String(metric.errors),
                String(metric.notApplicable),
            ])
            for (name, value) in metric.set { table.add(["  \(name)", number(value)]) }
        }
        for (key, entry) in asked {
            table.add([
                key, number(entry.count > 0 ? entry.total / Double(entry.count) : nil), "", "", String(entry.count),
                String(entry.errors),
            ])
        }
        terminal.print(table.text)
        if usage.calls > 0 {
            terminal.note(
                "judges: \(usage.calls) calls, \(usage.tokens.input) + \(usage.tokens.output) tokens, \(CostText.describe(usage.cost))"
            )
        }
    }
}

/// Rows with their scores, as JSON Lines or CSV by the file's ending.
private struct ScoredRows: ~Copyable {
    private var lines: LineFile?
    private var table: CSVWriter?
    private let path: String
    private var columns: [String] = []

    init(path: String) throws {
        self.path = path
        table = nil
        lines = path.hasSuffix(".csv") ? nil : try LineFile(path)
    }

    mutating func append(_ row: JSONObject, _ scores: [Score]) throws {
        var full = row
        for score in scores { full.merge(score.columns) }
        if lines != nil {
            try lines?.write(.object(full))
            return
        }
        if table == nil {
            // The first row decides the columns, as in the dataset itself.
            columns = full.keys
            table = try CSVWriter(path: path, columns: columns)
        }
        try table?.append(columns.map { full[$0] ?? .null })
    }

    mutating func finish() throws {
        try lines?.finish()
        if let table = table.take() { try table.finish() }
    }
}

/// The evaluators there are.
struct EvaluatorList {
    func write(json: Bool, terminal: Terminal) {
        let all =
            EvaluatorCatalogue.all.map {
                (
                    name: $0.name, aliases: $0.aliases, inputs: $0.inputs.filter(\.isRequired).map(\.name),
                    summary: $0.summary, kind: "computed"
                )
            }
            + JudgeCatalogue.all.map {
                (name: $0.name, aliases: $0.aliases, inputs: [String](), summary: $0.summary, kind: "judge")
            }
        if json {
            terminal.print(
                JSONValue.object([
                    "evaluators": .array(
                        all.map {
                            [
                                "name": .string($0.name), "aliases": .array($0.aliases.map { .string($0) }),
                                "kind": .string($0.kind),
                                "inputs": .array($0.inputs.map { .string($0) }), "summary": .string($0.summary),
                            ]
                        })
                ]).text())
            return
        }
        var table = TextTable(["name", "kind", "needs", "what it measures"])
        for entry in all { table.add([entry.name, entry.kind, entry.inputs.joined(separator: ", "), entry.summary]) }
        terminal.print(table.text)
    }
}

package import Domain

/// An evaluator of an experiment, made.
package enum PlannedEvaluator: Sendable {
    /// Computed from the line alone.
    case deterministic(EvaluatorUse)
    /// Asks a model or runs a flow.
    case model(any ModelEvaluator)

    var metrics: [(key: String, definition: MetricDefinition)] {
        switch self {
        case .deterministic(let use): use.metrics
        case .model(let evaluator): evaluator.metrics
        }
    }
}

/// Evaluators with the datasets they score.
package struct ExperimentScorers: Sendable {
    let metrics: [(key: String, definition: MetricDefinition)]
    private let deterministic: [Int: [(set: EvaluatorSet, rows: [Int: JSONObject]?)]]
    private let models: [Int: [(evaluator: any ModelEvaluator, rows: [Int: JSONObject]?)]]

    /// Makes the evaluators of an experiment with `make`, which gets the declaration and the mappings that count.
    package init(
        _ plan: ExperimentPlan, make: (ExperimentEvaluator, JSONObject) async throws -> PlannedEvaluator
    ) async throws {
        var metrics: [(key: String, definition: MetricDefinition)] = []
        var sets: [Int: [(set: EvaluatorSet, rows: [Int: JSONObject]?)]] = [:]
        var models: [Int: [(evaluator: any ModelEvaluator, rows: [Int: JSONObject]?)]] = [:]
        for dataset in plan.datasets.indices {
            let name = plan.datasets[dataset].declaration.name
            var shared: [EvaluatorUse] = []
            for declared in plan.experiment.evaluators {
                if let own = declared.datasets, own[name] == nil { continue }
                let evaluator = try await make(declared, declared.datasets?[name] ?? declared.mappings)
                let rows = try declared.sources[name].map { try Self.rows(of: $0) }
                for metric in evaluator.metrics where !metrics.contains(where: { $0.key == metric.key }) {
                    metrics.append(metric)
                }
                switch evaluator {
                case .deterministic(let use) where rows == nil: shared.append(use)
                case .deterministic(let use): sets[dataset, default: []].append((try EvaluatorSet([use]), rows))
                case .model(let evaluator): models[dataset, default: []].append((evaluator, rows))
                }
            }
            if !shared.isEmpty { sets[dataset, default: []].append((try EvaluatorSet(shared), nil)) }
        }
        self.metrics = metrics
        deterministic = sets
        self.models = models
    }

    private static func rows(of source: String) throws -> [Int: JSONObject] {
        var reader = try Dataset(path: source).rows()
        var rows: [Int: JSONObject] = [:]
        while let row = try reader.next() { rows[row.values["line_number"]?.int ?? row.lineNumber] = row.values }
        return rows
    }

    /// Whether anything asks a model.
    var asksModels: Bool { !models.isEmpty }

    /// What gathers metrics of a whole dataset, one for each set of evaluators.
    func makeSummaries(dataset: Int) -> [EvaluationSummary] {
        (deterministic[dataset] ?? []).map { $0.set.makeSummary() }
    }

    /// The scores that are computed; nothing is asked.
    ///
    /// They are added to `summaries` of the dataset, if given.
    func computed(
        _ record: LineRecord, row: JSONObject, dataset: Int, summaries: inout [EvaluationSummary]
    ) -> [Score] {
        var all: [Score] = []
        for (place, entry) in (deterministic[dataset] ?? []).enumerated() {
            let sources = ExperimentUnit.sources(row: entry.rows?[record.lineNumber] ?? row, record: record)
            let scores = entry.set.score(sources: sources)
            if summaries.indices.contains(place) { summaries[place].add(scores, sources: sources) }
            all += scores
        }
        return all
    }

    /// The scores that are computed, for a line that is looked at again.
    func computed(_ record: LineRecord, row: JSONObject, dataset: Int) -> [Score] {
        var none: [EvaluationSummary] = []
        return computed(record, row: row, dataset: dataset, summaries: &none)
    }

    /// The scores that models give, with what they used and, for flows, the lines their aggregation nodes read.
    func asked(_ record: LineRecord, row: JSONObject, dataset: Int) async -> AskedScores {
        var asked = AskedScores()
        for entry in models[dataset] ?? [] {
            let sources = ExperimentUnit.sources(row: entry.rows?[record.lineNumber] ?? row, record: record)
            let judged: JudgedScores
            if let flow = entry.evaluator as? FlowEvaluator {
                let result = await flow.run(line: record.lineNumber, sources: sources)
                judged = result.scores
                if flow.flow.aggregates, var line = result.record {
                    line.spans = []
                    asked.lines.append((flow.name, line))
                }
            } else {
                judged = await entry.evaluator.score(sources: sources)
            }
            asked.scores += judged.scores
            asked.usage = asked.usage + judged.usage
        }
        return asked
    }

    /// The evaluation flow of this name that scores a dataset.
    func flowEvaluator(_ name: String, dataset: Int) -> FlowEvaluator? {
        (models[dataset] ?? []).lazy.compactMap { $0.evaluator as? FlowEvaluator }.first { $0.name == name }
    }
}

/// What models and evaluation flows said of one line.
struct AskedScores: Sendable {
    var scores: [Score] = []
    var usage = JudgeUsage()
    /// Lines of evaluation flows, by the evaluator's name.
    var lines: [(evaluator: String, line: LineRecord)] = []
}

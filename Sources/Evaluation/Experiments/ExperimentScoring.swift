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
    /// What is scored on which dataset: mappings may differ between datasets.
    struct Scorer: Sendable {
        let dataset: Int
        let evaluator: PlannedEvaluator
        /// Rows to read instead of the dataset's own, by line number.
        let rows: [Int: JSONObject]?
    }

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

    /// The scores that are computed; nothing is asked.
    func computed(_ record: LineRecord, row: JSONObject, dataset: Int) -> [Score] {
        (deterministic[dataset] ?? []).flatMap { entry in
            entry.set.score(sources: ExperimentUnit.sources(row: entry.rows?[record.lineNumber] ?? row, record: record))
        }
    }

    /// The scores that models give, with what they used.
    func asked(_ record: LineRecord, row: JSONObject, dataset: Int) async -> (scores: [Score], usage: JudgeUsage) {
        var scores: [Score] = []
        var usage = JudgeUsage()
        for entry in models[dataset] ?? [] {
            let judged = await entry.evaluator.score(
                sources: ExperimentUnit.sources(row: entry.rows?[record.lineNumber] ?? row, record: record))
            scores += judged.scores
            usage = usage + judged.usage
        }
        return (scores, usage)
    }
}

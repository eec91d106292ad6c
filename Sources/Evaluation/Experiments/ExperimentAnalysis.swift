package import Domain
package import Statistics

/// What came of an experiment: totals and scores of every variant, ready to be compared.
package struct ExperimentAnalysis: Sendable {
    package let variants: [VariantResult]
    package let metrics: [(key: String, definition: MetricDefinition)]
    /// For each unit what its lines are clustered by, where any dataset says so.
    let clusters: [String]?
    package var judge: JudgeUsage
    package let lines: Int
    /// Scores that models gave, kept so that the report asks nothing again.
    let asked: [ExperimentCell: [Int: [Score]]]

    /// One variant's results.
    package struct VariantResult: Sendable {
        package let id: String
        /// By metric, then unit: the mean over repetitions, or `nil` where there is no value.
        package var values: [String: [Double?]]
        package var errors: [String: Int]
        package var notApplicable: [String: Int]
        /// Milliseconds by unit; `nil` where no repetition completed.
        package var latencies: [Double?]
        /// All latencies in milliseconds, repetitions apart.
        package var allLatencies: [Double]
        /// Dollars by unit; `nil` where unknown or failed.
        package var costs: [Double?]
        package var totals: LineTotals
        /// Lines that never ended.
        package var missing: Int
        /// Metrics of whole datasets, such as corpus BLEU or what an evaluation flow aggregates.
        package var setMetrics: [(name: String, value: JSONValue)]

        init(id: String, metrics: [String]) {
            self.id = id
            values = Dictionary(uniqueKeysWithValues: metrics.map { ($0, []) })
            errors = [:]
            notApplicable = [:]
            latencies = []
            allLatencies = []
            costs = []
            totals = LineTotals()
            missing = 0
            setMetrics = []
        }

        /// Lines that failed or never ended.
        package var failed: Int { totals.failed + totals.canceled + missing }

        /// The values of a metric or of `latency_ms` or `cost_usd`, by unit.
        package func vector(_ metric: String) -> [Double?]? {
            switch metric {
            case "latency_ms": latencies
            case "cost_usd": costs
            default: values[metric]
            }
        }
    }

    /// Scores everything the experiment's runs hold.
    ///
    /// `onUnit` is called after each row.
    package static func make(
        _ plan: ExperimentPlan, scorers: ExperimentScorers, store: any RunStore, experiment: String,
        onUnit: @Sendable (Int) -> Void = { _ in }
    ) async throws -> ExperimentAnalysis {
        var results = plan.variants.map { VariantResult(id: $0.variant.id, metrics: scorers.metrics.map(\.key)) }
        var clusters: [String] = []
        var judge = JudgeUsage()
        var asked: [ExperimentCell: [Int: [Score]]] = [:]
        var units = ExperimentUnits(plan, store: store, experiment: experiment, withSpans: false)
        var sets = plan.variants.map { _ in SetMetrics(plan, scorers) }
        var count = 0
        while let unit = try await units.next() {
            let column = plan.datasets[unit.dataset].declaration.cluster
            let name = plan.datasets[unit.dataset].declaration.name
            clusters.append(column.map { "\(name)\n\(unit.row[$0]?.text() ?? "")" } ?? "\(name)\n#\(unit.line)")
            let answers =
                scorers.asksModels ? await ask(unit, scorers: scorers, concurrency: plan.experiment.concurrency) : [:]
            for variant in plan.variants.indices {
                var gathered = UnitScores()
                for (repetition, records) in unit.records.enumerated() {
                    guard let record = records[variant] else {
                        results[variant].missing += 1
                        continue
                    }
                    results[variant].totals.add(record)
                    guard record.status == .completed else { continue }
                    gathered.add(record)
                    var scores = scorers.computed(
                        record, row: unit.row, dataset: unit.dataset, summaries: &sets[variant].summaries[unit.dataset])
                    let cell = ExperimentCell(variant: variant, dataset: unit.dataset, repetition: repetition)
                    if let answer = answers[cell] {
                        scores += answer.scores
                        judge = judge + answer.usage
                        sets[variant].add(answer.lines, dataset: unit.dataset)
                        asked[cell, default: [:]][unit.line] = answer.scores
                    }
                    gathered.add(scores, to: &results[variant])
                }
                gathered.close(into: &results[variant], metrics: scorers.metrics.map(\.key))
            }
            count += 1
            onUnit(count)
        }
        for variant in plan.variants.indices {
            results[variant].setMetrics = await sets[variant].metrics(plan, scorers)
        }
        let isClustered = plan.datasets.contains { $0.declaration.cluster != nil }
        return ExperimentAnalysis(
            variants: results, metrics: scorers.metrics, clusters: isClustered ? clusters : nil, judge: judge,
            lines: count, asked: asked)
    }

    private static func ask(
        _ unit: ExperimentUnit, scorers: ExperimentScorers, concurrency: Int
    ) async -> [ExperimentCell: AskedScores] {
        await withTaskGroup(of: (ExperimentCell, AskedScores).self) { group in
            var answers: [ExperimentCell: AskedScores] = [:]
            var running = 0
            for (repetition, records) in unit.records.enumerated() {
                for (variant, record) in records.enumerated() {
                    guard let record, record.status == .completed else { continue }
                    if running >= concurrency, let (cell, asked) = await group.next() {
                        answers[cell] = asked
                        running -= 1
                    }
                    let cell = ExperimentCell(variant: variant, dataset: unit.dataset, repetition: repetition)
                    group.addTask {
                        (cell, await scorers.asked(record, row: unit.row, dataset: unit.dataset))
                    }
                    running += 1
                }
            }
            for await (cell, asked) in group { answers[cell] = asked }
            return answers
        }
    }

    /// Gathers metrics of whole datasets for one variant.
    private struct SetMetrics {
        var summaries: [[EvaluationSummary]]
        private var lines: [Int: [String: [LineRecord]]] = [:]

        init(_ plan: ExperimentPlan, _ scorers: ExperimentScorers) {
            summaries = plan.datasets.indices.map { scorers.makeSummaries(dataset: $0) }
        }

        mutating func add(_ asked: [(evaluator: String, line: LineRecord)], dataset: Int) {
            for (evaluator, line) in asked { lines[dataset, default: [:]][evaluator, default: []].append(line) }
        }

        func metrics(_ plan: ExperimentPlan, _ scorers: ExperimentScorers) async -> [(name: String, value: JSONValue)] {
            var metrics: [(name: String, value: JSONValue)] = []
            for dataset in plan.datasets.indices {
                let suffix = plan.datasets.count > 1 ? " (\(plan.datasets[dataset].declaration.name))" : ""
                for metric in summaries[dataset].flatMap({ $0.metrics() }) {
                    for (name, value) in metric.set {
                        metrics.append(("\(metric.metric).\(name)\(suffix)", .double(value)))
                    }
                }
                for (name, records) in (lines[dataset] ?? [:]).sorted(by: { $0.key < $1.key }) {
                    guard let evaluator = scorers.flowEvaluator(name, dataset: dataset) else { continue }
                    let aggregation = await evaluator.aggregate(records)
                    for (metric, value) in aggregation.metrics { metrics.append(("\(name).\(metric)\(suffix)", value)) }
                    for (node, error) in aggregation.errors {
                        metrics.append(("\(name).\(node)\(suffix)", .string("\(error.code): \(error.message)")))
                    }
                }
            }
            return metrics
        }
    }

    /// Gathers one unit's repetitions.
    private struct UnitScores {
        private var sums: [String: (total: Double, count: Int)] = [:]
        private var latencies: [Double] = []
        private var costs: [Double?] = []

        mutating func add(_ record: LineRecord) {
            latencies.append(Double(record.duration) / 1e6)
            costs.append(record.cost.nanoUSD.map { Double($0) / 1e9 })
        }

        mutating func add(_ scores: [Score], to result: inout VariantResult) {
            for score in scores {
                switch score.status {
                case .scored:
                    guard let value = score.value else { continue }
                    let before = sums[score.metric] ?? (0, 0)
                    sums[score.metric] = (before.total + value, before.count + 1)
                case .error: result.errors[score.metric, default: 0] += 1
                case .notApplicable: result.notApplicable[score.metric, default: 0] += 1
                }
            }
        }

        func close(into result: inout VariantResult, metrics: [String]) {
            for metric in metrics { result.values[metric]?.append(sums[metric].map { $0.total / Double($0.count) }) }
            result.latencies.append(latencies.isEmpty ? nil : latencies.reduce(0, +) / Double(latencies.count))
            result.allLatencies += latencies
            let known = costs.compactMap(\.self)
            result.costs.append(
                known.isEmpty || known.count < costs.count ? nil : known.reduce(0, +) / Double(known.count))
        }
    }
}

extension ExperimentAnalysis {
    /// The mean of a metric with its 95 % interval, clustered where lines share a source.
    func estimate(_ metric: String, of variant: Int) throws -> ReportSummary.Estimate {
        let vector = variants[variant].vector(metric) ?? []
        let present = vector.indices.filter { vector[$0] != nil }
        let values = present.compactMap { vector[$0] }
        let errors = variants[variant].errors[metric] ?? 0
        guard !values.isEmpty else {
            return ReportSummary.Estimate(
                mean: nil, low: nil, high: nil, count: 0, missing: vector.count, errors: errors)
        }
        let interval: ConfidenceInterval?
        if let clusters {
            let grouped = Clusters(present.map { clusters[$0] })
            interval =
                grouped.repeats ? try ClusteredMean(values, clusters: grouped).interval() : try Self.interval(values)
        } else {
            interval = try Self.interval(values)
        }
        return ReportSummary.Estimate(
            mean: values.mean, low: interval?.lower, high: interval?.upper, count: values.count,
            missing: vector.count - values.count,
            errors: errors)
    }

    /// Wilson's interval for rates, Student's for other means.
    private static func interval(_ values: [Double]) throws -> ConfidenceInterval? {
        if values.allSatisfy({ $0 == 0 || $0 == 1 }) {
            return try Proportion(successes: values.count { $0 == 1 }, trials: values.count).wilson()
        }
        return try Description(values).interval()
    }

    /// One variant against another by a metric, or `nil` where no unit has both values.
    package func compare(
        _ metric: String, candidate: Int, baseline: Int, seed: Int, ignoresClusters: Bool = false
    ) throws -> PairedComparison? {
        guard let left = variants[baseline].vector(metric), let right = variants[candidate].vector(metric),
            zip(left, right).contains(where: { $0 != nil && $1 != nil })
        else { return nil }
        let scores: PairedScores
        if let clusters {
            scores = try PairedScores(baseline: left, candidate: right, clusters: clusters)
        } else {
            scores = try PairedScores(baseline: left, candidate: right)
        }
        return try PairedComparison(
            scores, options: .init(seed: UInt64(bitPattern: Int64(seed)), ignoresClusters: ignoresClusters))
    }
}

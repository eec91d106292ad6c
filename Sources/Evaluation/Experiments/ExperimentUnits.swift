import Domain

/// One row of a dataset with what every cell made of it.
struct ExperimentUnit: Sendable {
    let dataset: Int
    let line: Int
    let row: JSONObject
    /// By repetition, then variant; `nil` where the line never ended.
    let records: [[LineRecord?]]
}

/// Reads an experiment's lines back from the store beside the rows they came from, a page at a time.
struct ExperimentUnits {
    private static let pageSize = 200
    private let plan: ExperimentPlan
    private let store: any RunStore
    private let experiment: String
    private let withSpans: Bool
    private var dataset = 0
    private var rows: DatasetRows?
    private var taken = 0
    private var pages: [ExperimentCell: Page] = [:]

    private struct Page {
        var lines: ArraySlice<LineRecord> = []
        var after = -1
        var isAtEnd = false
    }

    init(_ plan: ExperimentPlan, store: any RunStore, experiment: String, withSpans: Bool) {
        self.plan = plan
        self.store = store
        self.experiment = experiment
        self.withSpans = withSpans
    }

    /// The next unit, or `nil` at the end.
    mutating func next() async throws -> ExperimentUnit? {
        while dataset < plan.datasets.count {
            if rows == nil {
                rows = plan.datasets[dataset].dataset.rows()
                taken = 0
            }
            if taken < plan.datasets[dataset].lines, let row = try rows?.next() {
                taken += 1
                var records: [[LineRecord?]] = []
                for repetition in 0..<plan.experiment.repetitions {
                    var byVariant: [LineRecord?] = []
                    for variant in plan.variants.indices {
                        let cell = ExperimentCell(variant: variant, dataset: dataset, repetition: repetition)
                        byVariant.append(try await record(cell, line: row.lineNumber))
                    }
                    records.append(byVariant)
                }
                return ExperimentUnit(dataset: dataset, line: row.lineNumber, row: row.values, records: records)
            }
            dataset += 1
            rows = nil
        }
        return nil
    }

    private mutating func record(_ cell: ExperimentCell, line: Int) async throws -> LineRecord? {
        var page = pages[cell] ?? Page()
        defer { pages[cell] = page }
        while true {
            while let first = page.lines.first, first.lineNumber < line { page.lines.removeFirst() }
            if var first = page.lines.first {
                guard first.lineNumber == line else { return nil }
                if withSpans { first.spans = try await store.spans(of: cell.runID(of: experiment), line: line) }
                return first
            }
            if page.isAtEnd { return nil }
            let next = try await store.lines(of: cell.runID(of: experiment), after: page.after, limit: Self.pageSize)
            page.isAtEnd = next.count < Self.pageSize
            page.lines = next[...]
            if let last = next.last { page.after = last.lineNumber }
        }
    }
}

extension ExperimentUnit {
    /// What evaluators may read of a line: `data`, `run.inputs`, `run.outputs`, and `run` with its measures.
    static func sources(row: JSONObject, record: LineRecord) -> JSONObject {
        [
            "data": .object(row), "run.inputs": .object(record.inputs), "run.outputs": .object(record.outputs),
            "run": [
                "latency_ms": .double(Double(record.duration) / 1e6), "input_tokens": .int(record.usage.input),
                "output_tokens": .int(record.usage.output),
                "cost_usd": record.cost.nanoUSD.map { .double(Double($0) / 1e9) } ?? .null,
            ],
        ]
    }
}

import Domain
import Foundation
import Synchronization

@testable import Evaluation

/// Runs, lines and spans in memory.
final class ExperimentStore: RunStore {
    private struct State {
        var runs: [String: RunRecord] = [:]
        var lines: [String: [Int: LineRecord]] = [:]
        var insertsLeft = Int.max
    }

    struct Ended: Error {}

    private let state = Mutex(State())

    /// Lets this many further runs be inserted, as if the process ended then.
    func end(afterInserts count: Int) { state.withLock { $0.insertsLeft = count } }

    func insert(_ run: RunRecord) async throws {
        try state.withLock { state in
            guard state.insertsLeft > 0, state.runs[run.id] == nil else { throw Ended() }
            state.insertsLeft -= 1
            state.runs[run.id] = run
        }
    }

    func update(_ run: RunRecord) async throws { state.withLock { $0.runs[run.id] = run } }
    func run(id: String) async throws -> RunRecord? { state.withLock { $0.runs[id] } }

    func runs(limit: Int) async throws -> [RunRecord] {
        state.withLock { Array($0.runs.values.sorted { ($1.start, $1.id) < ($0.start, $0.id) }.prefix(limit)) }
    }

    func append(_ lines: [LineRecord], to run: String) async throws {
        try state.withLock { state in
            guard lines.isEmpty || state.runs[run] != nil else { throw Ended() }
            for line in lines { state.lines[run, default: [:]][line.lineNumber] = line }
        }
    }

    func lines(of run: String, after: Int, limit: Int) async throws -> [LineRecord] {
        state.withLock { state in
            Array(
                (state.lines[run] ?? [:]).values.filter { $0.lineNumber > after }
                    .sorted { $0.lineNumber < $1.lineNumber }.prefix(limit))
        }
    }

    func completedLineNumbers(of run: String) async throws -> Set<Int> {
        state.withLock { Set(($0.lines[run] ?? [:]).values.filter { $0.status == .completed }.map(\.lineNumber)) }
    }

    func spans(of run: String, line: Int) async throws -> [Span] {
        state.withLock { $0.lines[run]?[line]?.spans ?? [] }
    }

    func cachedValue(for key: Digest) async throws -> JSONValue? { nil }
    func cache(_ values: [(key: Digest, value: JSONValue)]) async throws {}
}

/// A flow with one input, `q`, and one output, `answer`, that a closure gives; it remembers what it was asked.
final class FakeFlow: FlowRunner {
    typealias Answer = @Sendable (_ variant: String, _ line: Int) async -> LineRecord

    private let nodes: [(node: String, defaultVariant: String, all: [String])]
    private let answer: Answer
    private let asked = Mutex<[String]>([])

    init(
        nodes: [(node: String, defaultVariant: String, all: [String])] = [], answer: @escaping Answer
    ) {
        self.nodes = nodes
        self.answer = answer
    }

    /// `VARIANT LINE` of each line that was run, in order.
    var log: [String] { asked.withLock { $0 } }
    func forget() { asked.withLock { $0 = [] } }

    func prepare(_ request: FlowRequest) async throws -> any PreparedFlow {
        let variant = request.variants.sorted { $0.key < $1.key }.map(\.value).joined(separator: "-")
        return Prepared(owner: self, variant: variant)
    }

    private struct Prepared: PreparedFlow {
        let owner: FakeFlow
        let variant: String
        let name = "fake"
        var digest: Digest { Digest(of: variant) }
        let inputs = [(name: "q", type: "string", hasDefault: false)]
        let outputNames = ["answer"]
        var variants: [(node: String, defaultVariant: String, all: [String])] { owner.nodes }
        let connectionNames: [String] = []
        let modelCallsPerLine = 2
        let expectedCalls: [ExpectedCall] = []
        let aggregates = false

        func run(line: Int, inputs: JSONObject) async -> LineRecord {
            owner.asked.withLock { $0.append("\(variant) \(line)") }
            var record = await owner.answer(variant, line)
            record.lineNumber = line
            record.inputs = inputs
            return record
        }

        func aggregate(_ lines: [LineRecord]) async -> AggregationRecord { AggregationRecord() }
    }
}

extension LineRecord {
    /// A completed line with this answer.
    static func answer(_ text: String, milliseconds: Int = 10, cost: Cost = .known(nanoUSD: 1_000_000)) -> LineRecord {
        LineRecord(
            lineNumber: 0, status: .completed, inputs: [:], outputs: ["answer": .string(text)],
            usage: TokenUsage(input: 10, output: 2), cost: cost, duration: milliseconds * 1_000_000)
    }

    /// A failed line.
    static func failure(_ code: String) -> LineRecord {
        LineRecord(
            lineNumber: 0, status: .failed, inputs: [:], error: LineError(code: code, message: "it \"failed\",\nbadly"))
    }
}

/// An experiment with fake parts: files in a folder, a flow of closures, a store in memory.
struct ExperimentBench {
    let folder: TemporaryFolder
    let store = ExperimentStore()
    let flow: FakeFlow

    static let evaluators = """
        evaluators:
        - name: exact_match
          mappings: {response: "${run.outputs.answer}", ground_truth: "${data.truth}"}

        """

    /// Variants `a` and `b` of the node `ask` over these rows, exact match of `answer` with `truth`.
    static func text(more: String = "", dataset: String = "") -> String {
        """
        name: bench
        flow: fake
        variants:
          prompt:
          - {id: a, node: ask, variant: a}
          - {id: b, node: ask, variant: b}
        datasets:
        - {name: d, source: rows.jsonl, mappings: {q: "${data.q}"}\(dataset)}
        \(evaluators)
        """ + more + "\n"
    }

    init(
        rows: [String], text: String = text(),
        nodes: [(node: String, defaultVariant: String, all: [String])] = [], answer: @escaping FakeFlow.Answer
    ) throws {
        folder = try TemporaryFolder()
        _ = try folder.write("rows.jsonl", rows.joined(separator: "\n") + "\n")
        _ = try folder.write("experiment.yaml", text)
        flow = FakeFlow(nodes: nodes, answer: answer)
    }

    /// Rows whose question and truth are their number.
    static func rows(_ count: Int) -> [String] { (0..<count).map { "{\"q\": \"q\($0)\", \"truth\": \"\($0)\"}" } }

    func plan(_ change: (inout Experiment) -> Void = { _ in }) async throws -> ExperimentPlan {
        var experiment = try ExperimentReader(file: "\(folder.path)/experiment.yaml").read()
        change(&experiment)
        return try await ExperimentPlan.make(experiment, flows: flow)
    }

    func scorers(_ plan: ExperimentPlan) async throws -> ExperimentScorers {
        try await ExperimentScorers(plan) { declared, mappings in
            guard case .named(let name) = declared.kind else { throw PlainFailure("Test", "no flows here") }
            return .deterministic(
                try EvaluatorUse(
                    name: declared.name, evaluator: name, parameters: declared.parameters, mappings: mappings))
        }
    }

    /// Runs to the end and analyses.
    func finished() async throws -> (
        plan: ExperimentPlan, outcome: ExperimentRunner.Outcome, analysis: ExperimentAnalysis, summary: ReportSummary
    ) {
        let plan = try await plan()
        let runner = ExperimentRunner(store: store)
        let outcome = try await runner.run(plan, resuming: nil)
        try await runner.conclude(outcome)
        let analysis = try await ExperimentAnalysis.make(
            plan, scorers: scorers(plan), store: store, experiment: outcome.record.id)
        return (
            plan, outcome, analysis,
            try ReportSummary(plan, analysis, created: Date(timeIntervalSince1970: 0), version: "test")
        )
    }
}

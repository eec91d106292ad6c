package import Domain
import Foundation
import Synchronization

/// Runs the lines of an experiment, stores each, and goes on where an earlier attempt ended.
package struct ExperimentRunner: Sendable {
    private let store: any RunStore
    private let effects: Effects

    package init(store: any RunStore, effects: Effects = .live) {
        self.store = store
        self.effects = effects
    }

    /// How running ended.
    package struct Outcome: Sendable {
        /// The experiment's record: its id is the prefix of its runs' ids.
        package var record: RunRecord
        package var totals: LineTotals
        /// Lines that were there already.
        package var kept: Int
        /// Why it stopped before the end, or `nil`.
        package var interruption: LineError?
    }

    /// The newest attempt at the same experiment that did not come to its end, or `nil`.
    package func unfinished(_ plan: ExperimentPlan) async throws -> RunRecord? {
        try await store.runs(limit: 10_000).first {
            $0.settings["kind"] == "experiment" && $0.settings["digest"]?.string == plan.digest.description
                && ($0.status == .running || $0.status == .canceled)
        }
    }

    /// Runs what is left.
    ///
    /// `onLine` is called after each line. An experiment that came through all its lines counts as unfinished until
    /// ``conclude(_:)``: if its report fails or is killed, the next attempt goes on from there and calls no model again.
    package func run(
        _ plan: ExperimentPlan, resuming: RunRecord?, onBegin: (String) throws -> Void = { _ in },
        onKept: @Sendable (Int) -> Void = { _ in },
        onLine: @escaping @Sendable (LineRecord) -> Void = { _ in }
    ) async throws -> Outcome {
        var record = try await begin(plan, resuming: resuming)
        try onBegin(record.id)
        let done = try await finishedLines(plan, experiment: record.id)
        let kept = done.values.reduce(0) { $0 + $1.count }
        onKept(kept)
        let tally = LineTally()
        let stop = Interruption()
        let writers = Dictionary(
            uniqueKeysWithValues: plan.cells.map { ($0, LineWriter(store: store, run: $0.runID(of: record.id))) })
        let queue = ExperimentQueue(plan, done: done)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<plan.experiment.concurrency {
                    group.addTask {
                        while !Task.isCancelled, stop.reason == nil, let item = try queue.next() {
                            let line = await Self.run(item, plan: plan)
                            if line.status == .canceled { return }
                            if let error = line.error, error.code == "BudgetExhausted" {
                                // Not a result: a larger budget goes on from here.
                                stop.note(error)
                                return
                            }
                            try await writers[item.cell]?.add(line)
                            tally.add(line)
                            onLine(line)
                        }
                    }
                }
                try await group.waitForAll()
            }
        } catch {
            for writer in writers.values { try? await writer.finish() }
            throw error
        }
        for writer in writers.values { try await writer.finish() }
        record.status =
            Task.isCancelled || stop.reason != nil
            ? .canceled : tally.value.failed > 0 ? .completedWithErrors : .completed
        record.end = effects.now().nanoseconds
        try await finish(record, plan)
        return Outcome(record: record, totals: tally.value, kept: kept, interruption: stop.reason)
    }

    private func begin(_ plan: ExperimentPlan, resuming: RunRecord?) async throws -> RunRecord {
        if var record = resuming {
            record.status = .running
            record.end = nil
            try await store.update(record)
            // The earlier attempt may have ended between the experiment's record and those of its cells.
            try await insertCells(plan, of: record)
            return record
        }
        let now = effects.now()
        let record = RunRecord(
            id: effects.newID(), name: plan.experiment.name, flowDigest: plan.variants[plan.baseline].flow.digest,
            datasetDigest: plan.datasets[0].digest,
            settings: [
                "kind": "experiment", "digest": .string(plan.digest.description),
                "variants": .array(plan.variants.map { .string($0.variant.id) }),
                "datasets": .array(plan.datasets.map { .string($0.declaration.name) }),
                "repetitions": .int(plan.experiment.repetitions),
            ], start: now.nanoseconds)
        try await store.insert(record)
        try await insertCells(plan, of: record)
        return record
    }

    private func insertCells(_ plan: ExperimentPlan, of record: RunRecord) async throws {
        for cell in plan.cells where try await store.run(id: cell.runID(of: record.id)) == nil {
            let variant = plan.variants[cell.variant]
            try await store.insert(
                RunRecord(
                    id: cell.runID(of: record.id), name: "\(plan.experiment.name)/\(variant.variant.id)",
                    flowDigest: variant.flow.digest,
                    datasetDigest: plan.datasets[cell.dataset].digest,
                    settings: [
                        "kind": "cell", "experiment": .string(record.id), "variant": .string(variant.variant.id),
                        "dataset": .string(plan.datasets[cell.dataset].declaration.name),
                        "repetition": .int(cell.repetition),
                    ], start: record.start))
        }
    }

    /// Stores that an experiment came to its end, with its report written.
    package func conclude(_ outcome: Outcome) async throws { try await store.update(outcome.record) }

    private func finish(_ record: RunRecord, _ plan: ExperimentPlan) async throws {
        if record.status == .canceled { try await store.update(record) }
        for cell in plan.cells {
            guard var run = try await store.run(id: cell.runID(of: record.id)) else { continue }
            run.status = record.status
            run.end = record.end
            try await store.update(run)
        }
    }

    private func finishedLines(_ plan: ExperimentPlan, experiment: String) async throws -> [ExperimentCell: Set<Int>] {
        var done: [ExperimentCell: Set<Int>] = [:]
        for cell in plan.cells { done[cell] = try await store.completedLineNumbers(of: cell.runID(of: experiment)) }
        return done
    }

    private static func run(_ item: ExperimentQueue.Item, plan: ExperimentPlan) async -> LineRecord {
        switch item.inputs {
        case .success(let inputs): await plan.variants[item.cell.variant].flow.run(line: item.line, inputs: inputs)
        case .failure(let error): LineRecord(lineNumber: item.line, status: .failed, inputs: [:], error: error)
        }
    }

    /// The first reason to stop.
    private final class Interruption: Sendable {
        private let state = Mutex<LineError?>(nil)

        var reason: LineError? { state.withLock { $0 } }

        func note(_ error: LineError) { state.withLock { $0 = $0 ?? error } }
    }
}

/// The lines of an experiment in the order they are run: all variants of a line one after the other, so that a drift of
/// the provider over time touches all variants alike.
final class ExperimentQueue: Sendable {
    struct Item: Sendable {
        let cell: ExperimentCell
        let line: Int
        let inputs: Result<JSONObject, LineError>
    }

    private struct State {
        var dataset = -1
        var rows: DatasetRows?
        var taken = 0
        var waiting: ArraySlice<Item> = []
    }

    private let plan: ExperimentPlan
    private let done: [ExperimentCell: Set<Int>]
    private let mappings: [ColumnMapping]
    private let state: Mutex<State>

    init(_ plan: ExperimentPlan, done: [ExperimentCell: Set<Int>]) {
        self.plan = plan
        self.done = done
        mappings = plan.datasets.map { ExperimentPlan.mapping($0.declaration, flow: plan.variants[0].flow) }
        state = Mutex(State())
    }

    /// The next line to run, or `nil` when all were given.
    func next() throws -> Item? {
        try state.withLock { state in
            while true {
                if let item = state.waiting.popFirst() { return item }
                guard try advance(&state) else { return nil }
            }
        }
    }

    /// Reads the next row and queues it for every cell that lacks it.
    ///
    /// False at the end.
    private func advance(_ state: inout State) throws -> Bool {
        if let row = state.taken < limit(state.dataset) ? try state.rows?.next() : nil {
            state.taken += 1
            let inputs: Result<JSONObject, LineError>
            do { inputs = .success(try mappings[state.dataset].apply(to: ["data": .object(row.values)])) } catch {
                inputs = .failure(LineError(code: error.code, message: error.message))
            }
            var items: [Item] = []
            for repetition in 0..<plan.experiment.repetitions {
                for variant in plan.variants.indices {
                    let cell = ExperimentCell(variant: variant, dataset: state.dataset, repetition: repetition)
                    if done[cell]?.contains(row.lineNumber) != true {
                        items.append(Item(cell: cell, line: row.lineNumber, inputs: inputs))
                    }
                }
            }
            state.waiting = items[...]
            return true
        }
        guard state.dataset + 1 < plan.datasets.count else { return false }
        state.dataset += 1
        state.taken = 0
        state.rows = plan.datasets[state.dataset].dataset.rows()
        return true
    }

    private func limit(_ dataset: Int) -> Int {
        plan.datasets.indices.contains(dataset) ? plan.datasets[dataset].declaration.limit ?? .max : 0
    }
}

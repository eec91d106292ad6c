import Domain
import Synchronization
import Testing

@testable import Evaluation

@Suite("Running an experiment")
struct ExperimentRunnerTests {
    private let rows = ExperimentBench.rows(10)

    private static func right(_ variant: String, _ line: Int) async -> LineRecord { .answer("\(line)") }

    @Test("Every line runs once for every variant, dataset and repetition, all variants of a line one after the other")
    func order() async throws {
        let bench = try ExperimentBench(
            rows: rows, text: ExperimentBench.text(more: "repetitions: 2\nconcurrency: 1\n", dataset: ", limit: 2"),
            answer: Self.right)
        let plan = try await bench.plan()
        #expect((plan.lineCount, plan.callCount) == (8, 16))
        let outcome = try await ExperimentRunner(store: bench.store).run(plan, resuming: nil)
        #expect(bench.flow.log == ["a 0", "b 0", "a 0", "b 0", "a 1", "b 1", "a 1", "b 1"])
        #expect(outcome.totals.completed == 8)
        #expect(outcome.record.status == .completed)
        for cell in plan.cells {
            #expect(try await bench.store.completedLineNumbers(of: cell.runID(of: outcome.record.id)) == [0, 1])
            #expect(try await bench.store.run(id: cell.runID(of: outcome.record.id))?.status == .completed)
        }
    }

    @Test("Many at a time run each line once", arguments: [1, 3, 32])
    func concurrency(count: Int) async throws {
        let bench = try ExperimentBench(
            rows: ExperimentBench.rows(200), text: ExperimentBench.text(more: "concurrency: \(count)\n"),
            answer: Self.right)
        let outcome = try await ExperimentRunner(store: bench.store).run(await bench.plan(), resuming: nil)
        #expect(outcome.totals.completed == 400)
        #expect(Set(bench.flow.log).count == 400 && bench.flow.log.count == 400)
    }

    @Test("Resuming runs what is missing and what failed, and nothing else")
    func resume() async throws {
        let failsFirst = Mutex(true)
        let bench = try ExperimentBench(rows: rows, text: ExperimentBench.text(more: "concurrency: 2\n")) {
            variant, line in
            // The first attempt: line 3 of b fails, and from line 6 on the process is canceled.
            guard failsFirst.withLock({ $0 }) else { return .answer("\(line)") }
            if line >= 6 { withUnsafeCurrentTask { $0?.cancel() } }
            if line >= 6 { return LineRecord(lineNumber: line, status: .canceled, inputs: [:]) }
            return variant == "b" && line == 3 ? .failure("Boom") : .answer("\(line)")
        }
        let plan = try await bench.plan(), runner = ExperimentRunner(store: bench.store)
        let task = Task { try await runner.run(plan, resuming: nil) }
        let first = try await task.value
        #expect((first.totals.completed, first.totals.failed, first.totals.canceled) == (11, 1, 0))
        failsFirst.withLock { $0 = false }
        bench.flow.forget()
        // Until its end is noted, an experiment counts as unfinished.
        let unfinished = try #require(try await runner.unfinished(plan))
        #expect(unfinished.id == first.record.id)
        let kept = Mutex(0)
        let second = try await runner.run(
            plan, resuming: unfinished, onKept: { count in kept.withLock { $0 = count } })
        #expect(kept.withLock { $0 } == 11)
        #expect(second.kept == 11)
        let expected = ["b 3"] + (6..<10).flatMap { ["a \($0)", "b \($0)"] }
        #expect(bench.flow.log.sorted() == expected.sorted())
        #expect(second.record.status == .completed)
        try await runner.conclude(second)
        #expect(try await runner.unfinished(plan) == nil)
    }

    @Test("An attempt that ended before all its runs were noted is gone on with")
    func endedAtTheBeginning() async throws {
        for inserts in 1...2 {
            let bench = try ExperimentBench(rows: rows, answer: Self.right)
            let plan = try await bench.plan(), runner = ExperimentRunner(store: bench.store)
            bench.store.end(afterInserts: inserts)
            await #expect(throws: ExperimentStore.Ended.self) { try await runner.run(plan, resuming: nil) }
            bench.store.end(afterInserts: .max)
            let unfinished = try #require(try await runner.unfinished(plan))
            let outcome = try await runner.run(plan, resuming: unfinished)
            #expect(outcome.totals.completed == 20)
        }
    }

    @Test("An exhausted budget stops without a result for the line that it refused; a larger one goes on")
    func budget() async throws {
        let left = Mutex(7)
        let bench = try ExperimentBench(rows: rows, text: ExperimentBench.text(more: "concurrency: 4\n")) { _, line in
            let isAllowed = left.withLock { left in
                left -= 1
                return left >= 0
            }
            return isAllowed ? .answer("\(line)") : .failure("BudgetExhausted")
        }
        let plan = try await bench.plan(), runner = ExperimentRunner(store: bench.store)
        let first = try await runner.run(plan, resuming: nil)
        #expect(first.interruption?.code == "BudgetExhausted")
        #expect(first.record.status == .canceled)
        #expect((first.totals.completed, first.totals.failed) == (7, 0))
        // At most what was under way beside the first refusal.
        #expect(bench.flow.log.count <= 7 + 4)
        left.withLock { $0 = 1000 }
        bench.flow.forget()
        let second = try await runner.run(plan, resuming: await runner.unfinished(plan))
        #expect(second.record.status == .completed)
        #expect(bench.flow.log.count == 13)
    }

    @Test("A row that cannot become inputs fails in every variant without being run")
    func badRow() async throws {
        let bench = try ExperimentBench(
            rows: ["{\"q\": \"x\", \"truth\": \"0\"}", "{\"truth\": \"1\"}"], answer: Self.right)
        let outcome = try await ExperimentRunner(store: bench.store).run(await bench.plan(), resuming: nil)
        #expect(bench.flow.log.sorted() == ["a 0", "b 0"])
        #expect((outcome.totals.completed, outcome.totals.failed) == (2, 2))
        #expect(outcome.record.status == .completedWithErrors)
    }

    @Test("Other data, flows or mappings are another experiment; other evaluators, seeds and limits of speed are not")
    func identity() async throws {
        let bench = try ExperimentBench(rows: rows, answer: Self.right)
        let plan = try await bench.plan()
        let same = try await bench.plan {
            $0.evaluators = []
            $0.seed = 9
            $0.concurrency = 1
            $0.primary = nil
        }
        #expect(same.digest == plan.digest)
        let others = [
            try await bench.plan { $0.repetitions = 2 }, try await bench.plan { $0.datasets[0].limit = 3 },
            try await bench.plan { $0.datasets[0].mappings = ["q": "${data.truth}"] },
            try await bench.plan { $0.factors[0].levels[1].variants = ["ask": "c"] },
        ]
        for other in others { #expect(other.digest != plan.digest) }
        _ = try bench.folder.write("rows.jsonl", ExperimentBench.rows(11).joined(separator: "\n"))
        #expect(try await bench.plan().digest != plan.digest)
    }

    @Test("A plan is refused before anything runs if a name in it is wrong")
    func wrongNames() async throws {
        let bench = try ExperimentBench(rows: rows, answer: Self.right)
        func message(_ change: @escaping (inout Experiment) -> Void) async -> String {
            do {
                _ = try await bench.plan(change)
                return "planned"
            } catch { return "\(error)" }
        }
        #expect(await message { $0.baseline = "bb" }.contains("did you mean `b`"))
        #expect(await message { $0.datasets[0].cluster = "trut" }.contains("no column `trut`; did you mean `truth`?"))
        #expect(await message { $0.datasets[0].mappings = ["qq": "x"] }.contains("no such input; did you mean `q`?"))
        #expect(await message { $0.datasets[0].mappings = ["q": "${data.qq}"] } != "planned")
        #expect(await message { $0.datasets[0].limit = 0 }.contains("DatasetEmpty"))
        #expect(bench.flow.log.isEmpty)
    }
}

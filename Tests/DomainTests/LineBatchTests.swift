import Synchronization
import Testing

@testable import Domain

@Suite("Running many lines")
struct LineBatchTests {
    /// A flow whose lines are what a closure makes of them.
    private struct ClosureFlow: PreparedFlow {
        let name = "closure"
        let digest = Digest(of: "closure")
        let inputs: [(name: String, type: String, hasDefault: Bool)] = []
        let outputNames: [String] = []
        let variants: [(node: String, defaultVariant: String, all: [String])] = []
        let connectionNames: [String] = []
        let modelCallsPerLine = 0
        let expectedCalls: [ExpectedCall] = []
        let aggregates = false
        let body: @Sendable (Int) async -> LineRecord

        func run(line: Int, inputs: JSONObject) async -> LineRecord { await body(line) }
        func aggregate(_ lines: [LineRecord]) async -> AggregationRecord { AggregationRecord() }
    }

    private struct BrokenData: Error {}

    private static func completed(_ line: Int) -> LineRecord {
        LineRecord(lineNumber: line, status: .completed, inputs: [:])
    }

    /// Waits until it is canceled.
    private static func hang(_ line: Int) async -> LineRecord {
        try? await Task.sleep(for: .seconds(600))
        return LineRecord(lineNumber: line, status: .canceled, inputs: [:])
    }

    /// Gives the numbers below `count`, each once; throws instead of the number `broken`.
    private static func numbers(_ count: Int, broken: Int = -1) -> @Sendable () throws -> LineInput? {
        let next = Counter()
        return {
            let line = next.next()
            if line == broken { throw BrokenData() }
            return line < count ? LineInput(lineNumber: line, inputs: .success([:])) : nil
        }
    }

    private final class Counter: Sendable {
        private let value = Mutex(0)
        func next() -> Int {
            value.withLock {
                $0 += 1
                return $0 - 1
            }
        }
        func set(atLeast new: Int) { value.withLock { $0 = max($0, new) } }
        var current: Int { value.withLock { $0 } }
    }

    @Test("Every line is run once, stored once and told once, however many run at a time", arguments: [0, 1, 3, 64])
    func allOnce(concurrency: Int) async throws {
        let store = MemoryRunStore()
        let told = Mutex<[Int]>([])
        let outcome = try await LineBatch(store: store, concurrency: concurrency).run(
            ClosureFlow { Self.completed($0) }, run: "r", next: Self.numbers(2000),
            onLine: { line in told.withLock { $0.append(line.lineNumber) } })
        #expect(store.lines.map(\.lineNumber).sorted() == Array(0..<2000))
        #expect(told.withLock { $0.sorted() } == Array(0..<2000))
        #expect(outcome.totals.completed == 2000)
        #expect(!outcome.timedOut && !outcome.wasCanceled)
    }

    @Test("No more lines run at a time than allowed")
    func bound() async throws {
        let running = Mutex((now: 0, most: 0))
        let flow = ClosureFlow { line in
            running.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
            for _ in 0..<5 { await Task.yield() }
            running.withLock { $0.now -= 1 }
            return Self.completed(line)
        }
        _ = try await LineBatch(store: MemoryRunStore(), concurrency: 3).run(flow, run: "r", next: Self.numbers(300))
        #expect(running.withLock { $0.most } <= 3)
    }

    @Test("A line without inputs fails with its reason and is never run; the others go on")
    func withoutInputs() async throws {
        let store = MemoryRunStore()
        let next = Counter()
        let outcome = try await LineBatch(store: store, concurrency: 2).run(
            ClosureFlow { line in
                line == 1 ? LineRecord(lineNumber: 9, status: .failed, inputs: [:]) : Self.completed(line)
            }, run: "r",
            next: {
                let line = next.next()
                guard line < 3 else { return nil }
                let reason = LineError(code: "InputTypeError", message: "m")
                return LineInput(lineNumber: line, inputs: line == 1 ? .failure(reason) : .success([:]))
            })
        #expect((outcome.totals.completed, outcome.totals.failed) == (2, 1))
        #expect(outcome.totals.blame == .request)
        #expect(store.lines.first { $0.lineNumber == 1 }?.error?.code == "InputTypeError")
    }

    @Test("If the data breaks off, that is the error, and every line finished before is kept")
    func brokenData() async throws {
        let store = MemoryRunStore()
        let finished = Mutex<Set<Int>>([])
        await #expect(throws: BrokenData.self) {
            _ = try await LineBatch(store: store, concurrency: 4).run(
                ClosureFlow { Self.completed($0) }, run: "r", next: Self.numbers(500, broken: 100),
                onLine: { line in finished.withLock { _ = $0.insert(line.lineNumber) } })
        }
        #expect(Set(store.lines.map(\.lineNumber)) == finished.withLock { $0 })
        #expect(store.lines.count >= 97)
    }

    @Test("If the store fails, that is the error, and no further lines are begun for long")
    func storeFailure() async throws {
        let begun = Counter()
        await #expect(throws: MemoryRunStore.Refused.self) {
            _ = try await LineBatch(store: MemoryRunStore(refusesAfter: 2), concurrency: 4).run(
                ClosureFlow { line in
                    _ = begun.next()
                    var record = Self.completed(line)
                    record.spans = [Self.modelSpan]
                    return record
                }, run: "r", next: Self.numbers(100_000))
        }
        #expect(begun.current < 10_000)
    }

    @Test("When the time is up, running lines are canceled and left for later, finished ones are kept")
    func timeout() async throws {
        let store = MemoryRunStore()
        let outcome = try await LineBatch(store: store, concurrency: 2, timeout: .milliseconds(50)).run(
            ClosureFlow { line in line < 10 ? Self.completed(line) : await Self.hang(line) }, run: "r",
            next: Self.numbers(100))
        #expect(outcome.timedOut)
        #expect(!outcome.wasCanceled)
        #expect(store.lines.map(\.lineNumber).sorted() == Array(0..<10))
        #expect(outcome.totals.lines == 10)
    }

    @Test("A batch that is done in time does not wait for its timeout")
    func inTime() async throws {
        let start = ContinuousClock.now
        let outcome = try await LineBatch(store: MemoryRunStore(), concurrency: 2, timeout: .seconds(600)).run(
            ClosureFlow { Self.completed($0) }, run: "r", next: Self.numbers(5))
        #expect(!outcome.timedOut)
        #expect(start.duration(to: .now) < .seconds(60))
    }

    @Test("A canceled batch keeps what is finished, stores nothing half done and says so")
    func cancel() async throws {
        let store = MemoryRunStore()
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let task = Task {
            try await LineBatch(store: store, concurrency: 2).run(
                ClosureFlow { line in
                    guard line >= 10 else { return Self.completed(line) }
                    begin.finish()
                    return await Self.hang(line)
                }, run: "r", next: Self.numbers(100))
        }
        for await _ in begun {}
        task.cancel()
        let outcome = try await task.value
        #expect(outcome.wasCanceled)
        #expect(store.lines.allSatisfy { $0.status == .completed })
        #expect(store.lines.map(\.lineNumber).sorted() == Array(0..<10))
    }

    private static let modelSpan = Span(
        id: "1", parentID: nil, traceID: "2", name: "chat", kind: .model, start: 0)

    @Test("A line that called a model is stored before the next is taken; others wait for company")
    func writer() async throws {
        let store = MemoryRunStore()
        let writer = LineWriter(store: store, run: "r")
        var paid = Self.completed(0)
        paid.spans = [Self.modelSpan]
        try await writer.add(paid)
        #expect(store.lines.count == 1)
        for line in 1...1000 { try await writer.add(Self.completed(line)) }
        #expect(store.appends < 500)
        try await writer.finish()
        #expect(store.lines.map(\.lineNumber) == Array(0...1000))
        try await writer.finish()
        #expect(store.lines.count == 1001)
    }
}

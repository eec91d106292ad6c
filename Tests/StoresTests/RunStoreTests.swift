import Domain
import Foundation
import Testing

@testable import Stores

/// What every store must do; run on each kind.
@Suite("Keeping runs")
struct RunStoreTests {
    typealias Kind = DatabasePlace.Kind

    /// A store, and the database it is in.
    struct Place {
        let place: DatabasePlace
        let store: any RunStore

        init(_ kind: Kind) throws {
            place = try DatabasePlace(kind)
            store = place.database.runStore
        }
    }

    static func run(_ id: String, start: Int = 1) -> RunRecord {
        RunRecord(
            id: id, name: "flow é", flowDigest: Digest(of: "flow"), datasetDigest: Digest(of: "data"),
            settings: ["z": 1, "a": ["b": nil]], metrics: ["m": 0.5], errors: ["run": "x"], start: start)
    }

    static func line(_ number: Int, status: RunStatus = .completed) -> LineRecord {
        LineRecord(
            lineNumber: number, status: status, inputs: ["q": "who?\u{0}\n'\"", "é": 1, "e\u{301}": 2],
            outputs: ["n": .double(.infinity), "list": [1, 2.5, nil]],
            error: status == .failed ? LineError(code: "E", message: "why", blame: .environment) : nil,
            nodes: [("b", .completed), ("a", .bypassed), ("c", .failed)],
            usage: TokenUsage(input: 1, output: 2, cachedInput: 3, cacheWrite: 4, reasoning: 5),
            cost: number % 2 == 0 ? .known(nanoUSD: 1_000_000_007) : .unknown, start: 1_795_378_449_000_000_001,
            duration: 12, aggregationInputs: ["a": [1]], spans: [span("1"), span("2", parent: "1")])
    }

    static func span(_ id: String, parent: String? = nil) -> Span {
        Span(
            id: id, parentID: parent, traceID: "t", name: "n", kind: parent == nil ? .flow : .model, start: 5,
            duration: 6, error: parent.map { LineError(code: $0, message: "m") }, attributes: ["gen_ai.x": 1, "a": "b"])
    }

    @Test("A run comes back as it was put in, and an unknown one is nil", arguments: Kind.allCases)
    func runs(kind: Kind) async throws {
        let place = try Place(kind), store = place.store
        let run = Self.run("a")
        try await store.insert(run)
        #expect(try await store.run(id: "a") == run)
        #expect(try await store.run(id: "b") == nil)
        var bare = RunRecord(id: "bare", name: "", flowDigest: Digest(of: ""), start: 0)
        try await store.insert(bare)
        #expect(try await store.run(id: "bare") == bare)
        bare.status = .completedWithErrors
        bare.end = 9
        bare.metrics = ["x": 1]
        bare.errors = ["n": "e"]
        bare.datasetDigest = Digest(of: "late")
        try await store.update(bare)
        #expect(try await store.run(id: "bare") == bare)
        #expect(try await store.run(id: "a") == run)
    }

    @Test("An id can be taken once only", arguments: Kind.allCases)
    func taken(kind: Kind) async throws {
        let place = try Place(kind), store = place.store
        try await store.insert(Self.run("a"))
        await #expect(throws: StoreFailure.self) { try await store.insert(Self.run("a")) }
    }

    @Test("Runs come newest first, at most as many as asked for", arguments: Kind.allCases)
    func newestFirst(kind: Kind) async throws {
        let place = try Place(kind), store = place.store
        for (id, start) in [("b", 2), ("c", 3), ("a", 1), ("d", 3)] {
            try await store.insert(Self.run(id, start: start))
        }
        #expect(try await store.runs(limit: 10).map(\.id) == ["d", "c", "b", "a"])
        #expect(try await store.runs(limit: 2).map(\.id) == ["d", "c"])
        #expect(try await store.runs(limit: 0).isEmpty)
    }

    @Test("A line comes back as it was put in, without its spans, which are asked for apart", arguments: Kind.allCases)
    func lines(kind: Kind) async throws {
        let place = try Place(kind), store = place.store
        try await store.insert(Self.run("r"))
        for number in 0...1 {
            let line = Self.line(number, status: number == 1 ? .failed : .completed)
            try await store.append([line], to: "r")
            let read = try #require(try await store.lines(of: "r", after: number - 1, limit: 1).first)
            #expect(read.lineNumber == number)
            #expect(read.status == line.status)
            #expect(read.inputs == line.inputs)
            #expect(read.inputs.keys == line.inputs.keys)
            #expect(read.outputs == line.outputs)
            #expect(read.error == line.error)
            #expect(read.nodes.map(\.name) == ["b", "a", "c"])
            #expect(read.nodes.map(\.status) == [.completed, .bypassed, .failed])
            #expect(read.usage == line.usage)
            #expect(read.cost == line.cost)
            #expect((read.start, read.duration) == (line.start, line.duration))
            #expect(read.aggregationInputs == line.aggregationInputs)
            #expect(read.spans.isEmpty)
            #expect(try await store.spans(of: "r", line: number) == line.spans)
        }
        #expect(try await store.spans(of: "r", line: 7).isEmpty)
        #expect(try await store.spans(of: "other", line: 0).isEmpty)
    }

    @Test("Lines come in the order of their numbers, page by page, of one run only", arguments: Kind.allCases)
    func pages(kind: Kind) async throws {
        let place = try Place(kind), store = place.store
        for id in ["r", "r2"] { try await store.insert(Self.run(id)) }
        try await store.append([5, 1, 9].map { Self.line($0) }, to: "r")
        try await store.append([3, 0].map { Self.line($0) }, to: "r")
        try await store.append([2].map { Self.line($0) }, to: "r2")
        #expect(try await store.lines(of: "r", after: -1, limit: 3).map(\.lineNumber) == [0, 1, 3])
        #expect(try await store.lines(of: "r", after: 3, limit: 3).map(\.lineNumber) == [5, 9])
        #expect(try await store.lines(of: "r", after: 9, limit: 3).isEmpty)
        #expect(try await store.lines(of: "nobody", after: -1, limit: 3).isEmpty)
    }

    @Test("A line that is added again is replaced with its spans", arguments: Kind.allCases)
    func replaced(kind: Kind) async throws {
        let place = try Place(kind), store = place.store
        try await store.insert(Self.run("r"))
        try await store.append([Self.line(0, status: .failed)], to: "r")
        #expect(try await store.completedLineNumbers(of: "r").isEmpty)
        var line = Self.line(0)
        line.spans = [Self.span("new")]
        try await store.append([line], to: "r")
        #expect(try await store.lines(of: "r", after: -1, limit: 9).map(\.status) == [.completed])
        #expect(try await store.spans(of: "r", line: 0).map(\.id) == ["new"])
        #expect(try await store.completedLineNumbers(of: "r") == [0])
    }

    @Test("Only completed lines count as such", arguments: Kind.allCases)
    func completed(kind: Kind) async throws {
        let place = try Place(kind), store = place.store
        try await store.insert(Self.run("r"))
        try await store.append(
            [Self.line(0), Self.line(1, status: .failed), Self.line(2, status: .canceled), Self.line(3)], to: "r")
        #expect(try await store.completedLineNumbers(of: "r") == [0, 3])
        #expect(try await store.completedLineNumbers(of: "nobody").isEmpty)
    }

    @Test("Lines of a run that is not there are refused, all of them", arguments: Kind.allCases)
    func withoutRun(kind: Kind) async throws {
        let place = try Place(kind), store = place.store
        await #expect(throws: StoreFailure.self) { try await store.append([Self.line(0)], to: "nobody") }
        try await store.append([], to: "nobody")
    }

    @Test("What is finished is stored even if the task was canceled meanwhile", arguments: Kind.allCases)
    func canceled(kind: Kind) async throws {
        let place = try Place(kind), store = place.store
        try await store.insert(Self.run("r"))
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await store.append([Self.line(0)], to: "r")
            var run = Self.run("r")
            run.status = .canceled
            try await store.update(run)
        }
        try await task.value
        #expect(try await store.completedLineNumbers(of: "r") == [0])
        #expect(try await store.run(id: "r")?.status == .canceled)
    }

    @Test("Kept results come back by key, and a later one replaces an earlier one", arguments: Kind.allCases)
    func cache(kind: Kind) async throws {
        let place = try Place(kind), store = place.store
        let key = Digest(of: "key")
        #expect(try await store.cachedValue(for: key) == nil)
        try await store.cache([(key, ["score": 1]), (Digest(of: "other"), nil)])
        #expect(try await store.cachedValue(for: key) == ["score": 1])
        #expect(try await store.cachedValue(for: Digest(of: "other")) == .null)
        try await store.cache([(key, [1.5, .double(.infinity)])])
        #expect(try await store.cachedValue(for: key) == [1.5, .double(.infinity)])
        try await store.cache([])
    }

    @Test("Lines that several tasks add at the same time are all there", arguments: Kind.allCases)
    func concurrent(kind: Kind) async throws {
        let place = try Place(kind), store = place.store
        try await store.insert(Self.run("r"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 { group.addTask { try await store.append([Self.line(number)], to: "r") } }
            try await group.waitForAll()
        }
        #expect(try await store.completedLineNumbers(of: "r") == Set(0..<100))
    }
}

extension SQLDatabase {
    var runStore: SQLRunStore { SQLRunStore(self) }
}

import Domain
import Synchronization

/// Keeps a run's lines in memory, and may refuse them.
final class MemoryRunStore: RunStore {
    struct Refused: Error {}

    private struct State {
        var lines: [LineRecord] = []
        var appends = 0
        var refusesAfter = Int.max
    }

    private let state = Mutex(State())

    /// - Parameter refusesAfter: appends that work before all further ones fail.
    init(refusesAfter: Int = .max) { state.withLock { $0.refusesAfter = refusesAfter } }

    var lines: [LineRecord] { state.withLock { $0.lines } }
    var appends: Int { state.withLock { $0.appends } }

    func append(_ lines: [LineRecord], to run: String) async throws {
        try state.withLock { state in
            guard !lines.isEmpty else { return }
            guard state.appends < state.refusesAfter else { throw Refused() }
            state.appends += 1
            state.lines += lines
        }
    }

    func lines(of run: String, after: Int, limit: Int) async throws -> [LineRecord] {
        Array(lines.filter { $0.lineNumber > after }.sorted { $0.lineNumber < $1.lineNumber }.prefix(limit))
    }

    func completedLineNumbers(of run: String) async throws -> Set<Int> {
        Set(lines.filter { $0.status == .completed }.map(\.lineNumber))
    }

    func insert(_ run: RunRecord) async throws {}
    func update(_ run: RunRecord) async throws {}
    func run(id: String) async throws -> RunRecord? { nil }
    func runs(limit: Int) async throws -> [RunRecord] { [] }
    func spans(of run: String, line: Int) async throws -> [Span] { [] }
    func cachedValue(for key: Digest) async throws -> JSONValue? { nil }
    func cache(_ values: [(key: Digest, value: JSONValue)]) async throws {}
}

import Synchronization

/// Hands finished lines to the store in few transactions.
///
/// A line that called a model is on disk before the next one starts: it cost money. Others wait for company, at most
/// until the next line that ends 50 ms after the last write.
package final class LineWriter: Sendable {
    private static let fullBuffer = 256
    private static let patience = Duration.milliseconds(50)

    private let store: any RunStore
    private let run: String
    private let state: Mutex<State>

    private struct State {
        var buffer: [LineRecord] = []
        var lastWrite: ContinuousClock.Instant
    }

    package init(store: any RunStore, run: String) {
        self.store = store
        self.run = run
        state = Mutex(State(lastWrite: .now))
    }

    /// Takes a finished line.
    package func add(_ line: LineRecord) async throws {
        let costMoney = line.spans.contains { $0.kind == .model }
        let batch: [LineRecord] = state.withLock { state in
            state.buffer.append(line)
            let now = ContinuousClock.now
            guard costMoney || state.buffer.count >= Self.fullBuffer || now - state.lastWrite >= Self.patience else {
                return []
            }
            state.lastWrite = now
            defer { state.buffer = [] }
            return state.buffer
        }
        if !batch.isEmpty { try await store.append(batch, to: run) }
    }

    /// Writes what is left.
    package func finish() async throws {
        let batch = state.withLock { state in
            defer { state.buffer = [] }
            return state.buffer
        }
        try await store.append(batch, to: run)
    }
}

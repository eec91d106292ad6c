import Domain
import Synchronization

/// The workers of one place: started on demand, kept warm, lent to one session at a time.
final class WorkerPool: Sendable {
    /// How many starts may fail in a row, and for how long nobody tries again afterwards.
    static let failureLimit = 3
    static let pauseAfterFailures = Duration.seconds(30)

    private struct State {
        var idle: [Worker] = []
        var live: [ObjectIdentifier: Worker] = [:]
        /// Live workers and those being started.
        var total = 0
        var waiting: [(id: Int, continuation: CheckedContinuation<Grant, Never>)] = []
        var nextID = 0
        var failures = 0
        var lastFailure: PythonFailure?
        var pausedUntil: ContinuousClock.Instant?
        var isClosed = false
        var lastUse = ContinuousClock.now

        /// Lets the first in the queue start a worker in the place of one that is gone.
        mutating func nextStart() -> Granted {
            guard !waiting.isEmpty else { return [] }
            total += 1
            return [(waiting.removeFirst().continuation, .start)]
        }
    }

    private typealias Granted = [(CheckedContinuation<Grant, Never>, Grant)]

    private enum Grant {
        case worker(Worker)
        /// The right to start a worker; it is counted already.
        case start
        case failure(PythonFailure)
        /// The pool is closed; ask for a new one.
        case closed
    }

    private let maximum: Int
    private let launch: @Sendable () throws(PythonFailure) -> Worker.Launch
    private let state = Mutex(State())

    /// - Parameters:
    ///   - maximum: How many workers there may be.
    ///   - launch: What to start them with.
    init(maximum: Int, launch: @escaping @Sendable () throws(PythonFailure) -> Worker.Launch) {
        self.maximum = maximum
        self.launch = launch
    }

    /// Takes a worker, waiting in order of arrival if all are taken.
    ///
    /// Returns `nil` if the pool has been closed.
    func take() async throws(PythonFailure) -> Worker? {
        while true {
            switch await grant() {
            case .worker(let worker): return worker
            case .failure(let failure): throw failure
            case .closed: return nil
            case .start:
                do {
                    return try await start()
                } catch {
                    try failed(error)
                }
            }
        }
    }

    /// Gives a worker back.
    ///
    /// One that cannot be used has left, or will leave, on its own.
    func giveBack(_ worker: Worker) {
        let next: CheckedContinuation<Grant, Never>? = state.withLock { state in
            state.lastUse = .now
            guard worker.isUsable, !state.isClosed else { return nil }
            if !state.waiting.isEmpty { return state.waiting.removeFirst().continuation }
            state.idle.append(worker)
            return nil
        }
        next?.resume(returning: .worker(worker))
    }

    /// When a worker was last given back, if none is lent now; else `nil`.
    var idleSince: ContinuousClock.Instant? {
        state.withLock { $0.idle.count == $0.total && $0.waiting.isEmpty ? $0.lastUse : nil }
    }

    /// Stops all workers; sessions that wait and calls that run fail.
    func close() async {
        let (workers, waiting) = state.withLock { state in
            state.isClosed = true
            defer {
                state.waiting = []
                state.idle = []
            }
            return (Array(state.live.values), state.waiting)
        }
        for entry in waiting { entry.continuation.resume(returning: .closed) }
        await withDiscardingTaskGroup { group in
            for worker in workers { group.addTask { await worker.stop() } }
        }
    }

    private func grant() async -> Grant {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let grant = state.withLock { state in
                    let grant = Self.grant(&state, maximum: maximum)
                    if grant == nil { state.waiting.append((id, continuation)) }
                    return grant
                }
                if let grant { continuation.resume(returning: grant) } else if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    private static func grant(_ state: inout State, maximum: Int) -> Grant? {
        if state.isClosed { return .closed }
        if let paused = state.pausedUntil, let failure = state.lastFailure {
            if ContinuousClock.now < paused { return .failure(failure) }
            state.pausedUntil = nil
            state.failures = 0
        }
        while let worker = state.idle.popLast() {
            if worker.isAlive { return .worker(worker) }
        }
        guard state.total < maximum else { return nil }
        state.total += 1
        return .start
    }

    private func cancel(_ id: Int) {
        let continuation = state.withLock { state in
            state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0).continuation }
        }
        continuation?.resume(returning: .failure(PythonFailure(.canceled, "The Python call was canceled.")))
    }

    private func start() async throws(PythonFailure) -> Worker {
        let worker = try await Worker.start(try launch()) { [weak self] worker in self?.ended(worker) }
        let isClosed = state.withLock { state in
            state.failures = 0
            if worker.isUsable { state.live[ObjectIdentifier(worker)] = worker }
            return state.isClosed
        }
        if isClosed {
            await worker.stop()
            throw PythonFailure(.canceled, "The Python workers were stopped.")
        }
        return worker
    }

    /// Counts a start that failed, and throws if it should not be tried again.
    private func failed(_ failure: PythonFailure) throws(PythonFailure) {
        let (isFinal, granted): (Bool, Granted) = state.withLock { state in
            state.total -= 1
            guard failure.kind != .canceled else { return (true, state.nextStart()) }
            state.failures += failure.kind == .interpreter ? Self.failureLimit : 1
            guard state.failures >= Self.failureLimit else { return (false, []) }
            state.lastFailure = failure
            state.pausedUntil = .now + Self.pauseAfterFailures
            defer { state.waiting = [] }
            return (true, state.waiting.map { ($0.continuation, Grant.failure(failure)) })
        }
        for (continuation, grant) in granted { continuation.resume(returning: grant) }
        if isFinal { throw failure }
    }

    private func ended(_ worker: Worker) {
        let granted = state.withLock { state in
            state.total -= 1
            state.live[ObjectIdentifier(worker)] = nil
            state.idle.removeAll { $0 === worker }
            return state.nextStart()
        }
        for (continuation, grant) in granted { continuation.resume(returning: grant) }
    }
}

import Domain
import Foundation
import Glibc
import Synchronization

/// One Python process and the calls that are under way in it.
///
/// A thread of its own reads the answers, drains what the process prints, watches the deadlines, and reaps it.
final class Worker: Sendable {
    /// What a worker is started with.
    struct Launch: Sendable {
        var interpreter: String
        var sources: String
        var place: PythonPlace
        /// The variables of this process, under those of the place.
        var environment: [String: String]
        var callTimeout: Duration
        /// How long the process may take until it can answer.
        var startTimeout: Duration = .seconds(60)
    }

    typealias Answer = Result<Reply, PythonFailure>

    struct Pending {
        var continuation: CheckedContinuation<Answer, Never>
        var deadline: ContinuousClock.Instant
    }

    struct State {
        var pending: [Int: Pending] = [:]
        var nextID = 1
        /// Calls that were canceled and whose answers are still to come.
        var abandoned = 0
        /// Set when the worker has to end or has ended; nothing is sent to it any more.
        var end: PythonFailure?
        /// The process has been reaped: its number may belong to another one.
        var isReaped = false
        var isReady = false
        var scrubber: Scrubber
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []
    }

    let process: ChildProcess
    let socket: Int32
    let printed: Int32
    let writer: RequestWriter
    let launch: Launch
    let state: Mutex<State>
    /// Called once when a worker that had become ready is gone.
    let onEnd: @Sendable (Worker) -> Void

    private init(
        process: ChildProcess, socket: Int32, printed: Int32, launch: Launch,
        onEnd: @escaping @Sendable (Worker) -> Void
    ) {
        self.process = process
        self.socket = socket
        self.printed = printed
        self.launch = launch
        self.onEnd = onEnd
        writer = RequestWriter(descriptor: socket)
        let variables = launch.environment.merging(launch.place.environment) { $1 }
        state = Mutex(State(scrubber: Scrubber(environment: variables)))
    }

    /// Starts a process and waits until it can answer.
    static func start(
        _ launch: Launch, onEnd: @escaping @Sendable (Worker) -> Void
    ) async throws(PythonFailure) -> Worker {
        let worker = try spawn(launch, onEnd: onEnd)
        // The greeting is the answer to request 0, which is never sent.
        let answer = await worker.answer(id: 0, timeout: launch.startTimeout) {}
        _ = try answer.get()
        return worker
    }

    private static func spawn(
        _ launch: Launch, onEnd: @escaping @Sendable (Worker) -> Void
    ) throws(PythonFailure) -> Worker {
        var ends: [Int32] = [-1, -1]
        var pipes: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw PythonFailure(.worker, "No socket for a Python worker: \(errorText(errno)).")
        }
        guard pipe(&pipes) == 0 else {
            let problem = errorText(errno)
            for end in ends { close(end) }
            throw PythonFailure(.worker, "No pipe for a Python worker: \(problem).")
        }
        for end in pipes { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer {
            close(ends[1])
            close(pipes[1])
        }
        let arguments = [
            "-u", "-X", "utf8", "-X", "faulthandler", launch.sources + "/worker.py", launch.place.directory,
        ]
        let process: ChildProcess
        do {
            process = try ChildProcess.spawn(
                launch.interpreter, arguments: arguments,
                environment: launch.environment.merging(launch.place.environment) { $1 },
                input: ends[1], output: pipes[1])
        } catch {
            close(ends[0])
            close(pipes[0])
            throw error
        }
        let worker = Worker(process: process, socket: ends[0], printed: pipes[0], launch: launch, onEnd: onEnd)
        let thread = Thread {
            var supervision = WorkerSupervision(worker: worker)
            supervision.run()
        }
        thread.name = "pawang-python"
        thread.start()
        return worker
    }

    /// Whether the worker can take another session.
    var isUsable: Bool { state.withLock { $0.end == nil } }

    /// Whether the process runs and can take another session.
    ///
    /// Asks the system, so that a worker which has ended between two sessions fails no line.
    var isAlive: Bool { state.withLock { $0.end == nil && !$0.isReaped && !process.hasEnded } }

    /// Whether calls have begun that have not ended, canceled ones included.
    var hasUnfinishedCalls: Bool { state.withLock { !$0.pending.isEmpty || $0.abandoned > 0 } }

    /// Sends a request and waits for its answer.
    func ask(
        using connections: [String: Connection] = [:], _ request: (Int) -> [UInt8]
    ) async throws(PythonFailure) -> Reply {
        let id = state.withLock { state in
            for connection in connections.values { state.scrubber.add(connection) }
            defer { state.nextID += 1 }
            return state.nextID
        }
        let bytes = request(id)
        let answer = await answer(id: id, timeout: launch.callTimeout) { [writer] in
            if let failure = writer.send(bytes) { self.resume(id, with: .failure(failure)) }
        }
        switch answer {
        case .success(let reply):
            if let failure = reply.failure { throw scrubbed(failure) }
            return reply
        case .failure(let failure): throw scrubbed(failure)
        }
    }

    /// Waits for the answer `id`, having called `send` when it can come.
    private func answer(id: Int, timeout: Duration, send: () -> Void) async -> Answer {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let end = state.withLock { state in
                    if state.end == nil {
                        let deadline = ContinuousClock.now + timeout
                        state.pending[id] = Pending(continuation: continuation, deadline: deadline)
                    }
                    return state.end
                }
                if let end {
                    continuation.resume(returning: .failure(end))
                    return
                }
                send()
                // A cancellation that came before the entry above found nothing to cancel.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func cancel(_ id: Int) {
        let pending = state.withLock { state in
            let pending = state.pending.removeValue(forKey: id)
            if pending != nil { state.abandoned += 1 }
            return pending
        }
        pending?.continuation.resume(returning: .failure(PythonFailure(.canceled, "The Python call was canceled.")))
    }

    /// Gives the answer to whoever waits for it.
    ///
    /// Returns whether it was ever asked for.
    @discardableResult
    func resume(_ id: Int, with answer: Answer) -> Bool {
        let (pending, isKnown) = state.withLock { state in
            let pending = state.pending.removeValue(forKey: id)
            if pending == nil { state.abandoned = max(0, state.abandoned - 1) }
            return (pending, id < state.nextID)
        }
        pending?.continuation.resume(returning: answer)
        return isKnown
    }

    /// Tells the worker to forget the objects of the session that ends.
    func forgetSession() {
        // If this cannot be sent the worker is gone, and the objects with it.
        _ = writer.send(Request.endOfSession)
    }

    /// Takes the secrets that this worker knows out of a text.
    func scrubbed(_ text: String) -> String { state.withLock { $0.scrubber }.scrub(text) }

    private func scrubbed(_ failure: PythonFailure) -> PythonFailure { state.withLock { $0.scrubber }.scrub(failure) }

    /// Ends the process at once; calls that are under way fail with `reason`.
    func kill(_ reason: PythonFailure) {
        state.withLock { state in
            if state.end == nil { state.end = reason }
            if !state.isReaped { process.killGroup() }
        }
    }

    /// Asks the process to end, which takes milliseconds if it is idle, and waits until it has.
    func stop() async {
        state.withLock { state in
            if state.end == nil { state.end = PythonFailure(.canceled, "The Python workers were stopped.") }
        }
        writer.finish()
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isReaped { state.waitingForEnd.append(continuation) }
                return state.isReaped
            }
            if isOver { continuation.resume() }
        }
    }
}

import Dispatch
import Foundation
import Synchronization

/// Threads for blocking calls, each with something of its own: for PostgreSQL, a connection.
///
/// They end with their owner, after what is queued. At most ``limit`` calls wait.
final class SQLWorkers<Context>: Sendable {
    /// Does the work and returns what tells of it.
    ///
    /// That is called when the job and all it holds are gone: whoever is told can rely on the file being closed.
    typealias Job = @Sendable (Context) -> @Sendable () -> Void

    private struct State {
        var jobs: [Job] = []
        var isClosed = false
    }

    private final class Queue: Sendable {
        private let state = Mutex(State())
        private let ready = DispatchSemaphore(value: 0)

        func add(_ job: @escaping Job, limit: Int) -> Bool {
            let isAdded = state.withLock { state in
                guard state.jobs.count < limit else { return false }
                state.jobs.append(job)
                return true
            }
            if isAdded { ready.signal() }
            return isAdded
        }

        func close(threads: Int) {
            state.withLock { $0.isClosed = true }
            for _ in 0..<threads { ready.signal() }
        }

        /// The next job, or `nil` when there is none left and none will come.
        func next() -> Job? {
            while true {
                ready.wait()
                let (job, isClosed) = state.withLock { state in
                    (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.isClosed)
                }
                if let job { return job }
                if isClosed { return nil }
            }
        }
    }

    private let queue = Queue()
    private let count: Int
    private let limit: Int

    init(name: String, count: Int, limit: Int, context: @escaping @Sendable () -> Context) {
        self.count = count
        self.limit = limit
        for _ in 0..<count {
            let thread = Thread { [queue] in
                let context = context()
                while let told = Self.work(queue, context) { told() }
            }
            thread.name = name
            thread.start()
        }
    }

    deinit { queue.close(threads: count) }

    private static func work(_ queue: Queue, _ context: Context) -> (@Sendable () -> Void)? {
        queue.next()?(context)
    }

    /// Adds a job; false if too many wait.
    func submit(_ job: @escaping Job) -> Bool { queue.add(job, limit: limit) }
}

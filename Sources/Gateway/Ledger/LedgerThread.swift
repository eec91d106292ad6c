import Dispatch
import Foundation

/// A signal that one thread waits for; one that comes before the wait is kept.
final class Wakeup: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func signal() {
        semaphore.signal()
    }

    /// Waits for the signal, or for a time.
    func wait(for time: Duration? = nil) {
        guard let time else { return semaphore.wait() }
        let (seconds, attoseconds) = time.components
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        _ = semaphore.wait(timeout: .now() + .nanoseconds(nanoseconds))
    }
}

/// A thread of its own for blocking work, which can be waited for.
struct LedgerThread: Sendable {
    private let ended = DispatchSemaphore(value: 0)

    init(name: String, _ work: @escaping @Sendable () -> Void) {
        let ended = ended
        let thread = Thread {
            work()
            ended.signal()
        }
        thread.name = name
        thread.start()
    }

    /// Waits until the work is done; once.
    func join() {
        ended.wait()
    }
}

import Domain
import Synchronization

/// Lets calls to one connection start in the order they came, as many at a time as ``AdaptiveConcurrency`` allows.
final class AdaptiveLimiter: Sendable {
    private struct State {
        var concurrency: AdaptiveConcurrency
        var queue: [(id: UInt64, continuation: CheckedContinuation<Admission, Never>)] = []
        var nextID: UInt64 = 0
        var hasWakeUp = false
    }

    private enum Admission: Sendable { case admitted, canceled, queueFull }

    private let state: Mutex<State>
    private let maximumWaiting: Int
    private let start = ContinuousClock.now

    /// A limiter that lets `maximum` calls run at first and `maximumWaiting` wait.
    init(maximum: Int, maximumWaiting: Int = 10_000) {
        state = Mutex(State(concurrency: AdaptiveConcurrency(maximum: maximum)))
        self.maximumWaiting = maximumWaiting
    }

    /// Waits until the call may start.
    ///
    /// Every call that was let in must end with ``ended(_:)``.
    func admit() async throws(ProviderFailure) {
        let id = state.withLock {
            $0.nextID += 1
            return $0.nextID
        }
        let admission = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in enqueue(id, continuation) }
        } onCancel: {
            cancel(id)
        }
        switch admission {
        case .admitted: return
        case .canceled: throw ProviderFailure(.canceled, "The call was canceled.")
        case .queueFull:
            throw ProviderFailure(.rateLimited, "More than \(maximumWaiting) calls wait for this connection.")
        }
    }

    /// Takes in how a call ended; `nil` means well.
    func ended(_ failure: ProviderFailure?) {
        state.withLock {
            if let failure, failure.kind == .rateLimited {
                $0.concurrency.refused(at: start.duration(to: .now), retryAfter: failure.retryAfter)
            } else {
                $0.concurrency.ended(succeeded: failure == nil)
            }
        }
        wakeUp()
    }

    private func enqueue(_ id: UInt64, _ continuation: CheckedContinuation<Admission, Never>) {
        let refusal: Admission? = state.withLock {
            // The handler of a cancellation waits for this lock, so one that is not seen here finds the place in the
            // queue.
            guard !Task.isCancelled else { return .canceled }
            guard $0.queue.count < maximumWaiting else { return .queueFull }
            $0.queue.append((id, continuation))
            return nil
        }
        if let refusal { continuation.resume(returning: refusal) } else { wakeUp() }
    }

    private func cancel(_ id: UInt64) {
        let waiting: CheckedContinuation<Admission, Never>? = state.withLock { state in
            guard let place = state.queue.firstIndex(where: { $0.id == id }) else { return nil }
            return state.queue.remove(at: place).continuation
        }
        waiting?.resume(returning: .canceled)
    }

    /// Lets in whoever may start now; if a cool-down is in the way, comes back when it is over.
    private func wakeUp() {
        var admitted: [CheckedContinuation<Admission, Never>] = []
        let coolDownEnd: Duration? = state.withLock {
            let now = start.duration(to: .now)
            while !$0.queue.isEmpty, $0.concurrency.start(at: now) {
                admitted.append($0.queue.removeFirst().continuation)
            }
            guard !$0.queue.isEmpty, let end = $0.concurrency.coolDownEnd, !$0.hasWakeUp else { return nil }
            $0.hasWakeUp = true
            return end
        }
        for continuation in admitted { continuation.resume(returning: .admitted) }
        guard let coolDownEnd else { return }
        Task {
            try? await Task.sleep(until: start + coolDownEnd, clock: .continuous)
            state.withLock { $0.hasWakeUp = false }
            wakeUp()
        }
    }
}

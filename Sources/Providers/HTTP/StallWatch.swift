import Domain
import Synchronization

/// Knows until when the next byte of an exchange must have come, and says which bound was crossed.
final class StallWatch: Sendable {
    private struct State {
        var deadline: ContinuousClock.Instant
        var isReceiving = false
    }

    private let whole: ContinuousClock.Instant
    private let timeout: Duration
    private let limits: ExchangeLimits
    private let state: Mutex<State>

    init(timeout: Duration, limits: ExchangeLimits, isStreaming: Bool) {
        let now = ContinuousClock.now
        self.timeout = timeout
        self.limits = limits
        whole = now + timeout
        state = Mutex(State(deadline: isStreaming ? min(whole, now + limits.firstByte) : whole))
    }

    /// Notes that bytes have come.
    func received() {
        let next = min(whole, ContinuousClock.now + limits.stall)
        state.withLock {
            $0.deadline = next
            $0.isReceiving = true
        }
    }

    /// Returns only by throwing: a timeout when a bound is crossed, or because the task was canceled.
    func wait() async throws {
        while true {
            let deadline = state.withLock { $0.deadline }
            guard deadline > .now else { throw failure }
            // The first byte may bring the deadline forward, by no more than a stall's length from when it comes.
            try await Task.sleep(until: min(deadline, .now + limits.stall), clock: .continuous)
        }
    }

    private var failure: ProviderFailure {
        let isReceiving = state.withLock { $0.isReceiving }
        if ContinuousClock.now >= whole {
            return ProviderFailure(.timeout, "The provider did not finish its answer within \(timeout.text).")
        }
        return isReceiving
            ? ProviderFailure(.timeout, "The provider's answer stopped for \(limits.stall.text).")
            : ProviderFailure(.timeout, "The provider did not begin to answer within \(limits.firstByte.text).")
    }
}

extension Duration {
    /// The length in seconds for messages: `0.25 s`, `60 s`.
    var text: String {
        let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(Double(milliseconds) / 1000) s"
    }

    /// The length in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

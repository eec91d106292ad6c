package import Domain

/// The bounds of retrying one request.
package struct RetryLimits: Sendable, Equatable {
    /// Attempts in all, the first included.
    package var attempts = 10
    /// From the first attempt on, waits included.
    package var totalTime: Duration = .seconds(600)
    /// No wait is longer, whatever the provider asks for.
    package var longestWait: Duration = .seconds(60)
    /// Answers with status 422 in a row after which the request is given up.
    package var unprocessableInARow = 3
    /// How often a timeout is tried again.
    package var timeouts = 1

    package init() {}
}

/// Decides after each failed attempt whether to try again, and when.
///
/// Has no clock: the caller says how much time has passed.
///
/// Tried again are server errors (5xx), rate limits, 422 up to three times in a row, connections that fail or break,
/// and one timeout. The wait is the provider's `Retry-After`, else `min(3 + 2^i − 1, 60)` seconds after attempt `i`
/// (from 0), shortened by up to a quarter at random so that callers do not come back together.
package struct RetryPolicy: Sendable {
    /// What to do about a failure.
    package enum Action: Sendable, Equatable {
        case retry(after: Duration)
        case giveUp
    }

    package let limits: RetryLimits
    /// Attempts that have failed.
    package private(set) var failures = 0
    private var unprocessable = 0
    private var timeouts = 0

    package init(limits: RetryLimits = RetryLimits()) { self.limits = limits }

    /// Takes in a failed attempt.
    ///
    /// `elapsed` is the time since the first attempt began, `random` a number from 0 to 1 for the jitter.
    /// `hasDelivered` says that text has reached the caller: then nothing may be sent a second time.
    package mutating func attemptFailed(
        _ failure: ProviderFailure, elapsed: Duration, random: Double, hasDelivered: Bool = false
    ) -> Action {
        failures += 1
        unprocessable = failure.kind == .unprocessable ? unprocessable + 1 : 0
        if failure.kind == .timeout { timeouts += 1 }
        guard !hasDelivered, failures < limits.attempts, isRetriable(failure) else { return .giveUp }
        let wait = wait(after: failure, random: random)
        return elapsed + wait < limits.totalTime ? .retry(after: wait) : .giveUp
    }

    private func isRetriable(_ failure: ProviderFailure) -> Bool {
        switch failure.kind {
        case .connect, .interrupted, .rateLimited, .server: true
        case .unprocessable: unprocessable < limits.unprocessableInARow
        case .timeout: timeouts <= limits.timeouts
        case .quotaExceeded, .authentication, .badRequest, .malformed, .tooLarge, .replayMiss, .misconfigured,
            .budgetExhausted, .canceled:
            false
        }
    }

    private func wait(after failure: ProviderFailure, random: Double) -> Duration {
        if let asked = failure.retryAfter { return min(max(asked, .zero), limits.longestWait) }
        let exponent = min(failures - 1, 10)
        let wait = min(.seconds(3 + (1 << exponent) - 1), limits.longestWait)
        return wait * (1 - 0.25 * min(max(random, 0), 1))
    }
}

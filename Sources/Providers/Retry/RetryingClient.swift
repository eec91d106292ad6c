package import Domain
import Synchronization

/// Tries requests again by a ``RetryPolicy``; never once streamed text has reached the caller.
package struct RetryingClient: ModelClient {
    private let client: any ModelClient
    private let limits: RetryLimits
    private let random: @Sendable () -> Double
    private let elapsed: @Sendable (ContinuousClock.Instant) -> Duration
    private let sleep: @Sendable (Duration) async throws -> Void

    /// A client around another.
    ///
    /// Tests inject chance, clock and sleep.
    package init(
        _ client: any ModelClient, limits: RetryLimits = RetryLimits(),
        random: @escaping @Sendable () -> Double = { Double.random(in: 0...1) },
        elapsed: @escaping @Sendable (ContinuousClock.Instant) -> Duration = { $0.duration(to: .now) },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.client = client
        self.limits = limits
        self.random = random
        self.elapsed = elapsed
        self.sleep = sleep
    }

    package func send(
        _ request: ModelRequest, onText: (@Sendable (String) -> Void)?
    ) async throws(ProviderFailure) -> ModelResponse {
        var policy = RetryPolicy(limits: limits)
        let started = ContinuousClock.now
        let delivery = Delivery()
        var listener: (@Sendable (String) -> Void)?
        if let onText {
            listener = { text in
                delivery.note()
                onText(text)
            }
        }
        while true {
            do throws(ProviderFailure) {
                var response = try await client.send(request, onText: listener)
                response.attempts = policy.failures + 1
                return response
            } catch {
                let action = policy.attemptFailed(
                    error, elapsed: elapsed(started), random: random(), hasDelivered: delivery.hasHappened)
                guard case .retry(let wait) = action else { throw Self.explained(error, attempts: policy.failures) }
                do { try await sleep(wait) } catch { throw ProviderFailure(.canceled, "The call was canceled.") }
            }
        }
    }

    private static func explained(_ failure: ProviderFailure, attempts: Int) -> ProviderFailure {
        guard attempts > 1 else { return failure }
        var failure = failure
        failure.message += " Given up after \(attempts) attempts."
        return failure
    }
}

/// Whether any text has reached the caller.
private final class Delivery: Sendable {
    private let happened = Mutex(false)
    var hasHappened: Bool { happened.withLock { $0 } }
    func note() { happened.withLock { $0 = true } }
}

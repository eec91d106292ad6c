import Domain
import Providers
import Synchronization
import Testing

@Suite("When a request is tried again")
struct RetryPolicyTests {
    private func action(
        _ failure: ProviderFailure, _ policy: inout RetryPolicy, elapsed: Duration = .zero, random: Double = 0,
        hasDelivered: Bool = false
    ) -> RetryPolicy.Action {
        policy.attemptFailed(failure, elapsed: elapsed, random: random, hasDelivered: hasDelivered)
    }

    @Test("Waits without advice are min(3 + 2^i − 1, 60) seconds, and attempts end at ten")
    func waits() {
        var policy = RetryPolicy()
        let waits = (0..<10).map { _ in action(ProviderFailure(.server, ""), &policy) }
        let seconds = [3, 4, 6, 10, 18, 34, 60, 60, 60]
        #expect(waits == seconds.map { .retry(after: .seconds($0)) } + [.giveUp])
    }

    @Test("Jitter takes off up to a quarter and never adds")
    func jitter() {
        var policy = RetryPolicy()
        holds(action(ProviderFailure(.server, ""), &policy, random: 1) == .retry(after: .seconds(2.25)))
        holds(action(ProviderFailure(.server, ""), &policy, random: 0.5) == .retry(after: .seconds(3.5)))
    }

    @Test("The provider's own wait counts, but no more than a minute")
    func retryAfter() {
        var policy = RetryPolicy()
        holds(
            action(ProviderFailure(.rateLimited, "", retryAfter: .milliseconds(20)), &policy)
                == .retry(after: .milliseconds(20)))
        holds(
            action(ProviderFailure(.rateLimited, "", retryAfter: .seconds(3600)), &policy)
                == .retry(after: .seconds(60)))
    }

    @Test(
        "What waiting cannot mend is not tried again",
        arguments: [
            ProviderFailure.Kind.quotaExceeded, .authentication, .badRequest, .malformed, .tooLarge, .replayMiss,
            .misconfigured,
            .budgetExhausted, .canceled,
        ])
    func hopeless(kind: ProviderFailure.Kind) {
        var policy = RetryPolicy()
        holds(action(ProviderFailure(kind, ""), &policy) == .giveUp)
    }

    @Test("422 is tried until it has come three times in a row; another failure in between starts the count anew")
    func unprocessable() {
        var policy = RetryPolicy()
        let failure = ProviderFailure(.unprocessable, "")
        holds(action(failure, &policy) != .giveUp)
        holds(action(failure, &policy) != .giveUp)
        holds(action(ProviderFailure(.server, ""), &policy) != .giveUp)
        holds(action(failure, &policy) != .giveUp)
        holds(action(failure, &policy) != .giveUp)
        holds(action(failure, &policy) == .giveUp)
    }

    @Test("A timeout is tried again once")
    func timeouts() {
        var policy = RetryPolicy()
        holds(action(ProviderFailure(.timeout, ""), &policy) != .giveUp)
        holds(action(ProviderFailure(.connect, ""), &policy) != .giveUp)
        holds(action(ProviderFailure(.timeout, ""), &policy) == .giveUp)
    }

    @Test("Nothing is sent again once text was delivered, nor if the wait would pass the total time")
    func limits() {
        var delivered = RetryPolicy()
        holds(action(ProviderFailure(.interrupted, ""), &delivered, hasDelivered: true) == .giveUp)
        var late = RetryPolicy()
        holds(action(ProviderFailure(.server, ""), &late, elapsed: .seconds(598)) == .giveUp)
    }

    @Test("The client waits as the policy says, reports its attempts, and stops when canceled while waiting")
    func client() async throws {
        let waits = Mutex<[Duration]>([])
        let fake = FakeClient { (_, number, _) async throws(ProviderFailure) in
            if number < 3 { throw ProviderFailure(.server, "down", status: 500) }
            return .text("up")
        }
        let client = RetryingClient(fake, random: { 0 }, sleep: { wait in waits.withLock { $0.append(wait) } })
        let response = try await client.send(.chat("http://x"))
        #expect(response.attempts == 3)
        #expect(waits.withLock { $0 } == [.seconds(3), .seconds(4)])
        let canceling = RetryingClient(
            FakeClient { (_, _, _) async throws(ProviderFailure) in throw ProviderFailure(.server, "down") },
            sleep: { _ in throw CancellationError() })
        #expect(await failure(of: { _ = try await canceling.send(.chat("http://x")) })?.kind == .canceled)
    }

    @Test("A failure after streamed text is final, and a final failure says how often it was tried")
    func streamed() async throws {
        let fake = FakeClient { (_, _, onText) async throws(ProviderFailure) in
            onText?("half")
            throw ProviderFailure(.interrupted, "cut.")
        }
        let client = RetryingClient(fake, sleep: { _ in })
        let found = await failure(of: { _ = try await client.send(.chat("http://x")) { _ in } })
        #expect(found?.kind == .interrupted)
        #expect(fake.calls == 1)
        let silent = await failure(of: { _ = try await client.send(.chat("http://x")) })
        #expect(silent?.message == "cut. Given up after 10 attempts.")
        #expect(fake.calls == 11)
    }
}

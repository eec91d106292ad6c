import Domain
import Synchronization
import Testing

@testable import Providers

@Suite("Concurrency of a connection")
struct AdaptiveLimiterTests {
    @Test("As many calls start as are allowed, and ends make room")
    func maximum() {
        var state = AdaptiveConcurrency(maximum: 2)
        let starts = (0..<3).map { _ in state.start(at: .zero) }
        #expect(starts == [true, true, false])
        state.ended(succeeded: true)
        holds(state.start(at: .zero))
    }

    @Test("A burst of refusals halves once, and nothing starts before the cool-down is over")
    func halving() {
        var state = AdaptiveConcurrency(maximum: 8)
        for _ in 0..<8 { holds(state.start(at: .zero)) }
        for _ in 0..<8 { state.refused(at: .seconds(1), retryAfter: .seconds(10)) }
        #expect(state.allowed == 4)
        #expect(state.running == 0)
        holds(!state.start(at: .seconds(10.9)))
        holds(state.start(at: .seconds(11)))
        state.refused(at: .seconds(12), retryAfter: nil)
        #expect(state.allowed == 2)
        #expect(state.coolDownEnd == .seconds(13))
    }

    @Test("It never falls below one, and grows by one after a window of successes up to the maximum")
    func growth() {
        var state = AdaptiveConcurrency(maximum: 3)
        for second in 0..<5 {
            holds(state.start(at: .seconds(second * 100)))
            state.refused(at: .seconds(second * 100), retryAfter: .seconds(1))
        }
        #expect(state.allowed == 1)
        var grown: [Int] = []
        for _ in 0..<8 {
            holds(state.start(at: .seconds(1000)))
            state.ended(succeeded: true)
            grown.append(state.allowed)
        }
        #expect(grown == [2, 2, 3, 3, 3, 3, 3, 3])
    }

    @Test("A cool-down is bounded, whatever the provider asks for")
    func bounded() {
        var state = AdaptiveConcurrency(maximum: 1)
        holds(state.start(at: .zero))
        state.refused(at: .zero, retryAfter: .seconds(86_400))
        #expect(state.coolDownEnd == .seconds(60))
    }

    @Test("No more calls run at once than the connection's concurrency, and all of them end")
    func client() async throws {
        let running = Mutex((now: 0, most: 0))
        let fake = FakeClient { (_, _, _) async throws(ProviderFailure) in
            running.withLock { running in
                running.now += 1
                running.most = max(running.most, running.now)
            }
            for _ in 0..<20 { await Task.yield() }
            running.withLock { $0.now -= 1 }
            return .text("ok")
        }
        let client = LimitedClient(fake)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask { _ = try? await client.send(.chat("http://x", settings: ["concurrency": "3"])) }
            }
        }
        #expect(fake.calls == 200)
        #expect(running.withLock { $0.most } <= 3)
    }

    @Test("A canceled waiter leaves the queue and the others go on")
    func cancellation() async throws {
        let limiter = AdaptiveLimiter(maximum: 1)
        try await limiter.admit()
        let waiting = (0..<50).map { _ in Task { await failure(of: { try await limiter.admit() }) } }
        for task in waiting { task.cancel() }
        for task in waiting { #expect(await task.value?.kind == .canceled) }
        let next = Task { await failure(of: { try await limiter.admit() }) }
        limiter.ended(nil)
        #expect(await next.value == nil)
    }

    @Test("A full queue refuses instead of growing")
    func fullQueue() async throws {
        let limiter = AdaptiveLimiter(maximum: 1, maximumWaiting: 0)
        // With no place to wait, even the first cannot stand in line.
        #expect(await failure(of: { try await limiter.admit() })?.kind == .rateLimited)
    }

    @Test("A refused call's cool-down ends by itself for those who wait")
    func coolDown() async throws {
        let limiter = AdaptiveLimiter(maximum: 1)
        try await limiter.admit()
        let next = Task { await failure(of: { try await limiter.admit() }) }
        limiter.ended(ProviderFailure(.rateLimited, "", retryAfter: .milliseconds(30)))
        #expect(await next.value == nil)
    }
}

import Domain
import Testing

@testable import Gateway

@Suite("Health of targets")
struct TargetStateTests {
    private let target = Fixture.target("a", keys: 2) { $0.coolDown = .seconds(30) }
    private let second = Fixture.second

    @Test("Three failures that are half of the calls are a storm; fewer, or among many good calls, are none")
    func storm() {
        var state = TargetState()
        let early = [fail(&state, now: 0), fail(&state, now: 1)]
        #expect(early == [false, false])
        #expect(fail(&state, now: 2))
        #expect(state.availability(of: target, now: 3) == .cooling(until: 30 * second + 2))
        var busy = TargetState()
        for call in 0..<100 { busy.succeeded(target, start: call, now: call) }
        for call in 100..<199 { #expect(!fail(&busy, now: call), "failure \(call - 99) of \(call)") }
        #expect(fail(&busy, now: 200))
    }

    @Test("Old failures do not count")
    func oldFailures() {
        var state = TargetState()
        let early = [fail(&state, now: 0), fail(&state, now: 1)]
        #expect(early == [false, false])
        #expect(!fail(&state, now: 61 * second))
    }

    @Test("A success from before the cool-down does not end it, one from after does")
    func lateSuccess() {
        var state = TargetState()
        _ = state.failed(target, access: 0, start: 5, mark: .coolDown, retryAfter: nil, now: 10)
        state.succeeded(target, start: 3, now: 20)
        #expect(state.availability(of: target, now: 21) != .free)
        state.succeeded(target, start: 22, now: 23)
        #expect(state.availability(of: target, now: 24) == .free)
    }

    @Test("Retry-After decides how long, to ten minutes; another failure never shortens it")
    func retryAfter() {
        var state = TargetState()
        _ = state.failed(target, access: 0, start: 0, mark: .strike, retryAfter: .seconds(100_000), now: 0)
        #expect(state.availability(of: target, now: 1) == .cooling(until: 600 * second))
        _ = state.failed(target, access: 0, start: 0, mark: .coolDown, retryAfter: nil, now: 2)
        #expect(state.availability(of: target, now: 3) == .cooling(until: 600 * second))
    }

    @Test("A refused access is left out until it comes back, and a new secret is a new access")
    func accesses() {
        var state = TargetState()
        _ = state.failed(target, access: 0, start: 0, mark: .access, retryAfter: nil, now: 0)
        #expect(state.access(of: target, firstAccess: 0, now: 1) == 1)
        _ = state.failed(target, access: 1, start: 0, mark: .access, retryAfter: nil, now: 2)
        #expect(state.availability(of: target, now: 3) == .cooling(until: 30 * second))
        #expect(state.access(of: target, firstAccess: 0, now: 3, isForced: true) == 0)
        var renewed = target
        renewed.accesses[1].secretHeader?.value = Secret("new")
        #expect(state.availability(of: renewed, now: 3) == .free)
        #expect(state.availability(of: target, now: 30 * second) == .free)
    }

    @Test("A probe that never ends lets another one through after the cool-down")
    func lostProbe() {
        var state = TargetState()
        _ = state.failed(target, access: 0, start: 0, mark: .coolDown, retryAfter: nil, now: 0)
        state.start(now: 31 * second)
        #expect(state.availability(of: target, now: 32 * second) == .cooling(until: 61 * second))
        #expect(state.availability(of: target, now: 61 * second) == .free)
    }

    @Test("Health lives as long as its target is configured, and counts what happened")
    func registry() {
        let health = RouteHealth()
        let old = Fixture.route([Fixture.target("a"), Fixture.target("b")], health: health)
        for seed in 0..<10 as Range<UInt64> {
            var plan = Fixture.plan(old, seed: seed)
            _ = plan.next(now: 0)
            plan.ended(AttemptFailure(.timeout(.stall)), now: 1)
        }
        #expect(health.statuses(now: 2).reduce(0) { $0 + $1.counters.attempts } == 10)
        #expect(health.statuses(now: 2).allSatisfy { $0.counters.failures["timeout_stall"] == $0.counters.attempts })
        let new = Fixture.route([Fixture.target("b")], health: health)
        health.keep(only: [new])
        #expect(health.statuses(now: 2).map(\.target) == ["b"])
        #expect(health.statuses(now: 2).first?.condition != .healthy, "a reload forgets nothing about it")
    }

    private func fail(_ state: inout TargetState, now: Int) -> Bool {
        state.failed(target, access: 0, start: now, mark: .strike, retryAfter: nil, now: now)
    }
}

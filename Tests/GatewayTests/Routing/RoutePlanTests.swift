import Domain
import Testing

@testable import Gateway

@Suite("Plans of calls")
struct RoutePlanTests {
    private let second = Fixture.second

    @Test("A call that is answered uses one attempt and gives its slot back")
    func answered() {
        let health = RouteHealth()
        let route = Fixture.route([Fixture.target("a") { $0.concurrency = 1 }], health: health)
        var plan = Fixture.plan(route)
        let step = plan.next(now: 0)
        #expect(step.target == "a" && step.access == 0)
        #expect(health.statuses(now: 0).map(\.inFlight) == [1])
        plan.committed(now: 1)
        plan.ended(now: 2)
        #expect(health.statuses(now: 2).map(\.inFlight) == [0])
        #expect(plan.attempts == 1)
    }

    @Test("After a failure other targets come before the same one, then fallbacks, then the same one after a pause")
    func order() {
        let route = Fixture.route(
            [Fixture.target("a") { $0.weight = 1_000_000 }, Fixture.target("b") { $0.weight = 1 }],
            fallbacks: [("slow", [Fixture.target("c")]), ("last", [Fixture.target("d")])]
        ) { $0.attempts = 10 }
        var plan = Fixture.plan(route)
        #expect(plan.next(now: 0).target == "a")
        #expect(plan.failed(.unavailable, now: 1).target == "b")
        #expect(plan.model == "main")
        #expect(plan.failed(.unavailable, now: 2).target == "c")
        #expect(plan.model == "slow")
        #expect(plan.failed(.unavailable, now: 3).target == "d")
        let wait = plan.failed(.unavailable, now: 4).wait
        // Half of 250 ms, and up to as much again by chance.
        #expect(wait.map { (.milliseconds(120)...(.milliseconds(250))).contains($0) } == true)
        #expect(plan.next(now: 5).wait != nil, "a wait that is not over stays one")
        #expect(plan.next(now: second).target != nil)
    }

    @Test("Pauses before the same target double, to eight seconds")
    func pauses() {
        let route = Fixture.route([Fixture.target("a") { $0.coolDown = .zero }]) { $0.attempts = 10 }
        var plan = Fixture.plan(route)
        var now = 0
        var waits: [Int] = []
        var step = plan.next(now: now)
        while step.failure == nil {
            if let wait = step.wait {
                waits.append(wait.nanoseconds)
                now += wait.nanoseconds
                step = plan.next(now: now)
            } else {
                step = plan.failed(.unavailable, now: now)
            }
        }
        #expect(waits.count == 9)
        for (index, wait) in waits.enumerated() {
            let pause = min(250_000_000 << index, 8 * second)
            #expect((pause / 2...pause).contains(wait), "wait \(index)")
        }
    }

    @Test("Attempts are bounded over all targets and fallbacks", arguments: 1...5)
    func attemptsAreBounded(limit: Int) {
        let targets = (0..<8).map { Fixture.target("t\($0)") }
        let route = Fixture.route(targets, fallbacks: [("slow", [Fixture.target("c")])]) { $0.attempts = limit }
        var plan = Fixture.plan(route)
        var step = plan.next(now: 0)
        var attempts = 0
        while step.target != nil {
            attempts += 1
            step = plan.failed(.connect, now: attempts)
        }
        #expect(attempts == limit)
        #expect(step.failure?.kind == .upstreamUnreachable)
    }

    @Test(
        "What would be refused anywhere is given to the client at once, as the upstream said it",
        arguments: [AttemptFailure.Refusal.request, .contentFilter, .contextLength])
    func refusals(_ refusal: AttemptFailure.Refusal) {
        let route = Fixture.route(
            [Fixture.target("a"), Fixture.target("b")], fallbacks: [("slow", [Fixture.target("c")])])
        var plan = Fixture.plan(route)
        _ = plan.next(now: 0)
        let said = GatewayFailure(.upstreamRefused, "too long", parameter: "messages", upstreamStatus: 400)
        let failure = AttemptFailure(.refused(status: 400, refusal), detail: said)
        #expect(plan.failed(failure, now: 1).failure == said)
    }

    @Test(
        "A key that is refused or used up is followed by the next one of the same target, and is left out for a while",
        arguments: [AttemptFailure.authentication, AttemptFailure(.refused(status: 429, .quota))])
    func keys(_ refusal: AttemptFailure) {
        let health = RouteHealth()
        let route = Fixture.route([Fixture.target("a", keys: 2), Fixture.target("b")], health: health)
        var plan = Fixture.plan(route)
        var first = plan.next(now: 0)
        // Whichever was picked first, only `a` has two keys.
        if first.target == "b" {
            plan.abandon()
            plan = Fixture.plan(route, seed: 2)
            first = plan.next(now: 0)
        }
        #expect(first.target == "a" && first.access == 0)
        let next = plan.failed(refusal, now: 1)
        #expect(next.target == "a" && next.access == 1)
        plan.ended(now: 2)
        for seed in 0..<50 as Range<UInt64> {
            var other = Fixture.plan(route, seed: seed)
            let step = other.next(now: 3)
            #expect(step.target == "b" || step.access == 1, "the refused key is left out")
            other.ended(now: 4)
        }
        let accesses = (0..<50 as Range<UInt64>).compactMap { seed -> Int? in
            var other = Fixture.plan(route, seed: seed)
            let step = other.next(now: 31 * second)
            other.abandon()
            return step.target == "a" ? step.access : nil
        }
        #expect(accesses.allSatisfy { $0 == 0 } && !accesses.isEmpty, "after the cool-down it is used again")
    }

    @Test("When every key is refused the call goes on to other targets, and the end says so")
    func allKeysRefused() {
        let route = Fixture.route([Fixture.target("a", keys: 2) { $0.weight = 1_000_000 }, Fixture.target("b")]) {
            $0.attempts = 5
        }
        var plan = Fixture.plan(route)
        #expect(plan.next(now: 0).target == "a")
        #expect(plan.failed(.authentication, now: 1).access == 1)
        #expect(plan.failed(.authentication, now: 2).target == "b")
        let end = plan.failed(.authentication, now: 3).failure
        #expect(end?.kind == .upstreamAuthentication && end?.shouldRetry == false)
    }

    @Test("Retry-After is honoured before the same target, and a wait beyond the deadline is not begun")
    func retryAfter() {
        let limited = AttemptFailure(.refused(status: 429, .rateLimit), retryAfter: .seconds(7))
        let route = Fixture.route([Fixture.target("a")])
        var plan = Fixture.plan(route)
        _ = plan.next(now: 0)
        #expect(plan.failed(limited, now: 0).wait == .seconds(7))
        #expect(plan.next(now: 6 * second).wait == .seconds(1))
        #expect(plan.next(now: 7 * second).target == "a")
        plan.ended(now: 8 * second)
        var hurried = Fixture.plan(Fixture.route([Fixture.target("a")]), deadline: 5 * second)
        _ = hurried.next(now: 0)
        let end = hurried.failed(limited, now: 0).failure
        #expect(end?.kind == .upstreamRateLimited && end?.retryAfterSeconds == 7)
    }

    @Test("Retry-After does not hold a call that another target can answer")
    func retryAfterElsewhere() {
        let limited = AttemptFailure(.refused(status: 429, .rateLimit), retryAfter: .seconds(7))
        let health = RouteHealth()
        let route = Fixture.route(
            [Fixture.target("a") { $0.weight = 1_000_000 }, Fixture.target("b") { $0.weight = 1 }], health: health)
        var plan = Fixture.plan(route)
        #expect(plan.next(now: 0).target == "a")
        #expect(plan.failed(limited, now: 0).target == "b")
        plan.ended(now: 1)
        for seed in 0..<20 as Range<UInt64> {
            var other = Fixture.plan(route, seed: seed)
            #expect(other.next(now: 6 * second).target == "b", "other calls leave it alone as well")
            other.ended(now: 6 * second)
        }
    }

    @Test("Where every target is cooling down the one that comes back first is tried, once")
    func lastResort() {
        let health = RouteHealth()
        let targets = [
            Fixture.target("a") { $0.coolDown = .seconds(30) }, Fixture.target("b") { $0.coolDown = .seconds(10) },
        ]
        let route = Fixture.route(targets, health: health) { $0.attempts = 10 }
        var first = Fixture.plan(route)
        var step = first.next(now: 0)
        while step.target != nil { step = first.failed(.connect, now: 1) }
        #expect(first.attempts == 2, "both were tried while they were healthy")
        #expect(step.wait != nil)
        first.abandon()
        var second = Fixture.plan(route)
        #expect(second.next(now: 2).target == "b")
        #expect(second.failed(.connect, now: 3).failure?.kind == .upstreamUnreachable)
    }

    @Test("A cooled-down target is probed by one call before others come back")
    func probe() {
        let health = RouteHealth()
        let route = Fixture.route(
            [Fixture.target("a") { $0.weight = 1_000_000 }, Fixture.target("b") { $0.weight = 1 }], health: health)
        var plan = Fixture.plan(route)
        #expect(plan.next(now: 0).target == "a")
        _ = plan.failed(.connect, now: 0)
        plan.ended(now: 1)
        let later = 31 * second
        var probe = Fixture.plan(route)
        #expect(probe.next(now: later).target == "a")
        var beside = Fixture.plan(route)
        #expect(beside.next(now: later + 1).target == "b")
        beside.ended(now: later + 2)
        probe.committed(now: later + 3)
        var after = Fixture.plan(route)
        #expect(after.next(now: later + 4).target == "a", "the probe's first content closes the circuit")
        after.ended(now: later + 5)
        probe.ended(now: later + 6)
        #expect(health.statuses(now: later + 7).map(\.condition) == [.healthy, .healthy])
    }

    @Test("A failed probe has the target cool down again; one that was given up lets the next call probe")
    func failedProbe() {
        let health = RouteHealth()
        let route = Fixture.route(
            [Fixture.target("a") { $0.weight = 1_000_000 }, Fixture.target("b") { $0.weight = 1 }], health: health)
        var plan = Fixture.plan(route)
        _ = plan.next(now: 0)
        _ = plan.failed(.connect, now: 0)
        plan.ended(now: 1)
        var given = Fixture.plan(route)
        #expect(given.next(now: 31 * second).target == "a")
        given.abandon()
        var probe = Fixture.plan(route)
        #expect(probe.next(now: 31 * second + 1).target == "a")
        // A single failure of this kind would not cool a healthy target down.
        #expect(probe.failed(.unavailable, now: 31 * second + 2).target == "b")
        probe.ended(now: 31 * second + 3)
        var beside = Fixture.plan(route)
        #expect(beside.next(now: 32 * second).target == "b")
        beside.ended(now: 32 * second)
    }

    @Test("A target at its concurrency is passed over, and where all are, the client is told to come again")
    func concurrency() {
        let route = Fixture.route(
            [Fixture.target("a") { $0.concurrency = 1 }],
            fallbacks: [("slow", [Fixture.target("b") { $0.concurrency = 1 }])])
        var first = Fixture.plan(route)
        #expect(first.next(now: 0).target == "a")
        var second = Fixture.plan(route)
        #expect(second.next(now: 0).target == "b")
        var third = Fixture.plan(route)
        let refusal = third.next(now: 0).failure
        #expect(refusal?.kind == .overloaded && refusal?.retryAfterSeconds == 1 && refusal?.shouldRetry == true)
        first.ended(now: 1)
        var fourth = Fixture.plan(route)
        #expect(fourth.next(now: 2).target == "a")
        fourth.ended(now: 3)
        second.ended(now: 3)
    }

    @Test("A slot comes back even if a plan is dropped without a word")
    func droppedPlan() {
        let health = RouteHealth()
        let route = Fixture.route([Fixture.target("a")], health: health)
        do {
            var plan = Fixture.plan(route)
            _ = plan.next(now: 0)
            #expect(health.statuses(now: 0).map(\.inFlight) == [1])
        }
        #expect(health.statuses(now: 0).map(\.inFlight) == [0])
    }

    @Test("Targets of weight 0 are used only when no other of the model can be")
    func weightZero() {
        let route = Fixture.route([Fixture.target("spare") { $0.weight = 0 }, Fixture.target("a")])
        for seed in 0..<100 as Range<UInt64> {
            var plan = Fixture.plan(route, seed: seed)
            #expect(plan.next(now: 0).target == "a")
            if seed == 99 {
                #expect(plan.failed(.unavailable, now: 1).target == "spare")
            }
            plan.ended(now: 1)
        }
    }

    @Test("A passed deadline ends the call before an attempt")
    func deadline() {
        var plan = Fixture.plan(Fixture.route([Fixture.target("a")]), deadline: 5)
        #expect(plan.next(now: 5).failure?.kind == .deadlineExceeded)
        #expect(plan.attempts == 0)
    }
}

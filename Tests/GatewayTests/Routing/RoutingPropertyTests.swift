import Domain
import Testing

@testable import Gateway

@Suite("Properties of routing")
struct RoutingPropertyTests {
    private let second = Fixture.second

    @Test("Weights are kept within three per cent over 30,000 calls")
    func weights() {
        let weights = [5, 3, 2, 0]
        let route = Fixture.route(
            weights.enumerated().map { index, weight in Fixture.target("t\(index)") { $0.weight = weight } })
        var counts: [String: Int] = [:]
        for seed in 0..<30_000 as Range<UInt64> {
            var plan = Fixture.plan(route, seed: seed)
            counts[plan.next(now: 0).target ?? "", default: 0] += 1
            plan.ended(now: 1)
        }
        for (index, weight) in weights.enumerated() {
            let share = Double(counts["t\(index)", default: 0]) / 30_000
            #expect(abs(share - Double(weight) / 10) < 0.03, "t\(index) got \(share)")
        }
        #expect(counts["t3"] == nil)
    }

    @Test("In an outage of 10,000 calls retries stay within the share, spread out or at once", arguments: [0, 1, 10])
    func outage(millisecondsBetween: Int) {
        let targets = (0..<3).map { Fixture.target("t\($0)") { $0.coolDown = .zero } }
        let route = Fixture.route(targets)
        var attempts = 0
        for call in 0..<10_000 {
            let now = call * millisecondsBetween * 1_000_000
            var plan = Fixture.plan(route, deadline: now + 600 * second, seed: UInt64(call))
            var step = plan.next(now: now)
            while step.target != nil {
                attempts += 1
                step = plan.failed(.unavailable, now: now)
            }
        }
        #expect(attempts > 10_000, "some retries are made")
        #expect(attempts <= 10_000 + 2_000 + RetryWindow.alwaysAllowed)
    }

    @Test("A few calls may always be tried again")
    func fewRetries() {
        var window = RetryWindow()
        window.noteCall(now: 0)
        let taken = (0..<20).filter { _ in window.take(share: 0.2, now: 1) }.count
        #expect(taken == RetryWindow.alwaysAllowed)
        let isTakenEarly = window.take(share: 0.2, now: 59 * second)
        #expect(!isTakenEarly)
        let isTakenLater = window.take(share: 0.2, now: 61 * second)
        #expect(isTakenLater, "a minute later they are allowed again")
    }

    @Test("A share of nothing allows nothing beyond that, a full share as many as calls")
    func shares() {
        var window = RetryWindow()
        for _ in 0..<1000 { window.noteCall(now: 0) }
        #expect((0..<2000).filter { _ in window.take(share: 1, now: 0) }.count == 1000)
        var none = RetryWindow()
        for _ in 0..<1000 { none.noteCall(now: 0) }
        #expect((0..<2000).filter { _ in none.take(share: 0, now: 0) }.count == RetryWindow.alwaysAllowed)
    }

    /// Calls with random outcomes, several at a time, on a route of random targets.
    @Test("Random calls break no rule", arguments: 0..<200 as Range<UInt64>)
    func randomCalls(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let health = RouteHealth()
        let route = Self.randomRoute(&random, health: health)
        var running: [(plan: RoutePlan, step: PlanStep, attempts: Int, since: Int)] = []
        var now = 0
        for _ in 0..<300 {
            now += Int.random(in: 0...(3 * second), using: &random)
            if running.count < 6 {
                let tokens = Int.random(in: 0...200, using: &random)
                var plan = Fixture.plan(
                    route, facts: Fixture.facts(inputTokens: tokens), deadline: now + 30 * second,
                    seed: random.next())
                let before = Self.cooling(route, health, now)
                let step = plan.next(now: now)
                check(step, plan: plan, before: before, route: route, health: health, now: now)
                running.append((plan, step, step.target == nil ? 0 : 1, now))
            }
            let index = Int.random(in: 0..<running.count, using: &random)
            var (plan, step, attempts, since) = running.remove(at: index)
            switch step {
            case .attempt:
                switch Int.random(in: 0..<5, using: &random) {
                case 0:
                    plan.committed(now: now)
                    plan.ended(now: now)
                    continue
                case 1:
                    plan.abandon()
                    continue
                default:
                    let all = AttemptFailure.all
                    var failure = all[Int.random(in: 0..<all.count, using: &random)]
                    if Bool.random(using: &random) {
                        failure.retryAfter = .seconds(Int.random(in: 1...20, using: &random))
                    }
                    let before = Self.cooling(route, health, now)
                    let failed = "\(plan.model)/\(step.target ?? "")"
                    step = plan.failed(failure, now: now)
                    check(step, plan: plan, before: before, route: route, failed: failed, health: health, now: now)
                }
            case .wait(let wait):
                #expect(wait > .zero && wait <= RoutePlan.longestWait)
                if Bool.random(using: &random) { now += wait.nanoseconds }
                let before = Self.cooling(route, health, now)
                step = plan.next(now: now)
                if now < since + 30 * second {
                    check(step, plan: plan, before: before, route: route, health: health, now: now)
                }
            case .give(let failure):
                #expect(!failure.message.contains("Bearer"))
                continue
            }
            if step.target != nil { attempts += 1 }
            #expect(attempts <= route.declaration.retries.attempts)
            if step.target != nil { #expect(now < since + 30 * second, "no attempt after the deadline") }
            running.append((plan, step, attempts, since))
        }
        running = []
        #expect(health.statuses(now: now).allSatisfy { $0.inFlight == 0 }, "every slot came back")
    }

    /// Targets that were cooling before a step, as `model/target`.
    private static func cooling(_ route: Route, _ health: RouteHealth, _ now: Int) -> Set<String> {
        var cooling: Set<String> = []
        for stage in route.stages {
            for (index, target) in stage.targets.enumerated() {
                if case .cooling = stage.health[index].availability(of: target, now: now) {
                    cooling.insert("\(stage.model)/\(target.id)")
                }
            }
        }
        return cooling
    }

    /// Whether a target's cool-down is not over; its own probe that was under way does not count.
    private static func isCoolingNow(_ name: String, _ health: RouteHealth, _ now: Int) -> Bool {
        health.statuses(now: now).contains { status in
            guard case .cooling = status.condition else { return false }
            return "\(status.model)/\(status.target)" == name
        }
    }

    /// No attempt at a cooling target while a healthy one could be used that this call has not failed at.
    ///
    /// `failed` is the target whose failure led to the step: what it was before says nothing.
    private func check(
        _ step: PlanStep, plan: RoutePlan, before: Set<String>, route: Route, failed: String? = nil,
        health: RouteHealth, now: Int
    ) {
        guard let chosen = step.target else { return }
        let name = "\(plan.model)/\(chosen)"
        guard name == failed ? Self.isCoolingNow(name, health, now) : before.contains(name) else { return }
        for (stageIndex, stage) in route.stages.enumerated() {
            for (index, target) in stage.targets.enumerated()
            where target.isEligible(for: plan.facts) {
                let other = "\(stage.model)/\(target.id)"
                guard other != failed else { continue }
                let known = plan.tried.first { $0.stage == stageIndex && $0.index == index }
                guard known?.mayRepeat ?? true, (known?.firstAccess ?? 0) == 0 else { continue }
                #expect(
                    before.contains(other), "\(name) was tried while \(other) was healthy")
            }
        }
    }

    private static func randomRoute(_ random: inout SplitMix, health: RouteHealth) -> Route {
        func targets(_ prefix: String) -> [Target] {
            (0..<Int.random(in: 1...4, using: &random)).map { index in
                Fixture.target("\(prefix)\(index)", keys: Int.random(in: 1...3, using: &random)) {
                    $0.weight = Int.random(in: 0...3, using: &random)
                    $0.coolDown = .seconds(Int.random(in: 1...30, using: &random))
                    if Bool.random(using: &random) { $0.concurrency = Int.random(in: 1...3, using: &random) }
                    if Bool.random(using: &random) { $0.conditions.maximumInputTokens = 100 }
                }
            }
        }
        let main = targets("a")
        let fallbacks = (0..<Int.random(in: 0...2, using: &random)).map { ("f\($0)", targets("f")) }
        let attempts = Int.random(in: 1...6, using: &random)
        return Fixture.route(main, fallbacks: fallbacks, health: health) {
            $0.attempts = attempts
            $0.share = 1
        }
    }
}

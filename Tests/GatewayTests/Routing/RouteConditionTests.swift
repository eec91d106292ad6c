import Domain
import Testing

@testable import Gateway

@Suite("Conditions of targets")
struct RouteConditionTests {
    struct Case: Sendable {
        var name: String
        var conditions: TargetConditions
        var facts: RouteFacts
        var holds: Bool
    }

    static func conditions(_ change: (inout TargetConditions) -> Void) -> TargetConditions {
        var conditions = TargetConditions()
        change(&conditions)
        return conditions
    }

    static let table: [Case] = [
        Case(name: "none", conditions: conditions { _ in }, facts: Fixture.facts(), holds: true),
        Case(
            name: "team", conditions: conditions { $0.teams = ["a", "b"] }, facts: Fixture.facts(team: "b"), holds: true
        ),
        Case(
            name: "other team", conditions: conditions { $0.teams = ["a"] }, facts: Fixture.facts(team: "b"),
            holds: false),
        Case(name: "no team", conditions: conditions { $0.teams = ["a"] }, facts: Fixture.facts(), holds: false),
        Case(name: "key", conditions: conditions { $0.keys = ["k"] }, facts: Fixture.facts(key: "k"), holds: true),
        Case(
            name: "other key", conditions: conditions { $0.keys = ["k"] }, facts: Fixture.facts(key: "x"), holds: false),
        Case(
            name: "header", conditions: conditions { $0.headers = ["x-tier": "gold"] },
            facts: Fixture.facts(headers: ["x-tier": "gold"]), holds: true),
        Case(
            name: "other value", conditions: conditions { $0.headers = ["x-tier": "gold"] },
            facts: Fixture.facts(headers: ["x-tier": "tin"]), holds: false),
        Case(
            name: "no header", conditions: conditions { $0.headers = ["x-tier": "gold"] }, facts: Fixture.facts(),
            holds: false),
        Case(
            name: "fewest tokens", conditions: conditions { $0.minimumInputTokens = 100 },
            facts: Fixture.facts(inputTokens: 100), holds: true),
        Case(
            name: "too few tokens", conditions: conditions { $0.minimumInputTokens = 101 },
            facts: Fixture.facts(inputTokens: 100), holds: false),
        Case(
            name: "most tokens", conditions: conditions { $0.maximumInputTokens = 100 },
            facts: Fixture.facts(inputTokens: 100), holds: true),
        Case(
            name: "too many tokens", conditions: conditions { $0.maximumInputTokens = 99 },
            facts: Fixture.facts(inputTokens: 100), holds: false),
        Case(
            name: "one of two fails",
            conditions: conditions {
                $0.teams = ["a"]
                $0.maximumInputTokens = 99
            }, facts: Fixture.facts(team: "a", inputTokens: 100), holds: false),
    ]

    @Test("All conditions must hold, both ends of a range included", arguments: table)
    func holds(_ example: Case) {
        #expect(example.conditions.hold(for: example.facts) == example.holds, "\(example.name)")
    }

    @Test("Only eligible targets are called or count for the worst case, fallbacks included")
    func eligible() {
        let route = Fixture.route(
            [
                Fixture.target("short") { $0.conditions.maximumInputTokens = 1000 },
                Fixture.target("gold") { $0.conditions.teams = ["gold"] },
            ],
            fallbacks: [("slow", [Fixture.target("long"), Fixture.target("other") { $0.conditions.keys = ["k"] }])])
        #expect(route.eligibleTargets(Fixture.facts()).map(\.id) == ["short", "long"])
        #expect(route.eligibleTargets(Fixture.facts(inputTokens: 5000)).map(\.id) == ["long"])
        for seed in 0..<20 as Range<UInt64> {
            var plan = Fixture.plan(route, facts: Fixture.facts(inputTokens: 5000), seed: seed)
            #expect(plan.next(now: 0).target == "long")
            #expect(plan.failed(.unavailable, now: 1).target == nil)
        }
    }

    @Test("A target is not asked for what its provider does not have", arguments: Operation.allCases)
    func operations(_ operation: Operation) {
        var anthropic = Fixture.target("anthropic")
        anthropic.dialect = .anthropic
        let route = Fixture.route([Fixture.target("openai"), anthropic])
        var facts = Fixture.facts()
        facts.operation = operation
        let expected =
            switch operation {
            case .embeddings: ["openai"]
            case .countTokens: ["anthropic"]
            default: ["openai", "anthropic"]
            }
        #expect(route.eligibleTargets(facts).map(\.id) == expected)
        var chosen: Set<String> = []
        for seed in 0..<50 as Range<UInt64> {
            var plan = Fixture.plan(route, facts: facts, seed: seed)
            chosen.insert(plan.next(now: 0).target ?? "")
            plan.ended(now: 1)
        }
        #expect(chosen == Set(expected))
    }

    @Test("A request that no target is meant for is told so")
    func nobody() {
        let route = Fixture.route([Fixture.target("gold") { $0.conditions.teams = ["gold"] }])
        var plan = Fixture.plan(route)
        let failure = plan.next(now: 0).failure
        #expect(failure?.kind == .notAllowed)
        #expect(failure?.message.contains("`main`") == true)
    }

    @Test("Fallbacks come in order, theirs after them, and a circle ends")
    func fallbackOrder() {
        var models: [String: ModelRoute] = [:]
        var targets: [String: [Target]] = [:]
        for (name, fallbacks) in [("a", ["b", "c"]), ("b", ["d", "a"]), ("c", ["b"]), ("d", ["a"])] {
            let target = Fixture.target("t-\(name)")
            models[name] = ModelRoute(name: name, targets: [target.declaration])
            models[name]?.fallbacks = fallbacks
            targets[name] = [target]
        }
        let route = Route(
            declaration: models["a"] ?? ModelRoute(name: "", targets: []), models: models, targets: targets,
            health: RouteHealth())
        #expect(route.stages.map(\.model) == ["a", "b", "c", "d"])
    }
}

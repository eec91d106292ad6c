import Domain
import Synchronization
import Testing

@testable import Gateway

@Suite("Snapshots of the configuration")
struct SnapshotTests {
    private func snapshot(_ names: [String], health: RouteHealth, generation: Int = 1) -> GatewaySnapshot {
        var configuration = GatewayConfiguration()
        var targets: [String: [Target]] = [:]
        for name in names {
            let target = Fixture.target("t-\(name)") { $0.conditions.headers = ["x-\(name)": "1"] }
            configuration.models.append(ModelRoute(name: name, targets: [target.declaration]))
            targets[name] = [target]
        }
        return GatewaySnapshot(
            configuration: configuration, targets: targets, health: health, keys: KeyTable([]),
            generation: generation)
    }

    @Test("It knows its routes, their order, and the headers that conditions name")
    func content() {
        let snapshot = snapshot(["b", "a"], health: RouteHealth())
        #expect(snapshot.models == ["b", "a"])
        #expect(snapshot.routes["a"]?.stages.map(\.model) == ["a"])
        #expect(snapshot.routes["c"] == nil)
        #expect(snapshot.headersOfConditions == ["x-a", "x-b"])
    }

    @Test("A call keeps the snapshot it began with, while others see the new one")
    func replacement() {
        let health = RouteHealth()
        let box = SnapshotBox(snapshot(["a"], health: health), health: health)
        let old = box.current
        let new = snapshot(["b"], health: health)
        box.replace { new.with(keys: $0.keys, generation: $0.generation + 1) }
        #expect(old.models == ["a"] && old.routes["a"] != nil)
        #expect(box.current.models == ["b"] && box.current.generation == 2)
        #expect(health.statuses(now: 0).map(\.model) == ["b"], "what is not configured any more is forgotten")
    }

    @Test("Replacements by several threads are all applied, one after the other")
    func concurrentReplacements() async {
        let health = RouteHealth()
        let box = SnapshotBox(snapshot(["a"], health: health), health: health)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<100 { box.replace { $0.with(keys: $0.keys, generation: $0.generation + 1) } }
                }
            }
        }
        #expect(box.current.generation == 801)
    }

    @Test("An attempt that began before a reload is counted in the health after it")
    func reloadWhileRunning() {
        let health = RouteHealth()
        let box = SnapshotBox(snapshot(["a"], health: health), health: health)
        guard let route = box.current.routes["a"] else {
            Issue.record("no route")
            return
        }
        var plan = Fixture.plan(route, facts: Fixture.facts(headers: ["x-a": "1"]))
        #expect(plan.next(now: 0).target == "t-a")
        let new = snapshot(["a"], health: health)
        box.replace { new.with(keys: $0.keys, generation: $0.generation + 1) }
        #expect(health.statuses(now: 1).map(\.inFlight) == [1])
        plan.ended(AttemptFailure(.connect), now: 1)
        #expect(health.statuses(now: 2).map(\.inFlight) == [0])
        #expect(health.statuses(now: 2).first?.condition != .healthy)
    }
}

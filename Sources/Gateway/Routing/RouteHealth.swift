import Synchronization

/// The health of all targets and the retries of all routes.
///
/// One for the process: it lives across reloads, so that a new configuration does not forget which targets are down or
/// how many calls are under way. Both are kept by the served model's name and the target's id.
package final class RouteHealth: Sendable {
    private struct Tables: Sendable {
        var targets: [String: [String: TargetHealth]] = [:]
        var retries: [String: RetryAllowance] = [:]
    }

    private let tables = Mutex(Tables())

    package init() {}

    /// The health of a target, made if need be.
    func health(of target: String, in model: String) -> TargetHealth {
        tables.withLock { tables in
            if let known = tables.targets[model]?[target] { return known }
            let new = TargetHealth(model: model, target: target)
            tables.targets[model, default: [:]][target] = new
            return new
        }
    }

    func retries(of model: String) -> RetryAllowance {
        tables.withLock { tables in
            if let known = tables.retries[model] { return known }
            let new = RetryAllowance()
            tables.retries[model] = new
            return new
        }
    }

    /// Forgets what the routes no longer name; called once a new configuration is in force.
    func keep(only routes: some Sequence<Route>) {
        var kept: [String: Set<String>] = [:]
        for route in routes {
            kept[route.name] = Set(route.declaration.targets.map(\.id))
        }
        tables.withLock { [kept] tables in
            tables.retries = tables.retries.filter { kept[$0.key] != nil }
            tables.targets = tables.targets.compactMapValues { $0 }.filter { kept[$0.key] != nil }
            for (model, ids) in kept { tables.targets[model] = tables.targets[model]?.filter { ids.contains($0.key) } }
        }
    }

    /// Every target's health, by model and target.
    package func statuses(now: Int) -> [TargetStatus] {
        let all = tables.withLock { tables in tables.targets.values.flatMap(\.values) }
        return all.map { $0.status(now: now) }.sorted { ($0.model, $0.target) < ($1.model, $1.target) }
    }

    /// Retries that were not made because a route's share of retries was used up, by model.
    package var refusedRetries: [String: Int] {
        tables.withLock { tables in tables.retries.mapValues(\.refused) }
    }
}

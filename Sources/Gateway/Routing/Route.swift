/// A served model with its targets resolved and its fallbacks in order: what a call is planned with.
package final class Route: Sendable {
    /// A model's targets on the way: first the model's own, then those of each fallback.
    package struct Stage: Sendable {
        package let model: String
        package let targets: [Target]
        let health: [TargetHealth]
    }

    package let declaration: ModelRoute
    /// Never empty; no model twice.
    package let stages: [Stage]
    let retries: RetryAllowance

    package var name: String { declaration.name }

    /// A route of `declaration` over resolved targets by model; fallbacks of fallbacks come last.
    init(declaration: ModelRoute, models: [String: ModelRoute], targets: [String: [Target]], health: RouteHealth) {
        self.declaration = declaration
        retries = health.retries(of: declaration.name)
        var names = [declaration.name]
        var visited = 0
        while visited < names.count {
            // A circle ends here; the reader has refused it already.
            for name in models[names[visited]]?.fallbacks ?? [] where !names.contains(name) { names.append(name) }
            visited += 1
        }
        stages = names.map { name in
            let resolved = targets[name] ?? []
            return Stage(model: name, targets: resolved, health: resolved.map { health.health(of: $0.id, in: name) })
        }
    }

    /// Every target that could answer a request, fallbacks included: what the worst case is taken over.
    package func eligibleTargets(_ facts: RouteFacts) -> [Target] {
        stages.flatMap { $0.targets.filter { $0.isEligible(for: facts) } }
    }
}

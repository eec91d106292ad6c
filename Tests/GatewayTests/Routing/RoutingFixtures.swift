import Domain

@testable import Gateway

/// Small routes for tests: what is not said has the product's defaults.
enum Fixture {
    static let second = 1_000_000_000

    /// A target whose accesses are `keys` connections of the same upstream.
    static func target(
        _ id: String, keys: Int = 1, change: (inout TargetDeclaration) -> Void = { _ in }
    ) -> Target {
        let connections = (0..<keys).map { "\(id)-\($0)" }
        var declaration = TargetDeclaration(id: id, connections: connections, model: "upstream-\(id)")
        change(&declaration)
        return Target(
            declaration: declaration, dialect: .openAI, provider: "openai",
            accesses: connections.map {
                UpstreamAccess(
                    connection: $0, origin: Origin(host: "127.0.0.1", port: 1, isTLS: false), basePath: "/v1",
                    secretHeader: (name: "authorization", value: Secret("Bearer \($0)")))
            })
    }

    /// The route `main` over targets, with further models as its fallbacks in order.
    static func route(
        _ targets: [Target], fallbacks: [(String, [Target])] = [], health: RouteHealth = RouteHealth(),
        retries: (inout RetrySettings) -> Void = { _ in }
    ) -> Route {
        var main = ModelRoute(name: "main", targets: targets.map(\.declaration))
        main.fallbacks = fallbacks.map(\.0)
        retries(&main.retries)
        var models = ["main": main]
        var resolved = ["main": targets]
        for (name, targets) in fallbacks {
            models[name] = ModelRoute(name: name, targets: targets.map(\.declaration))
            resolved[name] = targets
        }
        return Route(declaration: main, models: models, targets: resolved, health: health)
    }

    static func facts(
        key: String = "key", team: String? = nil, headers: [String: String] = [:], inputTokens: Int = 100
    ) -> RouteFacts {
        RouteFacts(
            attribution: Attribution(key: key, team: team), headers: headers, inputTokens: inputTokens,
            operation: .chat)
    }

    static func plan(
        _ route: Route, facts: RouteFacts = facts(), deadline: Int = 600 * second, seed: UInt64 = 1
    ) -> RoutePlan {
        RoutePlan(route: route, facts: facts, deadline: deadline, seed: seed)
    }
}

extension PlanStep {
    /// The target's id of an attempt, else nothing.
    var target: String? { if case .attempt(let target, _, _) = self { target.id } else { nil } }
    /// The index of an attempt's access.
    var access: Int? { if case .attempt(_, let access, _) = self { access } else { nil } }
    var wait: Duration? { if case .wait(let duration) = self { duration } else { nil } }
    var failure: GatewayFailure? { if case .give(let failure) = self { failure } else { nil } }
}

extension AttemptFailure {
    static let connect = AttemptFailure(.connect)
    static let unavailable = AttemptFailure(.refused(status: 503, .unavailable))
    static let authentication = AttemptFailure(.refused(status: 401, .authentication))

    /// One of every kind, with the word for what a plan may do next.
    static let all: [AttemptFailure] =
        ([.connect, .resetBeforeHead, .interrupted, .malformed, .empty, .tooLarge]
        + Guard.allCases.map { .timeout($0) }
        + Refusal.allCases.map { .refused(status: 400, $0) }).map { AttemptFailure($0) }
}

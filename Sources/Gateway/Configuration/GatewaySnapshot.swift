/// Everything a call is decided by, as of one moment: configuration, routes, keys.
///
/// Never changes. A call takes the snapshot once and keeps it to its end, so that a reload never mixes two configurations in one call.
package final class GatewaySnapshot: Sendable {
    package let configuration: GatewayConfiguration
    /// By served model.
    package let routes: [String: Route]
    package let keys: KeyTable
    /// Counts snapshots from 1.
    package let generation: Int
    /// The headers that any condition names, in lower case: what ``RouteFacts/headers`` needs.
    package let headersOfConditions: [String]

    /// A snapshot over resolved targets by served model.
    package init(
        configuration: GatewayConfiguration, targets: [String: [Target]], health: RouteHealth, keys: KeyTable,
        generation: Int
    ) {
        self.configuration = configuration
        self.keys = keys
        self.generation = generation
        let models = Dictionary(configuration.models.map { ($0.name, $0) }) { first, _ in first }
        routes = models.mapValues { Route(declaration: $0, models: models, targets: targets, health: health) }
        headersOfConditions = Set(
            configuration.models.flatMap { $0.targets.flatMap { $0.conditions.headers.keys } }
        ).sorted()
    }

    private init(_ other: GatewaySnapshot, keys: KeyTable, generation: Int) {
        configuration = other.configuration
        routes = other.routes
        self.keys = keys
        self.generation = generation
        headersOfConditions = other.headersOfConditions
    }

    /// The same with other keys.
    package func with(keys: KeyTable, generation: Int) -> GatewaySnapshot {
        GatewaySnapshot(self, keys: keys, generation: generation)
    }

    /// The served models in the file's order.
    package var models: [String] { configuration.models.map(\.name) }
}

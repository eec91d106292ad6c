import Synchronization

/// The snapshot that is in force: one reference, replaced as a whole.
package final class SnapshotBox: Sendable {
    private let box: Mutex<GatewaySnapshot>
    private let health: RouteHealth

    package init(_ snapshot: GatewaySnapshot, health: RouteHealth) {
        box = Mutex(snapshot)
        self.health = health
    }

    /// The snapshot for a call that begins now.
    package var current: GatewaySnapshot { box.withLock { $0 } }

    /// Puts what `change` makes of the present snapshot in force and returns it.
    ///
    /// Its argument is the present snapshot, from which it takes `generation + 1` for its own. It is called under the
    /// lock that readers need: it must only put together what was read before.
    @discardableResult
    package func replace(_ change: (GatewaySnapshot) -> GatewaySnapshot) -> GatewaySnapshot {
        let new = box.withLock { current in
            current = change(current)
            return current
        }
        health.keep(only: new.routes.values)
        return new
    }
}

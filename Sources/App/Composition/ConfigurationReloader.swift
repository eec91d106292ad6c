import Domain
import Gateway

/// Puts a changed configuration in force as a whole, or leaves the old one in force if anything is wrong with it.
struct ConfigurationReloader: Sendable {
    /// What became of a reload.
    enum Outcome: Sendable {
        /// It is in force; the sentences say what changed for callers (none: something that cannot be seen from outside,
        /// such as a connection's key).
        case applied([String])
        /// It is wrong, and the old one stays in force.
        case refused(any Failure)
    }

    let box: SnapshotBox
    let health: RouteHealth
    /// Reads what is on the disk.
    let load: @Sendable () throws -> LoadedConfiguration
    /// Fills in the addresses of local targets.
    let prepare: @Sendable ([String: [Target]]) async throws -> [String: [Target]]
    /// Tells others, such as the ledger, right before the configuration is in force; may refuse it.
    let willApply: @Sendable (GatewayConfiguration) throws -> Void

    /// Reads the configuration again.
    ///
    /// Must not run twice at a time; ``ConfigurationWatch`` sees to that.
    func reload() async -> Outcome {
        do {
            let loaded = try load()
            let configuration = try loaded.checked()
            let targets = try await prepare(loaded.targets)
            let old = box.current
            let new = GatewaySnapshot(
                configuration: configuration, targets: targets, health: health, keys: old.keys, generation: 0)
            try willApply(configuration)
            // Keys may have changed meanwhile; routes were built outside the lock that every call takes.
            box.replace { new.with(keys: $0.keys, generation: $0.generation + 1) }
            return .applied(ConfigurationDifference(from: old.configuration, to: configuration).sentences)
        } catch let failure as any Failure {
            return .refused(failure)
        } catch {
            return .refused(
                PlainFailure("ConfigurationInvalid", "the configuration cannot be put in force: \(error)"))
        }
    }
}

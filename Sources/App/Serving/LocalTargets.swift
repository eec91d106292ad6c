import Domain
import Gateway
import Providers
import Synchronization

/// Starts the llama.cpp servers of `local` targets and fills in where they listen.
final class LocalTargets: Sendable {
    private let servers: LocalServers
    private let connections: Mutex<any ConnectionSource>

    init(servers: LocalServers, connections: any ConnectionSource) {
        self.servers = servers
        self.connections = Mutex(connections)
    }

    /// Takes the connections that were read last.
    func use(_ connections: any ConnectionSource) { self.connections.withLock { $0 = connections } }

    /// The targets with the addresses of local ones, whose servers run when it returns.
    func resolved(_ targets: [String: [Target]]) async throws -> [String: [Target]] {
        var resolved = targets
        for (model, list) in targets {
            for (index, target) in list.enumerated() where target.isLocal {
                resolved[model]?[index] = try await self.resolved(target)
            }
        }
        return resolved
    }

    private func resolved(_ target: Target) async throws -> Target {
        var target = target
        for index in target.accesses.indices {
            let connection = try connections.withLock { $0 }.connection(named: target.accesses[index].connection)
            let base = try await servers.base(for: connection)
            guard let address = Address(base) else {
                throw PlainFailure(
                    "ConnectionInvalid", "the server of connection `\(connection.name)` listens at no address",
                    blame: .environment)
            }
            target.accesses[index].origin = address.origin
            target.accesses[index].basePath = address.path
        }
        return target
    }

    /// Looks every second whether the servers run, which starts those again that ended, and puts changed addresses in
    /// force; until the task is cancelled.
    func watch(_ box: SnapshotBox, health: RouteHealth, log: EventLog) async {
        var lastProblem = ""
        while (try? await Task.sleep(for: .seconds(1))) != nil {
            let old = box.current
            let targets = old.routes.mapValues { $0.stages.first?.targets ?? [] }
            guard targets.values.contains(where: { $0.contains(where: \.isLocal) }) else { continue }
            do {
                let resolved = try await resolved(targets)
                lastProblem = ""
                guard Self.origins(of: resolved) != Self.origins(of: targets) else { continue }
                box.replace { current in
                    // A reload in between has resolved its own.
                    guard current.generation == old.generation else { return current }
                    return GatewaySnapshot(
                        configuration: current.configuration, targets: resolved, health: health, keys: current.keys,
                        generation: current.generation + 1)
                }
                log.say(.warning, "a local model server was started again")
            } catch {
                guard "\(error)" != lastProblem else { continue }
                lastProblem = "\(error)"
                log.say(.error, "a local model server does not run", ["error": .string(lastProblem)])
            }
        }
    }

    private static func origins(of targets: [String: [Target]]) -> [String: [Origin]] {
        targets.mapValues { $0.flatMap { $0.accesses.map(\.origin) } }
    }
}

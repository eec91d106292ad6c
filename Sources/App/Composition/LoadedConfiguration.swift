import Domain
import Foundation
import Gateway
import Providers
import Registry

/// A workspace's configuration of the gateway as it stands on the disk now, with its targets resolved.
struct LoadedConfiguration: Sendable {
    /// A setting that a command's option gives.
    struct FlagSetting: Sendable {
        /// `gateway.listen` and others.
        var path: String
        var text: String
        /// `--listen`.
        var flag: String
    }

    let workspace: Workspace
    let reading: ConfigurationReading
    /// By served model.
    let targets: [String: [Target]]
    /// Everything that is wrong, by place.
    let problems: [DocumentError]
    let connections: ConnectionCatalogue

    /// Reads the workspace that `folder` is in.
    ///
    /// Throws what keeps it from being read at all: no YAML, an unknown key of the workspace, a wrong connections file.
    /// What is wrong within `gateway`, `models` and `budgets` is in `problems`.
    static func load(
        folder: String = FileManager.default.currentDirectoryPath,
        environment: [String: String] = ProcessInfo.processInfo.environment, flags: [FlagSetting] = []
    ) throws -> LoadedConfiguration {
        let workspace = try Workspace.find(from: folder)
        return try load(workspace, sections: workspace.configuration, environment: environment, flags: flags)
    }

    /// The same with the sections of another file, such as an earlier revision of the workspace's.
    static func load(
        _ workspace: Workspace, sections: WorkspaceConfiguration, environment: [String: String],
        flags: [FlagSetting] = []
    ) throws -> LoadedConfiguration {
        let dotEnv = try workspace.dotEnv()
        let catalogue = try ConnectionCatalogue.load(
            workspace: workspace.root, dotEnv: dotEnv, paths: workspace.connectionPaths, environment: environment)
        var overrides = SettingOverrides(environment: dotEnv.over(environment))
        for flag in flags { overrides.set(flag.path, flag.text, flag: flag.flag) }
        var reading = ConfigurationReading(
            GatewaySections(gateway: sections.gateway, models: sections.models, budgets: sections.budgets),
            root: workspace.root, connections: facts(catalogue), overrides: overrides)
        var problems = reading.problems + missingFiles(reading)
        let targets = resolve(&reading, connections: catalogue, problems: &problems)
        return LoadedConfiguration(
            workspace: workspace, reading: reading, targets: targets, problems: problems, connections: catalogue)
    }

    /// The configuration, if nothing is wrong with it.
    func checked() throws(ConfigurationFailure) -> GatewayConfiguration {
        guard problems.isEmpty else { throw ConfigurationFailure(problems) }
        return reading.configuration
    }

    private static func resolve(
        _ reading: inout ConfigurationReading, connections: ConnectionCatalogue, problems: inout [DocumentError]
    ) -> [String: [Target]] {
        let resolver = RouteResolver(connections: connections)
        var targets: [String: [Target]] = [:]
        for model in reading.configuration.models {
            for (index, declaration) in model.targets.enumerated() {
                do throws(RouteResolver.Problem) {
                    let target = try resolver.target(declaration)
                    reading.note(target, of: declaration, at: index, in: model.name)
                    targets[model.name, default: []].append(target)
                } catch {
                    // What is wrong with a connection itself was said at its place already.
                    guard reading.problems.isEmpty else { continue }
                    problems.append(
                        DocumentError(
                            "the target `\(declaration.id)` of `\(model.name)`: \(error.sentence)",
                            at: reading.location(ofTarget: index, in: model.name)))
                }
            }
        }
        return targets
    }

    /// Certificate and key that are named but cannot be read.
    private static func missingFiles(_ reading: ConfigurationReading) -> [DocumentError] {
        let server = reading.configuration.server
        return [("certificate", server.certificatePath), ("key", server.privateKeyPath)].compactMap { key, path in
            guard let path, !FileManager.default.isReadableFile(atPath: path) else { return nil }
            return DocumentError(
                "`gateway.tls.\(key)` names the file \(path), which cannot be read",
                at: reading.location(of: "gateway.tls.\(key)"))
        }
    }

    private static func facts(_ catalogue: ConnectionCatalogue) -> [ConnectionFact] {
        catalogue.names.map { name in
            do {
                let connection = try catalogue.connection(named: name)
                return ConnectionFact(name: name, type: connection.type, model: connection.settings["model"])
            } catch {
                return ConnectionFact(
                    name: name, type: nil, problem: (error as? any Failure)?.message ?? "it cannot be read")
            }
        }
    }
}

extension Workspace {
    /// Connection files beyond the default one, which the catalogue finds by itself.
    var connectionPaths: [String] {
        let name = configuration.connections
        return ["connections.yaml", "connections.yml"].contains(name) ? [] : [path(name)]
    }

    /// The files and folders a running server is configured by, whether they are there or not.
    var configurationFiles: [String] {
        [path(Workspace.fileName), path(".env"), path("connections.yaml"), path("connections.yml")] + connectionPaths
    }
}

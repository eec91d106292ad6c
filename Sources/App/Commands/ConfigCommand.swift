import ArgumentParser
import Domain
import Foundation
import Gateway
import Registry

/// `pawang config`: is the gateway's configuration right, what does it say, what would change.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Check, show and compare the gateway's configuration.",
        subcommands: [Check.self, Print.self, Diff.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say everything that is wrong with pawang.yaml, with its places.",
            discussion: "Exit status: 0 nothing is wrong; 2 something is.")

        @Flag(name: .long, help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let terminal = Terminal.standard
            let loaded = try LoadedConfiguration.load()
            let problems = loaded.problems
            if json {
                terminal.print(
                    JSONValue.object([
                        "ok": .bool(problems.isEmpty), "problems": .array(problems.map(ConfigCommand.json)),
                        "warnings": .array(loaded.reading.warnings.map { .string($0) }),
                    ]).text())
            } else {
                for problem in problems { terminal.print(ConfigCommand.shown(problem, in: loaded.workspace)) }
                for warning in loaded.reading.warnings { terminal.note("warning: \(warning)") }
            }
            guard problems.isEmpty else { throw ExitCode(Blame.request.rawValue) }
            if !json { terminal.print(ConfigCommand.summary(loaded.reading.configuration)) }
        }
    }

    struct Print: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show every value in force; with --explain also where it came from.",
            discussion: "Secrets are shown as •••. Exit status: 0; 2 if something is wrong with the configuration.")

        @Flag(name: .long, help: "Show where each value came from: file and line, environment, connection, default.")
        var explain = false

        @Flag(name: .long, help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let loaded = try LoadedConfiguration.load()
            _ = try loaded.checked()
            let rows = loaded.reading.settings + ConfigCommand.accesses(loaded)
            if json {
                let values = rows.map { row in
                    JSONValue.object([
                        "path": .string(row.path), "value": .string(row.text),
                        "origin": .string(ConfigCommand.shown(row.origin, in: loaded.workspace)),
                    ])
                }
                Terminal.standard.print(JSONValue.object(["settings": .array(values)]).text())
                return
            }
            var table = TextTable(explain ? ["setting", "value", "from"] : ["setting", "value"])
            for row in rows {
                table.add([row.path, row.text, ConfigCommand.shown(row.origin, in: loaded.workspace)])
            }
            Terminal.standard.print(table.text)
        }
    }

    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what changes between another configuration and the present one.",
            discussion: """
                The other one is a file, or a Git revision such as HEAD~1, whose pawang.yaml is taken. Connections are \
                those of now for both. Exit status: 0 nothing changes; 1 something does; 2 one of them is wrong.
                """)

        @Argument(help: "A file, or a Git revision.")
        var other: String

        @Flag(name: .long, help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let terminal = Terminal.standard
            let environment = ProcessInfo.processInfo.environment
            let loaded = try LoadedConfiguration.load(environment: environment)
            let node = try await ConfigCommand.document(other, workspace: loaded.workspace)
            let before = try LoadedConfiguration.load(
                loaded.workspace, sections: WorkspaceConfiguration(reading: node), environment: environment)
            let difference = ConfigurationDifference(from: try before.checked(), to: try loaded.checked())
            if json {
                terminal.print(
                    JSONValue.object(["changes": .array(difference.sentences.map { .string($0) })]).text())
            } else {
                for sentence in difference.sentences { terminal.print(sentence) }
                if difference.sentences.isEmpty { terminal.print("nothing changes") }
            }
            if !difference.sentences.isEmpty { throw ExitCode(Blame.result.rawValue) }
        }
    }

    /// How many of everything there are.
    private static func summary(_ configuration: GatewayConfiguration) -> String {
        func count(_ number: Int, _ word: String) -> String { "\(number) \(word)\(number == 1 ? "" : "s")" }
        let targets = configuration.models.reduce(0) { $0 + $1.targets.count }
        return
            "nothing is wrong: \(count(configuration.models.count, "model")) with \(count(targets, "target")), \(count(configuration.budgets.count, "budget"))"
    }

    /// Where each target leads, one row for each of its connections.
    private static func accesses(_ loaded: LoadedConfiguration) -> [EffectiveSetting] {
        loaded.reading.configuration.models.flatMap { model in
            (loaded.targets[model.name] ?? []).enumerated().flatMap { index, target in
                target.accesses.enumerated().map { number, access in
                    let secret = access.secretHeader.map { ", \($0.name): \($0.value)" } ?? ""
                    return EffectiveSetting(
                        path: "models.\(model.name).targets.\(index).address.\(number)",
                        text: "\(target.isLocal ? "a server that Pawang starts" : access.address)\(secret)",
                        origin: .connection(access.connection))
                }
            }
        }
    }

    private static func json(_ problem: DocumentError) -> JSONValue {
        [
            "message": .string(problem.detail), "file": problem.location.map { .string($0.file) } ?? .null,
            "line": problem.location.map { .int($0.line) } ?? .null,
            "column": problem.location.map { .int($0.column) } ?? .null,
        ]
    }

    private static func shown(_ problem: DocumentError, in workspace: Workspace) -> String {
        relative(problem.message, workspace)
    }

    private static func shown(_ origin: EffectiveSetting.Origin, in workspace: Workspace) -> String {
        relative(origin.description, workspace)
    }

    /// Paths are read by people, who know where they are.
    private static func relative(_ text: String, _ workspace: Workspace) -> String {
        text.hasPrefix(workspace.root + "/") ? String(text.dropFirst(workspace.root.utf8.count + 1)) : text
    }
}

extension UpstreamAccess {
    /// The address requests go to, without what an operation adds.
    fileprivate var address: String {
        let host = origin.host.contains(":") ? "[\(origin.host)]" : origin.host
        let isUsual = origin.port == (origin.isTLS ? 443 : 80)
        return "http\(origin.isTLS ? "s" : "")://\(host)\(isUsual ? "" : ":\(origin.port)")\(basePath)\(query)"
    }
}

package import ArgumentParser
import Domain
import Foundation

/// The command line.
package struct PawangCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "pawang",
        abstract: "Runs language models in production: flows, experiments, gates, a gateway.",
        discussion: """
            Start with `pawang init my-workspace`, then `pawang run` a flow, compare variants with `pawang experiment run`, \
            and let `pawang gate` decide. Every command says more with --help.

            Exit status: 0 all well, 1 lines or a gate failed, 2 the request was wrong, 3 a provider or the machine failed.
            """,
        version: Version.current,
        groupedSubcommands: [
            CommandGroup(name: "Set-up", subcommands: [InitCommand.self, ConnectionCommand.self, SchemaCommand.self]),
            CommandGroup(
                name: "Run and compare",
                subcommands: [
                    RunCommand.self, RunsCommand.self, DatasetCommand.self, EvaluateCommand.self,
                    ExperimentCommand.self, GateCommand.self,
                    JudgeCommand.self, RecordCommand.self,
                ]),
            CommandGroup(
                name: "Serve",
                subcommands: [
                    ServeCommand.self, KeyCommand.self, TopCommand.self, LedgerCommand.self, ConfigCommand.self,
                ]),
            CommandGroup(
                name: "Operate", subcommands: [DoctorCommand.self, BackupCommand.self, RestoreCommand.self]),
        ])

    package init() {}

    /// Parses the arguments, runs the command and ends the process with the documented exit status.
    package static func start() async -> Never {
        // A reader that goes away must not end us before the store is closed.
        signal(SIGPIPE, SIG_IGN)
        let status = await Interruption.run {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        }
        Foundation.exit(status)
    }

    /// Says what went wrong and which exit status that is.
    static func report(_ error: any Error) -> Int32 {
        switch error {
        case let code as ExitCode: return code.rawValue
        case let failure as any Failure:
            Terminal.standard.note("\(Terminal.standard.errorWord) \(failure.code): \(failure.message)")
            return failure.blame.rawValue
        case is CancellationError:
            Terminal.standard.note("interrupted")
            return ExitStatus.interrupted
        default:
            let code = exitCode(for: error).rawValue
            let text = fullMessage(for: error)
            guard code != 0 else {
                Terminal.standard.print(text)
                return 0
            }
            Terminal.standard.note(text)
            // Argument errors have 64 by custom; ours is 2. What is left is the machine's.
            return code == 64 ? Blame.request.rawValue : Blame.environment.rawValue
        }
    }
}

/// The version that `--version` prints.
enum Version {
    static let current = "0.1.0"
}

/// Exit statuses beyond those of ``Blame``.
enum ExitStatus {
    /// Ctrl-C, as shells have it.
    static let interrupted: Int32 = 130
}

extension Terminal {
    /// The word before error messages.
    var errorWord: String { isInteractive ? "\u{1B}[31merror:\u{1B}[0m" : "error:" }
}

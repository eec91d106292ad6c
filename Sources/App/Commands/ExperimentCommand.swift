import ArgumentParser
import Domain
import Evaluation
import Foundation
import Providers
import Registry

/// `pawang experiment`: variants over datasets, scored, compared, reported.
struct ExperimentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "experiment", abstract: "Compare variants of a flow over datasets.",
        subcommands: [Run.self, Plan.self, Report.self])

    /// What all three take.
    struct Options: ParsableArguments {
        @Argument(help: "The experiment's file.")
        var file: String

        @Option(
            name: .customLong("environment"),
            help: ArgumentHelp(
                "Use the overlay experiment.NAME.yaml beside the file, where there is one.", valueName: "name"))
        var environment: String?

        @Option(name: .long, help: "Run all combinations of levels (all) or one factor at a time (one_at_a_time).")
        var design: String?

        @Option(
            name: .long,
            help: ArgumentHelp("Use this connection for a node; * for all model nodes.", valueName: "node=name"))
        var connection: [String] = []

        @Option(name: .long, help: ArgumentHelp("Take only the first lines of each dataset.", valueName: "lines"))
        var limit: Int?

        func experiment() throws -> Experiment {
            var experiment = try ExperimentReader(file: file).read(environment: environment)
            if let design {
                guard let wanted = Experiment.Design(rawValue: design) else {
                    throw PlainFailure("ArgumentInvalid", "--design is all or one_at_a_time, not `\(design)`")
                }
                experiment.design = wanted
            }
            for text in connection {
                let (node, name) = try FlowOptions.pair(text, option: "--connection")
                experiment.connections[node] = name
            }
            if let limit {
                guard limit > 0 else { throw PlainFailure("ArgumentInvalid", "--limit must be above 0") }
                for index in experiment.datasets.indices {
                    experiment.datasets[index].limit = min(limit, experiment.datasets[index].limit ?? .max)
                }
            }
            return experiment
        }
    }

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run an experiment and write its report.",
            discussion: """
                Says first how many lines and model calls that is and what they may cost. An attempt that was interrupted is \
                gone on with: lines that are finished are not run again. Evaluators can be changed afterwards without running \
                the flow again (`pawang experiment report`).

                Exit status: 0 every line completed; 1 lines failed, or a limit stopped it; 2 the file is wrong; 3 a provider or \
                the machine failed; 130 interrupted.
                """)

        @OptionGroup var options: ExperimentCommand.Options

        @Option(name: .long, help: "Model calls at most; nothing is sent beyond.")
        var maxCalls: Int?

        @Option(name: .long, help: ArgumentHelp("Money at most; nothing is sent beyond.", valueName: "dollars"))
        var maxCost: Double?

        @Option(name: .long, help: "Lines at the same time.")
        var concurrency: Int?

        @Option(
            name: .long, help: ArgumentHelp("Where report.html, result.csv and metrics.csv go.", valueName: "folder"))
        var out: String?

        @Option(name: .long, help: ArgumentHelp("Go on with this run.", valueName: "run"))
        var resume: String?

        @Flag(name: .long, help: "Start anew even if an interrupted attempt is there.")
        var fresh = false

        @Option(
            name: .long, help: ArgumentHelp("Record every model call into this file, for replay.", valueName: "file"))
        var record: String?

        @Flag(name: .long, help: "Print one JSON object.")
        var json = false

        func run() async throws {
            var experiment = try options.experiment()
            if let concurrency {
                guard (1...1000).contains(concurrency) else {
                    throw PlainFailure("ArgumentInvalid", "--concurrency must be from 1 to 1000")
                }
                experiment.concurrency = concurrency
            }
            var applicationOptions = Application.Options()
            applicationOptions.budget = try BudgetOptions.limits(
                calls: [maxCalls, experiment.maximumCalls].compactMap(\.self).min(),
                dollars: [maxCost, experiment.maximumCostUSD].compactMap(\.self).min())
            applicationOptions.recordingPath = record
            applicationOptions.workers = experiment.concurrency
            applicationOptions.declaredConnections = experiment.declaredConnections
            let ready = experiment
            let status = try await Application.with(options: applicationOptions) {
                try await run(ready, application: $0)
            }
            if status != 0 { throw ExitCode(status) }
        }

        private func run(_ experiment: Experiment, application: Application) async throws -> Int32 {
            let terminal = Terminal.standard
            let session = try await ExperimentSession.open(experiment, application: application)
            let plan = session.plan
            terminal.note(try PlanText.describe(plan, application: application))
            let runner = ExperimentRunner(store: application.store)
            let resuming = try await attempt(runner, plan, application: application)
            if let resuming { terminal.note("going on with \(resuming.id)") }
            let bar = ProgressBarBox(experiment.name, total: plan.lineCount)
            let failures = FailureTally()
            var lock: ExperimentLock?
            let store = application.workspace.storePath(environment: application.environment)
            let outcome = try await runner.run(
                plan, resuming: resuming, onBegin: { lock = try ExperimentLock(run: $0, beside: store) },
                onKept: { bar.begin(kept: $0) },
                onLine: { line in
                    bar.bar?.add(line)
                    failures.add(line)
                })
            bar.bar?.finish()
            withExtendedLifetime(lock) {}
            if let reason = outcome.interruption {
                terminal.note(
                    "\(terminal.errorWord) stopped: \(reason.message)\ngo on with a higher limit: pawang experiment run \(options.file) --resume \(outcome.record.id)"
                )
                return Blame.result.rawValue
            }
            guard outcome.record.status != .canceled else {
                terminal.note("interrupted; the same command goes on from here")
                return ExitStatus.interrupted
            }
            let (analysis, summary) = try await session.analyse(outcome.record)
            let folder = out ?? application.workspace.path(".pawang/reports/\(experiment.name)-\(outcome.record.id)")
            try await session.report(outcome.record, analysis: analysis, summary: summary, to: folder)
            try await runner.conclude(outcome)
            ExperimentText(
                summary: summary, record: outcome.record, folder: folder, totals: outcome.totals, kept: outcome.kept,
                failures: failures.sentences
            )
            .write(json: json, terminal: terminal)
            if outcome.totals.lines > 0, outcome.totals.completed == 0, outcome.totals.blame == .environment {
                return Blame.environment.rawValue
            }
            return outcome.record.status == .completed ? 0 : Blame.result.rawValue
        }

        private func attempt(_ runner: ExperimentRunner, _ plan: ExperimentPlan, application: Application) async throws
            -> RunRecord?
        {
            if let resume {
                guard let record = try await application.store.run(id: resume) else {
                    throw PlainFailure("RunNotFound", "there is no run `\(resume)`; `pawang runs list` shows them")
                }
                guard record.settings["digest"]?.string == plan.digest.description else {
                    throw PlainFailure(
                        "ExperimentInvalid",
                        "the run `\(resume)` is of another experiment, or flows or data have changed since; run it anew with --fresh"
                    )
                }
                return record
            }
            return fresh ? nil : try await runner.unfinished(plan)
        }
    }

    struct Plan: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what an experiment would run, and what it may cost. Nothing is sent.")

        @OptionGroup var options: ExperimentCommand.Options

        @Flag(name: .long, help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let experiment = try options.experiment()
            var applicationOptions = Application.Options()
            applicationOptions.declaredConnections = experiment.declaredConnections
            try await Application.with(options: applicationOptions) { application in
                let session = try await ExperimentSession.open(experiment, application: application)
                if json {
                    Terminal.standard.print(
                        JSONValue.object([
                            "digest": .string(session.plan.digest.description),
                            "variants": .array(session.plan.variants.map { .string($0.variant.id) }),
                            "baseline": .string(session.plan.variants[session.plan.baseline].variant.id),
                            "lines": .int(session.plan.lineCount),
                            "model_calls": .int(session.plan.callCount),
                        ]).text())
                } else {
                    Terminal.standard.print(try PlanText.describe(session.plan, application: application))
                }
            }
        }
    }

    struct Report: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Score a finished run again, with the evaluators the file has now, and write its report.")

        @OptionGroup var options: ExperimentCommand.Options

        @Option(name: .long, help: ArgumentHelp("Which run. (default: the newest finished one)", valueName: "run"))
        var run: String?

        @Option(name: .long, help: ArgumentHelp("Where the files go.", valueName: "folder"))
        var out: String?

        @Flag(name: .long, help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let experiment = try options.experiment()
            var applicationOptions = Application.Options()
            applicationOptions.declaredConnections = experiment.declaredConnections
            try await Application.with(options: applicationOptions) { application in
                let session = try await ExperimentSession.open(experiment, application: application)
                let record = try await ExperimentCommand.record(self.run, session: session)
                let (analysis, summary) = try await session.analyse(record)
                let folder = out ?? application.workspace.path(".pawang/reports/\(experiment.name)-\(record.id)")
                try await session.report(record, analysis: analysis, summary: summary, to: folder)
                ExperimentText(summary: summary, record: record, folder: folder, totals: LineTotals(), kept: 0)
                    .write(json: json, terminal: .standard)
            }
        }
    }

    /// The run of this id, or the newest finished one of the experiment.
    static func record(_ id: String?, session: ExperimentSession) async throws -> RunRecord {
        if let id {
            guard let record = try await session.application.store.run(id: id), record.settings["kind"] == "experiment"
            else {
                throw PlainFailure("RunNotFound", "there is no experiment run `\(id)`; `pawang runs list` shows them")
            }
            guard record.settings["digest"]?.string == session.plan.digest.description else {
                throw PlainFailure(
                    "ExperimentInvalid", "the run `\(id)` is of another experiment, or flows or data have changed since"
                )
            }
            return record
        }
        guard let record = try await session.newestFinished() else {
            throw PlainFailure(
                "RunNotFound",
                "the experiment `\(session.plan.experiment.name)` has no finished run as it is now; run it with `pawang experiment run`"
            )
        }
        return record
    }
}

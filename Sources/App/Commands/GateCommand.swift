import ArgumentParser
import Domain
import Evaluation
import Foundation

/// `pawang gate`: says whether a candidate meets its bar.
struct GateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gate",
        abstract: "Check an experiment's result against rules; the exit status says whether it passes.",
        discussion: """
            A gate file names an experiment and its rules:

                experiment: experiments/prompts.yaml
                rules:
                  - {metric: f1, variant: new, at_least: 0.1}
                  - {metric: f1, variant: new, not_worse_than: old, by_more_than: 0.02}
                  - {metric: latency_p95_ms, variant: new, at_most: 5000}

            Failed and missing lines fail the gate unless it says `failed_lines: N` or `failed_lines: ignore`.

            Exit status: 0 passed; 1 not passed; 2 the request was wrong; 3 the machine failed.
            """)

    @Argument(help: "The gate's file.")
    var file: String

    @Option(name: .long, help: ArgumentHelp("Check this run instead of the experiment's newest.", valueName: "run"))
    var run: String?

    @Option(
        name: .customLong("environment"),
        help: ArgumentHelp("Use the experiment's overlay of this name.", valueName: "name"))
    var environment: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Use this connection for a node; * for all model nodes.", valueName: "node=name"))
    var connection: [String] = []

    @Option(name: .long, help: ArgumentHelp("Write JUnit XML for CI systems.", valueName: "file"))
    var junit: String?

    @Flag(name: .long, help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let gate = try Gate(file: file)
        guard let path = gate.experiment else {
            throw PlainFailure(
                "GateInvalid",
                "`\(file)` names a run but no experiment; name the experiment too, whose rules of scoring count")
        }
        var declared = try ExperimentReader(file: path).read(environment: environment)
        for text in connection {
            let (node, name) = try FlowOptions.pair(text, option: "--connection")
            declared.connections[node] = name
        }
        let experiment = declared
        var options = Application.Options()
        options.declaredConnections = experiment.declaredConnections
        let passed = try await Application.with(options: options) { application in
            let session = try await ExperimentSession.open(experiment, application: application)
            let record = try await ExperimentCommand.record(self.run ?? gate.run, session: session)
            let (analysis, summary) = try await session.analyse(record)
            let result = try GateCheck(gate: gate, analysis: analysis, summary: summary).check()
            try show(result, record: record)
            return result.passed
        }
        if !passed { throw ExitCode(Blame.result.rawValue) }
    }

    private func show(_ result: ReportSummary.Gate, record: RunRecord) throws {
        if let junit {
            do {
                try Data(result.junit(name: file).utf8).write(to: URL(fileURLWithPath: junit), options: .atomic)
            } catch {
                throw PlainFailure(
                    "OutputFailed", "`\(junit)` cannot be written; check the path and its permissions",
                    blame: .environment)
            }
        }
        let terminal = Terminal.standard
        if json {
            var object = result.outcome.object ?? [:]
            object["run"] = .string(record.id)
            terminal.print(JSONValue.object(object).text())
            return
        }
        var table = TextTable(["", "metric", "variant", "rule", "because"])
        for row in result.rows {
            table.add([
                row.passed ? terminal.good("pass") : terminal.bad("FAIL"), row.metric, row.variant, row.rule,
                row.reason,
            ])
        }
        terminal.print(table.text)
        terminal.print(
            terminal.bold(result.passed ? "the gate is passed" : "the gate is not passed")
                + terminal.faint("  (run \(record.id))"))
    }
}

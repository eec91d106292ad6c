import ArgumentParser
import Domain
import Evaluation
import Flows
import Foundation

/// `pawang run`: one flow on one input or a dataset.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a flow on one input or on a dataset.",
        discussion: """
            FLOW is a folder, a flow.dag.yaml, a .prompty, or the name of a flow in the workspace.

            On one input, on a dataset, and over an earlier run:

                pawang run answer --input question='Who?' --input passage='Ann did.'
                pawang run answer --data questions.jsonl --map 'question=${data.text}'
                pawang run grade --run RUN --map 'answer=${run.outputs.answer}'

            Exit status: 0 every line completed; 1 a line or an aggregation failed; 2 the request was wrong (flow, inputs, \
            options); 3 a provider or the machine failed; 130 interrupted (go on with --resume RUN).
            """)

    @Argument(help: "The flow. May be left out with --resume.")
    var flow: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A value for an input of the flow; JSON where it is JSON and the input is no text.", valueName: "name=value"
        ))
    var input: [String] = []

    @Option(name: .long, help: ArgumentHelp("A JSON file with the inputs, or - for standard input.", valueName: "file"))
    var inputs: String?

    @Option(
        name: .long, help: ArgumentHelp("A dataset: JSONL, JSON, CSV, TSV, or a folder of them.", valueName: "file"))
    var data: String?

    @Option(
        name: .customLong("map"), help: ArgumentHelp("Where an input comes from.", valueName: "'name=${data.column}'"))
    var mapping: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("An earlier run whose inputs and outputs the mapping may use.", valueName: "run"))
    var run: String?

    @Option(name: .long, help: ArgumentHelp("Go on with a run: lines that completed are kept.", valueName: "run"))
    var resume: String?

    @OptionGroup var options: FlowOptions

    @Option(
        name: .long,
        help: ArgumentHelp("Write inputs, outputs, lines, metrics and spans into this folder.", valueName: "folder"))
    var out: String?

    @Option(
        name: .long,
        help: "Lines at the same time. (default: the number of cores, at least 4 for flows that call models)")
    var concurrency: Int?

    @Option(name: .long, help: ArgumentHelp("How long a line may take. (default: 600)", valueName: "seconds"))
    var lineTimeout: Int?

    @Option(name: .long, help: ArgumentHelp("How long all lines may take. (default: no limit)", valueName: "seconds"))
    var batchTimeout: Int?

    @Option(name: .long, help: "Model calls at most; nothing is sent beyond.")
    var maxCalls: Int?

    @Option(name: .long, help: ArgumentHelp("Money at most; nothing is sent beyond.", valueName: "dollars"))
    var maxCost: Double?

    @Option(name: .long, help: "A name for the run. (default: the flow's)")
    var name: String?

    @Flag(name: .long, help: "Show the model's text while it comes, on standard error.")
    var stream = false

    @Flag(name: .long, help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let terminal = Terminal.standard
        var applicationOptions = Application.Options()
        applicationOptions.budget = try BudgetOptions.limits(calls: maxCalls, dollars: maxCost)
        applicationOptions.limits = try limits()
        applicationOptions.workers = concurrency
        if stream { applicationOptions.onText = { _, piece in terminal.note(raw: piece) } }
        let status = try await Application.with(options: applicationOptions) { application in
            let plan = try await RunPlan.make(from: self, application: application)
            let result = try await FlowRun(plan: plan, application: application).perform()
            if stream { terminal.note("") }
            try await RunOutput(result: result, store: application.store).write(
                json: json, folder: out, terminal: terminal)
            return result.exitStatus
        }
        if status != 0 { throw ExitCode(status) }
    }

    private func limits() throws -> FlowLimits {
        let environment = ProcessInfo.processInfo.environment
        var limits = FlowLimits()
        if let seconds = try lineTimeout ?? Self.seconds("PF_LINE_TIMEOUT_SEC", environment) {
            guard seconds > 0 else { throw PlainFailure("ArgumentInvalid", "--line-timeout must be above 0") }
            limits.lineTimeout = .seconds(seconds)
        }
        return limits
    }

    /// A number of seconds from prompt flow's environment variable.
    static func seconds(_ name: String, _ environment: [String: String]) throws -> Int? {
        guard let text = environment[name], !text.isEmpty else { return nil }
        guard let seconds = Int(text), seconds > 0 else {
            throw PlainFailure(
                "ArgumentInvalid", "the environment variable \(name) must be a whole number of seconds above 0")
        }
        return seconds
    }
}

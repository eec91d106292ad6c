import ArgumentParser
import Domain
import Evaluation
import Foundation

/// `pawang record`: runs a flow and keeps every model call for `replay` connections.
struct RecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Run a flow and record the model's answers for replay.",
        discussion: """
            The file gets one line per call, added at its end. A connection of the type replay answers from it:

                pawang record answer --data questions.jsonl --to recordings/answer.jsonl
                pawang run answer --data questions.jsonl --connection '*=recorded'

            with this in connections.yaml:

                recorded: {type: replay, path: recordings/answer.jsonl}

            Prompts and answers stand in the file in clear; keys do not.
            """)

    @Argument(help: "The flow.")
    var flow: String

    @Option(name: .long, help: ArgumentHelp("The file of recordings.", valueName: "file"))
    var to: String

    @Option(name: .long, help: ArgumentHelp("A value for an input of the flow.", valueName: "name=value"))
    var input: [String] = []

    @Option(name: .long, help: ArgumentHelp("A dataset.", valueName: "file"))
    var data: String?

    @Option(
        name: .customLong("map"), help: ArgumentHelp("Where an input comes from.", valueName: "'name=${data.column}'"))
    var mapping: [String] = []

    @OptionGroup var options: FlowOptions

    @Option(name: .long, help: "Lines at the same time.")
    var concurrency: Int?

    @Flag(name: .long, help: "Print one JSON object.")
    var json = false

    func run() async throws {
        var applicationOptions = Application.Options()
        applicationOptions.recordingPath = to
        let prepared = try RunCommand.parse(arguments)
        let status = try await Application.with(options: applicationOptions) { application in
            let plan = try await RunPlan.make(from: prepared, application: application)
            let result = try await FlowRun(plan: plan, application: application).perform()
            try await RunOutput(result: result, store: application.store).write(
                json: json, folder: nil, terminal: .standard)
            return result.exitStatus
        }
        if status != 0 { throw ExitCode(status) }
    }

    /// The arguments of the `pawang run` that is recorded.
    private var arguments: [String] {
        var arguments = [flow]
        func add(_ option: String, _ values: [String]) { for value in values { arguments += ["--\(option)", value] } }
        add("input", input)
        add("data", data.map { [$0] } ?? [])
        add("map", mapping)
        add("concurrency", concurrency.map { [String($0)] } ?? [])
        add("variant", options.variant)
        add("connection", options.connection)
        add("set", options.set)
        add("env", options.env)
        add("init", options.initialization)
        return arguments
    }
}

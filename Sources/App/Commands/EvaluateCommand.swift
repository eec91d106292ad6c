import ArgumentParser
import Domain
import Evaluation
import Foundation

/// `pawang evaluate`: scores rows that already hold an answer and what was expected.
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Score a dataset that already holds the answers.",
        discussion: """
            Columns named response and ground_truth (and query, context) are found by themselves; others are mapped:

                pawang evaluate answers.jsonl --evaluator f1 --map 'response=${data.answer}'

            Exit status: 0 every line was scored; 1 some could not be; 2 the request was wrong; 3 a provider or the machine failed.
            """)

    @Argument(help: "The dataset. Left out with --list.")
    var file: String?

    @Option(name: .long, help: ArgumentHelp("An evaluator; more than once for several.", valueName: "name"))
    var evaluator: [String] = []

    @Option(
        name: .customLong("map"),
        help: ArgumentHelp("Where an evaluator's input comes from.", valueName: "'name=${data.column}'"))
    var mapping: [String] = []

    @Option(name: .long, help: ArgumentHelp("A parameter of an evaluator.", valueName: "evaluator.name=value"))
    var parameter: [String] = []

    @Option(name: .long, help: ArgumentHelp("The connection that judges ask.", valueName: "name"))
    var connection: String?

    @Option(name: .long, help: ArgumentHelp("The model that judges ask.", valueName: "name"))
    var model: String?

    @Option(
        name: .long, help: ArgumentHelp("Write the rows with their scores here (.jsonl or .csv).", valueName: "file"))
    var out: String?

    @Flag(name: .long, help: "List the evaluators.")
    var list = false

    @Flag(name: .long, help: "Print one JSON object.")
    var json = false

    func run() async throws {
        if list {
            EvaluatorList().write(json: json, terminal: .standard)
            return
        }
        guard let file else { throw PlainFailure("ArgumentInvalid", "name the dataset to score, or use --list") }
        guard !evaluator.isEmpty else {
            throw PlainFailure("ArgumentInvalid", "name at least one --evaluator; --list shows them")
        }
        let declared = try evaluator.map { name in
            ExperimentEvaluator(
                name: name, kind: .named(name), mappings: try mappings(of: name), parameters: try parameters(of: name),
                sources: [:],
                connection: connection, model: model)
        }
        let dataset = try Dataset(path: file)
        let out = out
        let json = json
        // Known names that need no application are the common case, and start at once.
        let complete: Bool
        if let uses = try deterministic(declared) {
            complete = try await RowScoring(dataset: dataset, uses: uses, models: []).write(to: out, json: json)
        } else {
            complete = try await Application.with { application in
                let factory = EvaluatorFactory(
                    application: application, directory: FileManager.default.currentDirectoryPath)
                var uses: [EvaluatorUse] = []
                var models: [any ModelEvaluator] = []
                for evaluator in declared {
                    switch try await factory.make(evaluator, mappings: evaluator.mappings) {
                    case .deterministic(let use): uses.append(use)
                    case .model(let model): models.append(model)
                    }
                }
                return try await RowScoring(dataset: dataset, uses: uses, models: models).write(to: out, json: json)
            }
        }
        if !complete { throw ExitCode(Blame.result.rawValue) }
    }

    private func mappings(of evaluator: String) throws -> JSONObject {
        var all = JSONObject()
        for text in mapping {
            let (name, value) = try FlowOptions.pair(text, option: "--map")
            // One mapping serves all evaluators that have such an input.
            if let definition = try? EvaluatorCatalogue.find(evaluator),
                !definition.inputs.contains(where: { $0.name == name })
            {
                continue
            }
            all[name] = .string(value)
        }
        return all
    }

    private func parameters(of evaluator: String) throws -> JSONObject {
        var parameters = JSONObject()
        for text in parameter {
            let (path, value) = try FlowOptions.pair(text, option: "--parameter")
            guard let dot = path.lastIndex(of: ".") else {
                throw PlainFailure("ArgumentInvalid", "--parameter is EVALUATOR.NAME=VALUE, not `\(text)`")
            }
            let name = String(path[..<dot])
            guard self.evaluator.contains(name) else {
                throw PlainFailure(
                    "ArgumentInvalid",
                    "--parameter names `\(name)`, which is no --evaluator\(NearestName.hint(for: name, among: self.evaluator))"
                )
            }
            if name == evaluator { parameters[String(path[path.index(after: dot)...])] = FlowOptions.value(value) }
        }
        return parameters
    }

    /// The uses, if every evaluator is of the catalogue; `nil` where one may be a judge or a file of the workspace.
    private func deterministic(_ declared: [ExperimentEvaluator]) throws -> [EvaluatorUse]? {
        var uses: [EvaluatorUse] = []
        for evaluator in declared {
            guard (try? EvaluatorCatalogue.find(evaluator.name)) != nil else { return nil }
            uses.append(
                try EvaluatorUse(
                    name: evaluator.name, evaluator: evaluator.name, parameters: evaluator.parameters,
                    mappings: evaluator.mappings))
        }
        return uses
    }
}

import ArgumentParser
import Domain
import Evaluation
import Foundation

/// `pawang judge`: says whether a judge is to be trusted.
struct JudgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "judge", abstract: "Measure judges against people.", subcommands: [Check.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare a judge with human labels: agreement, κ, bias, and a mean that is corrected for it.",
            discussion: """
                Scores. The judge's replies stand in a column, or a judge is asked now; rows without a label only count for the \
                corrected mean (prediction-powered inference):

                    pawang judge check rated.jsonl --human label --reply judge_reply
                    pawang judge check rated.jsonl --human label --judge relevance --connection aoai

                Pairs. Both orders stand in columns; the label says which answer people prefer (1 or 2, 0 for a tie):

                    pawang judge check pairs.jsonl --human label --forward ab --swapped ba

                A column may be a path: judgements.GPT-4/Vanilla.0
                """)

        @Argument(help: "The dataset with human labels.")
        var file: String

        @Option(name: .long, help: ArgumentHelp("The column with the human label.", valueName: "column"))
        var human: String

        @Option(name: .long, help: ArgumentHelp("The column with the judge's reply or score.", valueName: "column"))
        var reply: String?

        @Option(name: .long, help: ArgumentHelp("The scale of scores in replies.", valueName: "low-high"))
        var scale = "1-5"

        @Option(
            name: .long,
            help: ArgumentHelp("The column with the reply for the order (first, second).", valueName: "column"))
        var forward: String?

        @Option(
            name: .long,
            help: ArgumentHelp("The column with the reply for the order (second, first).", valueName: "column"))
        var swapped: String?

        @Option(name: .long, help: ArgumentHelp("Ask this judge now.", valueName: "name"))
        var judge: String?

        @Option(name: .long, help: ArgumentHelp("The connection to ask it on.", valueName: "name"))
        var connection: String?

        @Option(name: .long, help: ArgumentHelp("The model to ask.", valueName: "name"))
        var model: String?

        @Option(
            name: .customLong("map"),
            help: ArgumentHelp("Where an input of the judge comes from.", valueName: "'name=${data.column}'"))
        var mapping: [String] = []

        @Flag(name: .long, help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let dataset = try Dataset(path: file)
            let result: JSONValue
            if let forward, let swapped {
                result = try pairs(dataset, forward: ColumnPath(forward), swapped: ColumnPath(swapped))
            } else if forward != nil || swapped != nil {
                throw PlainFailure(
                    "ArgumentInvalid", "--forward and --swapped go together: a judge is measured in both orders")
            } else if let judge {
                result = try await asked(dataset, judge: judge)
            } else if let reply {
                result = try scores(dataset, reply: ColumnPath(reply))
            } else {
                throw PlainFailure(
                    "ArgumentInvalid",
                    "name what the judge said: --reply, --forward and --swapped, or --judge to ask one now")
            }
            if json {
                Terminal.standard.print(result.text())
                return
            }
            var table = TextTable(["measure", "value"])
            for (name, value) in result.object ?? [:] {
                table.add([name.replacing("_", with: " "), Self.shown(value)])
            }
            Terminal.standard.print(table.text)
        }

        /// A measure for people: a number, a number with its interval, or a dash.
        private static func shown(_ value: JSONValue) -> String {
            if let number = value.double { return String(format: "%.4g", number) }
            if let estimate = value.object, let mean = estimate["mean"], let low = estimate["low"],
                let high = estimate["high"]
            {
                return "\(shown(mean)) (\(shown(low))–\(shown(high)))"
            }
            return value.isNull ? "–" : value.string ?? value.text()
        }

        private func pairs(_ dataset: Dataset, forward: ColumnPath, swapped: ColumnPath) throws -> JSONValue {
            let label = ColumnPath(human)
            var items: [PairwiseCheck.Item] = []
            var rows = dataset.rows()
            while let row = try rows.next() {
                guard let value = label.value(in: row.values), let people = Self.choice(value) else {
                    throw PlainFailure(
                        "DatasetInvalid", "line \(row.lineNumber) of `\(file)` has no label 1, 2 or 0 in `\(human)`")
                }
                items.append(
                    PairwiseCheck.Item(
                        human: people, forward: forward.text(in: row.values).flatMap { JudgeReply($0).choice() },
                        swapped: swapped.text(in: row.values).flatMap { JudgeReply($0).choice() }))
            }
            return try PairwiseCheck(items).json
        }

        private static func choice(_ value: JSONValue) -> PairwiseChoice? {
            switch value.string?.lowercased() ?? value.text() {
            case "1", "1.0", "a", "first": .first
            case "2", "2.0", "b", "second": .second
            case "0", "0.0", "tie": .tie
            default: nil
            }
        }

        private func scores(_ dataset: Dataset, reply: ColumnPath) throws -> JSONValue {
            let bounds = scale.split(separator: "-").compactMap { Double($0) }
            guard bounds.count == 2, bounds[0] < bounds[1] else {
                throw PlainFailure("ArgumentInvalid", "--scale is LOW-HIGH, such as 1-5")
            }
            let range = bounds[0]...bounds[1]
            return try check(dataset) { row in
                reply.value(in: row).flatMap { $0.double ?? $0.string.flatMap { JudgeReply($0).score(on: range) } }
            }
        }

        private func asked(_ dataset: Dataset, judge: String) async throws -> JSONValue {
            let mappings = JSONObject(
                try mapping.map { try FlowOptions.pair($0, option: "--map") }.map { ($0.0, .string($0.1)) })
            return try await Application.with { application in
                let factory = EvaluatorFactory(
                    application: application, directory: FileManager.default.currentDirectoryPath)
                let declared = ExperimentEvaluator(
                    name: judge, kind: .named(judge), connection: connection, model: model)
                guard case .model(let evaluator) = try await factory.make(declared, mappings: mappings) else {
                    throw PlainFailure(
                        "ArgumentInvalid", "`\(judge)` is computed and asks no model; there is no judge to measure")
                }
                var found: [Double?] = []
                var rows = dataset.rows()
                while let row = try rows.next() {
                    found.append(await evaluator.score(sources: ["data": .object(row.values)]).scores.first?.value)
                }
                var place = -1
                return try check(dataset) { _ in
                    place += 1
                    return found[place]
                }
            }
        }

        /// Measures scores; rows whose label is null or missing count as unlabelled.
        private func check(_ dataset: Dataset, score: (JSONObject) -> Double?) throws -> JSONValue {
            let label = ColumnPath(human)
            var pairs: [(human: Double, judge: Double?)] = []
            var unlabelled: [Double?] = []
            var rows = dataset.rows()
            while let row = try rows.next() {
                let judged = score(row.values)
                switch label.value(in: row.values) {
                case nil, .null?: unlabelled.append(judged)
                case let value?:
                    guard
                        let number = value.double ?? value.bool.map({ $0 ? 1 : 0 })
                            ?? value.string.flatMap({ Double($0) })
                    else {
                        throw PlainFailure(
                            "DatasetInvalid",
                            "line \(row.lineNumber) of `\(file)` has a label in `\(human)` that is no number")
                    }
                    pairs.append((number, judged))
                }
            }
            return try ScoreCheck(pairs: pairs, unlabelled: unlabelled).json
        }
    }
}

/// A column, or a path into one: `judgements.GPT-4/Vanilla.0.completion`.
struct ColumnPath {
    private let path: String

    init(_ path: String) { self.path = path }

    /// The value there, or `nil`.
    ///
    /// A name with dots in it goes before a path.
    func value(in row: JSONObject) -> JSONValue? { Self.find(path[...], in: .object(row)) }

    func text(in row: JSONObject) -> String? { value(in: row).flatMap { $0.isNull ? nil : $0.string ?? $0.text() } }

    private static func find(_ path: Substring, in value: JSONValue) -> JSONValue? {
        if let whole = member(String(path), of: value) { return whole }
        var dot = path.firstIndex(of: ".")
        while let place = dot {
            if let inner = member(String(path[..<place]), of: value),
                let found = find(path[path.index(after: place)...], in: inner)
            {
                return found
            }
            dot = path[path.index(after: place)...].firstIndex(of: ".")
        }
        return nil
    }

    private static func member(_ name: String, of value: JSONValue) -> JSONValue? {
        switch value {
        case .object(let object): object[name]
        case .array(let elements): Int(name).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
        default: nil
        }
    }
}

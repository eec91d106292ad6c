import ArgumentParser
import Domain
import Evaluation
import Foundation

/// `pawang dataset`: look at data before trusting it.
struct DatasetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dataset", abstract: "Show, describe and split datasets.",
        subcommands: [Show.self, Stats.self, Split.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the first rows and the content's digest.")

        @Argument(help: "The dataset.")
        var file: String

        @Option(name: .long, help: "How many rows.")
        var rows = 5

        @Flag(name: .long, help: "Print one JSON object.")
        var json = false

        func run() throws {
            guard (0...100_000).contains(rows) else {
                throw PlainFailure("ArgumentInvalid", "--rows must be from 0 to 100000")
            }
            let dataset = try Dataset(path: file)
            let head = try dataset.head(rows)
            let digest = try dataset.digest()
            if json {
                Terminal.standard.print(
                    JSONValue.object([
                        "dataset": .string(file), "digest": .string(digest.description),
                        "rows": .array(head.map { .object($0.values) }),
                    ]).text())
                return
            }
            for row in head { Terminal.standard.print(JSONValue.object(row.values).text(indent: 2)) }
            Terminal.standard.note("digest \(digest)")
        }
    }

    struct Stats: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Count rows, types, missing values and lengths of each column.")

        @Argument(help: "The dataset.")
        var file: String

        @Flag(name: .long, help: "Print one JSON object.")
        var json = false

        func run() throws {
            let statistics = try DatasetStatistics(of: Dataset(path: file))
            if json {
                Terminal.standard.print(statistics.json.text())
                return
            }
            Terminal.standard.print("\(statistics.rows) rows")
            var table = TextTable(["column", "types", "missing", "unique", "length p50", "length p95", "range"])
            for column in statistics.columns {
                let kinds = column.kinds.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
                    "\($0.key) \($0.value)"
                }.joined(separator: ", ")
                func length(_ share: Double) -> String { column.lengths.quantile(share).map { String(Int($0)) } ?? "" }
                let range = column.minimum.flatMap { low in column.maximum.map { "\(low) to \($0)" } } ?? ""
                table.add([
                    column.name, kinds, String(column.missing), "\(column.uniqueIsBound ? "≥ " : "")\(column.unique)",
                    length(0.5), length(0.95), range,
                ])
            }
            Terminal.standard.print(table.text)
        }
    }

    struct Split: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Split a dataset into parts, the same way every time.",
            discussion: "pawang dataset split all.jsonl --part train=0.8 --part test=0.2 --out parts --group title")

        @Argument(help: "The dataset.")
        var file: String

        @Option(name: .long, help: ArgumentHelp("A part and its share.", valueName: "name=share"))
        var part: [String]

        @Option(name: .long, help: ArgumentHelp("The folder for the parts.", valueName: "folder"))
        var out: String

        @Option(name: .long, help: "Another seed gives another split.")
        var seed = 0

        @Option(
            name: .long, help: ArgumentHelp("Rows with equal values of this column stay together.", valueName: "column")
        )
        var group: String?

        func run() throws {
            let parts = try part.map { text in
                let (name, share) = try FlowOptions.pair(text, option: "--part")
                guard let share = Double(share), share.isFinite else {
                    throw PlainFailure("ArgumentInvalid", "--part is NAME=SHARE, not `\(text)`")
                }
                return DatasetSplit.Part(name: name, share: share)
            }
            let counts = try DatasetSplit(parts: parts, seed: seed, group: group).write(Dataset(path: file), to: out)
            for (part, count) in zip(parts, counts) {
                Terminal.standard.print("\(out)/\(part.name).jsonl: \(count) rows")
            }
        }
    }
}

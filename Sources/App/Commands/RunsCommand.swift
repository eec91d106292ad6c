import ArgumentParser
import Domain
import Foundation

/// `pawang runs`: what was run.
struct RunsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "List, show and export runs.", subcommands: [List.self, Show.self, Export.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the newest runs.")

        @Option(name: .long, help: "How many.")
        var limit = 20

        @Flag(name: .long, help: "Print one JSON object.")
        var json = false

        func run() async throws {
            guard (1...100_000).contains(limit) else {
                throw PlainFailure("ArgumentInvalid", "--limit must be from 1 to 100000")
            }
            try await Application.with { application in
                let runs = try await application.store.runs(limit: limit)
                if json {
                    Terminal.standard.print(JSONValue.object(["runs": .array(runs.map(\.json))]).text())
                    return
                }
                var table = TextTable(["run", "name", "status", "started", "took"])
                for run in runs {
                    let started = Date(timeIntervalSince1970: Double(run.start) / 1e9).formatted(.iso8601)
                    table.add([
                        run.id, run.name, run.status.rawValue, started,
                        run.end.map { DurationText.short(seconds: Double($0 - run.start) / 1e9) } ?? "",
                    ])
                }
                Terminal.standard.print(table.text)
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a run, or one of its lines with its trace.")

        @Argument(help: "The run.")
        var run: String

        @Option(name: .long, help: "Show this line and its spans.")
        var line: Int?

        func run() async throws {
            try await Application.with { application in
                let record = try await RunsCommand.find(self.run, application)
                guard let line else {
                    try await showRun(record, application)
                    return
                }
                guard let found = try await application.store.lines(of: record.id, after: line - 1, limit: 1).first,
                    found.lineNumber == line
                else {
                    throw PlainFailure("LineNotFound", "the run `\(record.id)` has no line \(line)")
                }
                Terminal.standard.print(found.full.text(indent: 2))
                for span in try await application.store.spans(of: record.id, line: line) {
                    Terminal.standard.print(
                        "\(span.kind.rawValue)  \(span.name)  \(DurationText.short(seconds: Double(span.duration) / 1e9))\(span.error.map { "  \($0.code)" } ?? "")"
                    )
                }
            }
        }

        private func showRun(_ record: RunRecord, _ application: Application) async throws {
            Terminal.standard.print(record.json.text(indent: 2))
            var table = TextTable(["line", "status", "error"])
            var after = -1
            while true {
                let page = try await application.store.lines(of: record.id, after: after, limit: 500)
                guard let last = page.last else { break }
                after = last.lineNumber
                for line in page {
                    table.add([
                        String(line.lineNumber), line.status.rawValue,
                        line.error.map { "\($0.code): \($0.message)" } ?? "",
                    ])
                }
            }
            Terminal.standard.print(table.text)
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Write a run into a folder of JSON Lines files.")

        @Argument(help: "The run.")
        var run: String

        @Option(name: .long, help: "The folder.")
        var out: String

        func run() async throws {
            try await Application.with { application in
                let record = try await RunsCommand.find(self.run, application)
                try await RunExport(run: record, store: application.store).write(to: out)
                Terminal.standard.print("written to \(out)")
            }
        }
    }

    /// The run of this id.
    static func find(_ id: String, _ application: Application) async throws -> RunRecord {
        guard let record = try await application.store.run(id: id) else {
            throw PlainFailure("RunNotFound", "there is no run `\(id)`; `pawang runs list` shows them")
        }
        return record
    }
}

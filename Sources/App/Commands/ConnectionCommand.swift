import ArgumentParser
import Domain
import Foundation

/// `pawang connection`: what connections there are and whether they work.
///
/// Secrets are never shown.
struct ConnectionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connection", abstract: "List and test connections to providers.",
        subcommands: [List.self, Test.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the connections that .env, the environment and connections.yaml declare.")

        @Flag(name: .long, help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let terminal = Terminal.standard
            try await Application.with { application in
                var rows: [JSONValue] = []
                for name in application.connections.names {
                    do {
                        let connection = try application.connections.connection(named: name)
                        rows.append([
                            "name": .string(name), "type": .string(connection.type.rawValue),
                            "base": (connection.base ?? connection.settings["path"] ?? connection.settings["file"]).map
                            { .string($0) } ?? .null,
                            "secrets": .array(connection.secrets.keys.sorted().map { .string($0) }), "problem": .null,
                        ])
                    } catch let failure as any Failure {
                        rows.append([
                            "name": .string(name), "type": .null, "base": .null, "secrets": [],
                            "problem": .string(failure.message),
                        ])
                    }
                }
                if json {
                    terminal.print(JSONValue.object(["connections": .array(rows)]).text())
                    return
                }
                guard !rows.isEmpty else {
                    terminal.print(
                        "no connections; declare one in connections.yaml, or set OPENAI_TYPE=open_ai and OPENAI_API_KEY in .env"
                    )
                    return
                }
                var table = TextTable(["name", "type", "address", "secrets"])
                var problems: [String] = []
                for row in rows {
                    let secrets =
                        row["secrets"]?.array?.compactMap(\.string).map { "\($0)=•••" }.joined(separator: " ") ?? ""
                    if let problem = row["problem"]?.string { problems.append(problem) }
                    table.add([
                        row["name"]?.string ?? "", row["type"]?.string ?? "–", row["base"]?.string ?? "",
                        row["problem"]?.string == nil ? secrets : terminal.bad("not ready, see below"),
                    ])
                }
                terminal.print(table.text)
                for problem in problems { terminal.print(problem) }
            }
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send a connection one small request.",
            discussion: "Exit status: 0 it answered; 2 it is declared wrongly; 3 the provider or the machine failed.")

        @Argument(help: "The connection.")
        var name: String

        @Option(name: .long, help: "The model to ask, where the connection names none.")
        var model: String?

        @Flag(name: .long, help: "Print one JSON object.")
        var json = false

        func run() async throws {
            try await Application.with { application in
                let connection = try application.connections.connection(named: name)
                guard connection.type != .custom, connection.type != .replay else {
                    Terminal.standard.print(
                        "\(connection) is declared well; there is nothing to call behind a \(connection.type.rawValue) connection"
                    )
                    return
                }
                let body: JSONObject = [
                    "model": .string(model ?? connection.settings["model"] ?? "gpt-4o-mini"),
                    "messages": [["role": "user", "content": "Answer with the word: yes"]], "max_tokens": 5,
                    "temperature": 0,
                ]
                let start = ContinuousClock.now
                let response = try await application.models.send(
                    ModelRequest(operation: .chat, connection: connection, body: body, timeout: .seconds(60)))
                let seconds = (ContinuousClock.now - start).seconds
                if json {
                    Terminal.standard.print(
                        JSONValue.object([
                            "connection": .string(name), "model": .string(response.model), "seconds": .double(seconds),
                            "input_tokens": .int(response.usage.input), "output_tokens": .int(response.usage.output),
                        ]).text())
                } else {
                    Terminal.standard.print(
                        "\(name) answered in \(DurationText.short(seconds: seconds)) as \(response.model): \(response.usage.input) + \(response.usage.output) tokens"
                    )
                }
            }
        }
    }
}

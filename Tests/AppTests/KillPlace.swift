import Domain
import Foundation
import Stores

/// A workspace with one experiment of two variants, which ask a ``CountingModel``.
final class KillPlace: Sendable {
    static let rows = 1000

    let model: CountingModel
    private let root: URL

    init(model: CountingModel, rows: Int = KillPlace.rows) throws {
        self.model = model
        root = FileManager.default.temporaryDirectory.appending(path: "pawang-kill-\(UUID().uuidString)")
        let nodes = ["terse", "polite"].map {
            """
                  \($0):
                    node:
                      type: llm
                      source: {type: code, path: \($0).jinja2}
                      connection: counting
                      api: chat
                      inputs: {question: "${inputs.question}"}
            """
        }
        let files = [
            "pawang.yaml": "name: kill\n",
            "connections.yaml": """
            counting: {type: open_ai, base_url: "http://127.0.0.1:\(model.port)/v1", api_key: none, model: counting}

            """,
            "flows/answer/terse.jinja2": "user:\nterse {{question}}\n",
            "flows/answer/polite.jinja2": "user:\npolite {{question}}\n",
            "flows/answer/flow.dag.yaml": """
            inputs: {question: {type: string}}
            outputs: {answer: {type: string, reference: "${ask.output}"}}
            nodes:
            - {name: ask, use_variants: true}
            node_variants:
              ask:
                default_variant_id: terse
                variants:
            \(nodes.joined(separator: "\n"))

            """,
            "questions.jsonl": (0..<rows).map { "{\"question\": \"\($0)\", \"answer\": \"\($0)\"}\n" }.joined(),
            "experiment.yaml": """
            name: kill
            flow: answer
            variants:
              prompt:
              - {id: terse, node: ask, variant: terse}
              - {id: polite, node: ask, variant: polite}
            datasets:
            - {name: questions, source: questions.jsonl, mappings: {question: "${data.question}"}}
            evaluators:
            - name: exact_match
              mappings: {response: "${run.outputs.answer}", ground_truth: "${data.answer}"}
            concurrency: 8

            """,
        ]
        for (path, text) in files {
            let file = root.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    /// Runs the experiment with a store of this name; `onStart` gets what sends it a signal.
    ///
    /// Returns the exit status, or the negative signal that ended it, and what it said on standard error.
    func run(
        store: String, arguments: [String] = [], onStart: (@escaping @Sendable (Int32) -> Void) -> Void = { _ in }
    ) async throws -> (status: Int32, errors: String) {
        let process = Process()
        process.executableURL = URL(filePath: try ConformanceEnvironment.binary())
        process.arguments = ["experiment", "run", "experiment.yaml", "--out", report(store).path] + arguments
        process.currentDirectoryURL = root
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": root.path, "PAWANG_STORE": database(store).path]
        let log = root.appending(path: "\(store).log")
        try Data().write(to: log)
        process.standardOutput = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: log)
        let (ends, end) = AsyncStream<Void>.makeStream()
        process.terminationHandler = { _ in end.finish() }
        try process.run()
        onStart { signal in
            // Once it has ended, its number may be another process's.
            if process.isRunning { kill(process.processIdentifier, signal) }
        }
        for await _ in ends {}
        model.clear()
        let errors = String(decoding: try Data(contentsOf: log), as: UTF8.self)
        let wasKilled = process.terminationReason == .uncaughtSignal
        return (wasKilled ? -process.terminationStatus : process.terminationStatus, errors)
    }

    /// What the store holds, read from a copy, so that the next attempt has to recover the files by itself.
    ///
    /// `completed` are the questions of completed lines.
    func stored(_ store: String) async throws -> (experiments: Int, completed: Set<String>) {
        let copy = root.appending(path: "copy-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: copy) }
        for ending in ["", "-wal"] where FileManager.default.fileExists(atPath: database(store).path + ending) {
            try FileManager.default.copyItem(
                atPath: database(store).path + ending, toPath: copy.appending(path: "db").path + ending)
        }
        let runs = SQLRunStore(try SQLiteDatabase(path: copy.appending(path: "db").path))
        var completed: Set<String> = []
        let records = try await runs.runs(limit: 100)
        for record in records {
            guard let variant = record.settings["variant"]?.string else { continue }
            for line in try await runs.lines(of: record.id, after: -1, limit: Self.rows) where line.status == .completed
            {
                completed.insert("\(variant) \(line.inputs["question"]?.string ?? "?")")
            }
        }
        return (records.count { $0.settings["kind"] == "experiment" }, completed)
    }

    /// The rows of `result.csv` without what differs from run to run: times and ids.
    ///
    /// No cell here holds a comma.
    func results(_ store: String) throws -> [[Substring]] {
        let text = try String(contentsOf: report(store).appending(path: "result.csv"), encoding: .utf8)
        let rows = text.split(separator: "\r\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        let kept = (rows.first ?? []).indices.filter { !["latency_ms", "exp_run"].contains(rows[0][$0]) }
        return rows.map { row in kept.map { row[$0] } }
    }

    private func database(_ store: String) -> URL { root.appending(path: "\(store).db") }
    private func report(_ store: String) -> URL { root.appending(path: "\(store)-report") }
}

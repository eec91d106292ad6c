import Domain
import Foundation

/// Shows a run: as JSON for scripts, as text for people, as files in a folder.
struct RunOutput {
    let result: RunResult
    let store: any RunStore

    func write(json: Bool, folder: String?, terminal: Terminal) async throws {
        if let folder { try await RunExport(run: result.record, store: store).write(to: folder) }
        if json {
            try await writeJSON(terminal)
        } else {
            try await writeText(terminal, folder: folder)
        }
    }

    /// One object; lines are written page by page, so that memory does not grow with them.
    private func writeJSON(_ terminal: Terminal) async throws {
        let record = result.record
        var writer = JSONWriter()
        writer.append(raw: "{\"run\":")
        writer.append(.string(record.id))
        writer.append(raw: ",\"status\":")
        writer.append(.string(record.status.rawValue))
        if let single = result.single {
            writer.append(raw: ",\"outputs\":")
            writer.append(.object(single.outputs))
        }
        writer.append(raw: ",\"lines\":[")
        var isFirst = true
        var after = -1
        while true {
            let page = try await store.lines(of: record.id, after: after, limit: 500)
            guard let last = page.last else { break }
            after = last.lineNumber
            for line in page {
                if !isFirst { writer.append(raw: ",") }
                isFirst = false
                writer.append(line.summary)
            }
            terminal.print(bytes: writer.bytes)
            writer.removeAll()
        }
        writer.append(raw: "],\"metrics\":")
        writer.append(.object(record.metrics))
        if !record.errors.isEmpty {
            writer.append(raw: ",\"errors\":")
            writer.append(.object(record.errors))
        }
        writer.append(raw: ",\"usage\":")
        writer.append(.object(result.totals.usage.json(cost: result.totals.cost)))
        writer.append(raw: "}\n")
        terminal.print(bytes: writer.bytes)
    }

    private func writeText(_ terminal: Terminal, folder: String?) async throws {
        let record = result.record
        if let single = result.single {
            if let error = single.error {
                terminal.note("\(terminal.errorWord) \(error.shown)")
            } else {
                for (name, value) in single.outputs {
                    terminal.print("\(terminal.bold(name)): \(value.string ?? value.text(indent: 2))")
                }
            }
        } else {
            let totals = result.totals
            var words = "\(totals.completed) of \(totals.lines) lines completed"
            if totals.failed > 0 { words += ", \(terminal.bad("\(totals.failed) failed"))" }
            terminal.print(words)
            if totals.failed > 0 { try await showFailures(terminal) }
        }
        for (name, value) in record.metrics { terminal.print("\(terminal.bold(name)): \(value.text())") }
        for (node, error) in record.errors {
            terminal.note("\(terminal.errorWord) \(node): \(error["message"]?.string ?? error.string ?? "")")
        }
        var facts = ["run \(record.id)", record.status.rawValue]
        if result.totals.usage.input + result.totals.usage.output > 0 {
            facts.append("\(result.totals.usage.input) + \(result.totals.usage.output) tokens")
            facts.append(CostText.describe(result.totals.cost))
        }
        if let end = record.end { facts.append(DurationText.short(seconds: Double(end - record.start) / 1e9)) }
        terminal.note(facts.joined(separator: " · "))
        if let folder { terminal.note("written to \(folder)") }
    }

    private func showFailures(_ terminal: Terminal) async throws {
        var shown = 0
        var after = -1
        while shown < 5 {
            let page = try await store.lines(of: result.record.id, after: after, limit: 500)
            guard let last = page.last else { return }
            after = last.lineNumber
            for line in page where line.status != .completed && shown < 5 {
                terminal.note("  line \(line.lineNumber): \(line.error?.shown ?? "")")
                shown += 1
            }
        }
        if result.totals.failed > shown {
            terminal.note(
                "  … \(result.totals.failed - shown) more; see them with `pawang runs show \(result.record.id)`")
        }
    }
}

extension LineError {
    /// For a terminal: code and message, of a length that a person reads.
    ///
    /// The store and `--json` have the whole.
    var shown: String {
        let limit = 600
        let start = message.prefix(limit)
        return "\(code): \(start)" + (start.endIndex == message.endIndex ? "" : "… (\(message.utf8.count) bytes)")
    }
}

extension LineRecord {
    /// The line as scripts read it.
    var summary: JSONValue {
        [
            "line_number": .int(lineNumber), "status": .string(status.rawValue), "outputs": .object(outputs),
            "error": error?.json ?? .null,
            "nodes": .object(JSONObject(nodes.map { ($0.name, .string($0.status.rawValue)) })),
        ]
    }
}

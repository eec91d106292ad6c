import Domain
import Foundation

/// Writes a run into a folder of files: `inputs.jsonl`, `outputs.jsonl`, `lines.jsonl`, `spans.jsonl`, `metrics.json`, `run.json`.
struct RunExport {
    let run: RunRecord
    let store: any RunStore

    func write(to folder: String) async throws {
        let root = URL(fileURLWithPath: folder, isDirectory: true)
        do {
            try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        } catch {
            throw PlainFailure(
                "OutputFailed", "the folder `\(folder)` cannot be made; check the path and its permissions",
                blame: .environment)
        }
        var files = try ["inputs", "outputs", "lines", "spans"].map { try LineFile("\(folder)/\($0).jsonl") }
        var after = -1
        while true {
            let page = try await store.lines(of: run.id, after: after, limit: 200)
            guard let last = page.last else { break }
            after = last.lineNumber
            for line in page {
                let number: JSONObject = ["line_number": .int(line.lineNumber)]
                try files[0].write(.object(number.merged(with: line.inputs)))
                if line.status == .completed { try files[1].write(.object(number.merged(with: line.outputs))) }
                try files[2].write(line.full)
                for span in try await store.spans(of: run.id, line: line.lineNumber) {
                    try files[3].write(span.json(line: line.lineNumber))
                }
            }
        }
        for index in files.indices { try files[index].finish() }
        try Self.write(.object(run.metrics), to: "\(folder)/metrics.json")
        try Self.write(run.json, to: "\(folder)/run.json")
    }

    private static func write(_ value: JSONValue, to path: String) throws {
        try Data(value.bytes(indent: 2) + [0x0A]).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}

/// A file of JSON lines, written in large pieces and put in place whole.
struct LineFile {
    private let path: String
    private let handle: FileHandle
    private var writer = JSONWriter()

    init(_ path: String) throws {
        self.path = path
        _ = FileManager.default.createFile(atPath: path + ".part", contents: nil)
        guard let handle = FileHandle(forWritingAtPath: path + ".part") else {
            throw PlainFailure(
                "OutputFailed", "`\(path)` cannot be written; check the path and its permissions", blame: .environment)
        }
        self.handle = handle
    }

    mutating func write(_ value: JSONValue) throws {
        writer.append(value)
        writer.append(raw: "\n")
        if writer.bytes.count > 1 << 20 { try flush() }
    }

    mutating func finish() throws {
        try flush()
        try handle.close()
        guard rename(path + ".part", path) == 0 else {
            throw PlainFailure("OutputFailed", "`\(path)` cannot be replaced", blame: .environment)
        }
    }

    private mutating func flush() throws {
        try handle.write(contentsOf: writer.bytes)
        writer.removeAll()
    }
}

extension JSONObject {
    /// These members with those of `other` over them.
    func merged(with other: JSONObject) -> JSONObject {
        var result = self
        result.merge(other)
        return result
    }
}

extension LineRecord {
    /// Everything of the line but its spans.
    var full: JSONValue {
        var object = summary.object ?? [:]
        object["inputs"] = .object(inputs)
        object["usage"] = .object(usage.json(cost: cost))
        object["start_ns"] = .int(start)
        object["duration_ns"] = .int(duration)
        return .object(object)
    }
}

extension RunRecord {
    var json: JSONValue {
        [
            "run": .string(id), "name": .string(name), "status": .string(status.rawValue),
            "flow_digest": .string(flowDigest.description),
            "dataset_digest": datasetDigest.map { .string($0.description) } ?? .null, "settings": .object(settings),
            "metrics": .object(metrics), "errors": .object(errors), "start_ns": .int(start),
            "end_ns": end.map { .int($0) } ?? .null,
        ]
    }
}

extension Span {
    func json(line: Int) -> JSONValue {
        [
            "line_number": .int(line), "trace_id": .string(traceID), "span_id": .string(id),
            "parent_id": parentID.map { .string($0) } ?? .null, "name": .string(name), "kind": .string(kind.rawValue),
            "start_ns": .int(start), "duration_ns": .int(duration), "error": error?.json ?? .null,
            "attributes": .object(attributes),
        ]
    }
}

import Domain
import Evaluation
import Foundation
import Synchronization

/// The lines of a run: rows of a dataset, joined with an earlier run where one is named, mapped to the flow's inputs.
struct RunLines: Sendable {
    let next: @Sendable () throws -> LineInput?
    /// How many lines there are, where that is known without reading everything.
    let total: Int?
    let digest: Digest?

    static func open(
        data: String?, run: String?, mapping: JSONObject, flow: any PreparedFlow, store: any RunStore
    ) async throws -> RunLines {
        let inputs = flow.inputs.map { ColumnMapping.Input($0.name, hasDefault: $0.hasDefault) }
        let names = Set(flow.inputs.map(\.name))
        for name in mapping.keys where !names.contains(name) && name != ColumnMapping.lineNumberKey {
            throw PlainFailure(
                "InputMappingError",
                "--map names `\(name)`, but the flow has no such input\(NearestName.hint(for: name, among: flow.inputs.map(\.name)))"
            )
        }
        let columns = ColumnMapping(mapping, inputs: inputs)
        guard let run else { return try stream(Dataset(path: data ?? ""), columns: columns) }
        return try await joined(data: data, run: run, columns: columns, store: store)
    }

    /// One dataset, streamed: memory does not grow with it.
    private static func stream(_ dataset: Dataset, columns: ColumnMapping) throws -> RunLines {
        // The first row is mapped at once, so that a wrong mapping is an error of the request.
        var probe = dataset.rows()
        guard let first = try probe.next() else { throw PlainFailure("DatasetEmpty", "`\(dataset.path)` has no rows") }
        _ = try columns.apply(to: ["data": .object(first.values)])
        let reader = LockedRows(dataset.rows())
        let next: @Sendable () throws -> LineInput? = {
            guard let row = try reader.next() else { return nil }
            return LineInput(lineNumber: row.lineNumber, inputs: map(["data": .object(row.values)], columns))
        }
        return RunLines(next: next, total: try RowCount.quick(dataset), digest: try dataset.digest())
    }

    private static func joined(data: String?, run: String, columns: ColumnMapping, store: any RunStore) async throws
        -> RunLines
    {
        guard try await store.run(id: run) != nil else {
            throw PlainFailure("RunNotFound", "there is no run `\(run)`; `pawang runs list` shows them")
        }
        var inputRows: [JSONObject] = []
        var outputRows: [JSONObject] = []
        var after = -1
        while true {
            let page = try await store.lines(of: run, after: after, limit: 1000)
            guard let last = page.last else { break }
            after = last.lineNumber
            for line in page where line.status == .completed {
                var inputs = line.inputs
                inputs[ColumnMapping.lineNumberKey] = .int(line.lineNumber)
                var outputs = line.outputs
                outputs[ColumnMapping.lineNumberKey] = .int(line.lineNumber)
                inputRows.append(inputs)
                outputRows.append(outputs)
            }
        }
        guard !outputRows.isEmpty else {
            throw PlainFailure("InputMappingError", "the run `\(run)` has no completed lines")
        }
        var sources: [(name: String, rows: [JSONObject])] = [("run.inputs", inputRows), ("run.outputs", outputRows)]
        var digest: Digest?
        if let data {
            let dataset = try Dataset(path: data)
            var rows: [JSONObject] = []
            var reader = dataset.rows()
            while let row = try reader.next() {
                var values = row.values
                // A run's lines are numbered by the rows of its data.
                if !values.contains(ColumnMapping.lineNumberKey) {
                    values[ColumnMapping.lineNumberKey] = .int(row.lineNumber)
                }
                rows.append(values)
            }
            sources.insert(("data", rows), at: 0)
            digest = try dataset.digest()
        }
        let lines = try SourceAlignment.join(sources)
        if let first = lines.first { _ = try columns.apply(to: first.sources) }
        let queue = LockedLines(lines.map { LineInput(lineNumber: $0.lineNumber, inputs: map($0.sources, columns)) })
        return RunLines(next: { queue.next() }, total: lines.count, digest: digest)
    }

    private static func map(_ sources: JSONObject, _ columns: ColumnMapping) -> Result<JSONObject, LineError> {
        do { return .success(try columns.apply(to: sources)) } catch {
            return .failure(LineError(code: error.code, message: error.message))
        }
    }
}

/// Rows of a dataset that several tasks pull from.
final class LockedRows: Sendable {
    private let rows: Mutex<DatasetRows>

    init(_ rows: sending DatasetRows) { self.rows = Mutex(rows) }

    func next() throws -> DatasetRow? { try rows.withLock { try $0.next() } }
}

/// Lines in memory that several tasks pull from.
final class LockedLines: Sendable {
    private let lines: Mutex<ArraySlice<LineInput>>

    init(_ lines: [LineInput]) { self.lines = Mutex(lines[...]) }

    func next() -> LineInput? { lines.withLock { $0.popFirst() } }
}

/// The number of rows of a dataset, for progress bars.
enum RowCount {
    /// Counts small files; large ones are not read twice only for a progress bar.
    static func quick(_ dataset: Dataset) throws -> Int? {
        var bytes = 0
        for file in dataset.files {
            bytes += (try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0
        }
        guard bytes < 8 << 20 else { return nil }
        var rows = dataset.rows()
        var count = 0
        while try rows.next() != nil { count += 1 }
        return count
    }
}

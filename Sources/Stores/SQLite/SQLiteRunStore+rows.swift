import Domain
import GRDB

/// Rows and records. Positions follow the columns of ``Migrations``.
extension SQLiteRunStore {
    static func arguments(_ line: LineRecord, run: String) -> StatementArguments {
        let nodes = JSONValue.object(JSONObject(line.nodes.map { ($0.name, .string($0.status.rawValue)) }))
        return [
            run, line.lineNumber, line.status.rawValue, JSONValue.object(line.inputs).text(),
            JSONValue.object(line.outputs).text(),
            line.error?.code, line.error?.message, line.error.map { Int($0.blame.rawValue) }, nodes.text(),
            line.usage.input,
            line.usage.output, line.usage.cachedInput, line.usage.cacheWrite, line.usage.reasoning, line.cost.nanoUSD,
            line.start,
            line.duration, JSONValue.object(line.aggregationInputs).text(),
        ]
    }

    static func arguments(_ span: Span, place: Int, line: Int, run: String) -> StatementArguments {
        [
            run, line, place, span.id, span.parentID, span.traceID, span.name, span.kind.rawValue, span.start,
            span.duration,
            span.error?.code, span.error?.message, JSONValue.object(span.attributes).text(),
        ]
    }

    static func run(_ row: Row) throws -> RunRecord {
        RunRecord(
            id: row["id"], name: row["name"], status: RunStatus(rawValue: row["status"]) ?? .failed,
            flowDigest: Digest(text: row["flow_digest"]),
            datasetDigest: (row["dataset_digest"] as String?).map { Digest(text: $0) },
            settings: try object(row["settings"]), metrics: try object(row["metrics"]),
            errors: try object(row["errors"]),
            start: row["start_ns"], end: row["end_ns"])
    }

    static func line(_ row: Row) throws -> LineRecord {
        let nodes = try object(row["nodes"]).compactMap { name, status in
            status.string.flatMap { NodeStatus(rawValue: $0) }.map { (name: name, status: $0) }
        }
        return LineRecord(
            lineNumber: row["line"], status: RunStatus(rawValue: row["status"]) ?? .failed,
            inputs: try object(row["inputs"]),
            outputs: try object(row["outputs"]),
            error: error(code: row["error_code"], message: row["error_message"], blame: row["error_blame"]),
            nodes: nodes,
            usage: TokenUsage(
                input: row["input_tokens"], output: row["output_tokens"], cachedInput: row["cached_tokens"],
                cacheWrite: row["cache_write_tokens"], reasoning: row["reasoning_tokens"]),
            cost: (row["cost_nano_usd"] as Int?).map { .known(nanoUSD: $0) } ?? .unknown, start: row["start_ns"],
            duration: row["duration_ns"], aggregationInputs: try object(row["aggregation"]))
    }

    static func span(_ row: Row) throws -> Span {
        Span(
            id: row["id"], parentID: row["parent"], traceID: row["trace"], name: row["name"],
            kind: Span.Kind(rawValue: row["kind"]) ?? .node, start: row["start_ns"], duration: row["duration_ns"],
            error: error(code: row["error_code"], message: row["error_message"], blame: nil),
            attributes: try object(row["attributes"]))
    }

    private static func error(code: String?, message: String?, blame: Int?) -> LineError? {
        code.map {
            LineError(code: $0, message: message ?? "", blame: blame.flatMap { Blame(rawValue: Int32($0)) } ?? .request)
        }
    }

    private static func object(_ text: String) throws -> JSONObject { try JSONValue(parsing: text).object ?? [:] }
}

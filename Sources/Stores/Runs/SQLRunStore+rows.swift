import Domain

/// Rows and records; positions follow the columns of ``Migrations``.
extension SQLRunStore {
    static let lineColumns = [
        "run", "line", "status", "inputs", "outputs", "error_code", "error_message", "error_blame", "nodes",
        "input_tokens", "output_tokens", "cached_tokens", "cache_write_tokens", "reasoning_tokens", "cost_nano_usd",
        "start_ns", "duration_ns", "aggregation",
    ]
    static let spanColumns = [
        "run", "line", "place", "id", "parent", "trace", "name", "kind", "start_ns", "duration_ns", "error_code",
        "error_message", "attributes",
    ]

    static func values(_ line: LineRecord, run: String) -> [SQLValue] {
        let nodes = JSONValue.object(JSONObject(line.nodes.map { ($0.name, .string($0.status.rawValue)) }))
        return [
            .text(run), .int(line.lineNumber), .text(line.status.rawValue), .text(JSONValue.object(line.inputs).text()),
            .text(JSONValue.object(line.outputs).text()), .foreign(line.error?.code), .foreign(line.error?.message),
            SQLValue(line.error.map { Int($0.blame.rawValue) }), .text(nodes.text()), .int(line.usage.input),
            .int(line.usage.output), .int(line.usage.cachedInput), .int(line.usage.cacheWrite),
            .int(line.usage.reasoning), SQLValue(line.cost.nanoUSD), .int(line.start), .int(line.duration),
            .text(JSONValue.object(line.aggregationInputs).text()),
        ]
    }

    static func values(_ span: Span, place: Int, line: Int, run: String) -> [SQLValue] {
        [
            .text(run), .int(line), .int(place), .text(span.id), SQLValue(span.parentID), .text(span.traceID),
            .foreign(span.name), .text(span.kind.rawValue), .int(span.start), .int(span.duration),
            .foreign(span.error?.code), .foreign(span.error?.message),
            .text(JSONValue.object(span.attributes).text()),
        ]
    }

    static func run(_ row: SQLRow) throws -> RunRecord {
        RunRecord(
            id: try row.text(0), name: try row.text(1), status: RunStatus(rawValue: try row.text(2)) ?? .failed,
            flowDigest: Digest(text: try row.text(3)), datasetDigest: try row.optionalText(4).map { Digest(text: $0) },
            settings: try object(row.text(5)), metrics: try object(row.text(6)), errors: try object(row.text(7)),
            start: try row.int(8), end: try row.optionalInt(9))
    }

    static func line(_ row: SQLRow) throws -> LineRecord {
        let nodes = try object(row.text(8)).compactMap { name, status in
            status.string.flatMap { NodeStatus(rawValue: $0) }.map { (name: name, status: $0) }
        }
        return LineRecord(
            lineNumber: try row.int(1), status: RunStatus(rawValue: try row.text(2)) ?? .failed,
            inputs: try object(row.text(3)), outputs: try object(row.text(4)),
            error: error(
                code: try row.optionalText(5), message: try row.optionalText(6), blame: try row.optionalInt(7)),
            nodes: nodes,
            usage: TokenUsage(
                input: try row.int(9), output: try row.int(10), cachedInput: try row.int(11),
                cacheWrite: try row.int(12), reasoning: try row.int(13)),
            cost: try row.optionalInt(14).map { .known(nanoUSD: $0) } ?? .unknown, start: try row.int(15),
            duration: try row.int(16), aggregationInputs: try object(row.text(17)))
    }

    static func span(_ row: SQLRow) throws -> Span {
        Span(
            id: try row.text(3), parentID: try row.optionalText(4), traceID: try row.text(5), name: try row.text(6),
            kind: Span.Kind(rawValue: try row.text(7)) ?? .node, start: try row.int(8), duration: try row.int(9),
            error: error(code: try row.optionalText(10), message: try row.optionalText(11), blame: nil),
            attributes: try object(row.text(12)))
    }

    private static func error(code: String?, message: String?, blame: Int?) -> LineError? {
        code.map {
            LineError(code: $0, message: message ?? "", blame: blame.flatMap { Blame(rawValue: Int32($0)) } ?? .request)
        }
    }

    private static func object(_ text: String) throws -> JSONObject { try JSONValue(parsing: text).object ?? [:] }
}

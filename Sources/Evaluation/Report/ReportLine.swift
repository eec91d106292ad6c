package import Domain

/// One line of a dataset with what every variant made of it.
package struct ReportLine: Sendable {
    /// A dataset that the summary names.
    package var dataset: String
    package var line: Int
    /// From 0.
    package var repetition: Int
    /// What lines are clustered by; `nil` where they are not.
    package var cluster: String?
    package var inputs: JSONObject
    /// The expected answer, or `nil` where there is none.
    package var expected: JSONValue?
    /// One for each variant, in the order of the summary.
    package var results: [ReportResult]

    package init(
        dataset: String, line: Int, repetition: Int = 0, cluster: String? = nil, inputs: JSONObject,
        expected: JSONValue? = nil, results: [ReportResult]
    ) {
        self.dataset = dataset
        self.line = line
        self.repetition = repetition
        self.cluster = cluster
        self.inputs = inputs
        self.expected = expected
        self.results = results
    }

    /// The line as the page reads it.
    var json: JSONValue {
        [
            "dataset": .string(dataset), "line": .int(line), "repetition": .int(repetition),
            "cluster": cluster.map { .string($0) } ?? .null, "inputs": .object(inputs), "expected": expected ?? .null,
            "results": .array(results.map(\.json)),
        ]
    }
}

/// What one variant made of one line.
package struct ReportResult: Sendable {
    /// What became of the line.
    package enum Status: String, Sendable {
        case completed
        case failed
        case canceled
        /// The line never ran.
        case missing

        /// The letter that stands for it in the index.
        var letter: Character {
            switch self {
            case .completed: "c"
            case .failed: "f"
            case .canceled: "x"
            case .missing: "m"
            }
        }
    }

    package var status: Status
    package var outputs: JSONObject
    package var error: LineError?
    package var scores: [Score]
    /// Milliseconds, or `nil` if the line never ran.
    package var latency: Double?
    package var usage: TokenUsage
    package var cost: Cost
    package var spans: [Span]

    package init(
        status: Status, outputs: JSONObject = [:], error: LineError? = nil, scores: [Score] = [],
        latency: Double? = nil,
        usage: TokenUsage = TokenUsage(), cost: Cost = .none, spans: [Span] = []
    ) {
        self.status = status
        self.outputs = outputs
        self.error = error
        self.scores = scores
        self.latency = latency
        self.usage = usage
        self.cost = cost
        self.spans = spans
    }

    /// The result of a finished line with its scores.
    package init(_ record: LineRecord, scores: [Score]) {
        let status: Status =
            switch record.status {
            case .completed: .completed
            case .canceled: .canceled
            case .running: .missing
            case .failed, .completedWithErrors: .failed
            }
        self.init(
            status: status, outputs: record.outputs, error: record.error, scores: scores,
            latency: Double(record.duration) / 1e6, usage: record.usage, cost: record.cost, spans: record.spans)
    }

    fileprivate var json: JSONValue {
        var values = JSONObject()
        var notes = JSONObject()
        for score in scores {
            values[score.metric] = JSONValue(number: score.value)
            if score.status != .scored || score.reason != nil {
                notes[score.metric] = [
                    "status": .string(score.status.rawValue), "reason": score.reason.map { .string($0) } ?? .null,
                ]
            }
        }
        var object: JSONObject = [
            "status": .string(status.rawValue), "outputs": .object(outputs), "error": error?.json ?? .null,
            "scores": .object(values), "latency_ms": JSONValue(number: latency),
            "usage": .object(usage.json(cost: cost)),
            "trace": .array(ReportTrace.rows(of: spans)),
        ]
        if !notes.isEmpty { object["score_notes"] = .object(notes) }
        return .object(object)
    }
}

/// What became of a line or of a whole run.
///
/// The raw value is stored and shown.
package enum RunStatus: String, Sendable {
    case running
    case completed
    /// The run ended, but some of its lines failed. Never the status of a line.
    case completedWithErrors = "completed_with_errors"
    case failed
    case canceled
}

/// What became of a node in one line.
///
/// The raw value is stored and shown.
package enum NodeStatus: String, Sendable {
    case completed
    case failed
    case bypassed
    case canceled
}

/// Why a line, a node or an aggregation failed.
package struct LineError: Error, Sendable, Hashable {
    /// A stable word, such as `InputTypeError`.
    package var code: String
    package var message: String
    /// Who has to act: decides between exit status 1, 2 and 3 for a single run.
    package var blame: Blame

    package init(code: String, message: String, blame: Blame = .request) {
        self.code = code
        self.message = message
        self.blame = blame
    }

    /// As it appears in `--json` output: `{code, message}`.
    package var json: JSONValue { ["code": .string(code), "message": .string(message)] }
}

/// One finished line of a run.
package struct LineRecord: Sendable {
    package var lineNumber: Int
    package var status: RunStatus
    package var inputs: JSONObject
    package var outputs: JSONObject
    package var error: LineError?
    /// Each node that got a status, in the order of the flow file.
    package var nodes: [(name: String, status: NodeStatus)]
    package var usage: TokenUsage
    package var cost: Cost
    /// Nanoseconds since 1970.
    package var start: Int
    /// Nanoseconds.
    package var duration: Int
    /// Values that the flow's aggregation nodes read: `node name → output`.
    package var aggregationInputs: JSONObject
    package var spans: [Span]

    package init(
        lineNumber: Int, status: RunStatus, inputs: JSONObject, outputs: JSONObject = [:], error: LineError? = nil,
        nodes: [(name: String, status: NodeStatus)] = [], usage: TokenUsage = TokenUsage(), cost: Cost = .none,
        start: Int = 0, duration: Int = 0, aggregationInputs: JSONObject = [:], spans: [Span] = []
    ) {
        self.lineNumber = lineNumber
        self.status = status
        self.inputs = inputs
        self.outputs = outputs
        self.error = error
        self.nodes = nodes
        self.usage = usage
        self.cost = cost
        self.start = start
        self.duration = duration
        self.aggregationInputs = aggregationInputs
        self.spans = spans
    }
}

/// A run: one flow over one input or a dataset.
package struct RunRecord: Sendable, Equatable {
    package var id: String
    package var name: String
    package var status: RunStatus
    /// The content digest of the flow with everything it uses.
    package var flowDigest: Digest
    /// The content digest of the dataset, where there is one.
    package var datasetDigest: Digest?
    /// Everything needed to understand and resume the run: flow path, variant, mapping, connections, settings.
    package var settings: JSONObject
    package var metrics: JSONObject
    /// Failures of aggregation nodes or of the run as a whole, by node name or `run`.
    package var errors: JSONObject
    /// Nanoseconds since 1970.
    package var start: Int
    /// Nanoseconds since 1970, or `nil` while it runs.
    package var end: Int?

    package init(
        id: String, name: String, status: RunStatus = .running, flowDigest: Digest, datasetDigest: Digest? = nil,
        settings: JSONObject = [:], metrics: JSONObject = [:], errors: JSONObject = [:], start: Int, end: Int? = nil
    ) {
        self.id = id
        self.name = name
        self.status = status
        self.flowDigest = flowDigest
        self.datasetDigest = datasetDigest
        self.settings = settings
        self.metrics = metrics
        self.errors = errors
        self.start = start
        self.end = end
    }
}

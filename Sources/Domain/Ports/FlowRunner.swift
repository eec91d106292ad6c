/// Which flow to run and what to change in it.
package struct FlowRequest: Sendable {
    /// A folder, a `flow.dag.yaml`, a `.prompty`, a `flow.flex.yaml`, or a name in the workspace.
    package var flow: String
    /// Variant to use by node; nodes not named use their default.
    package var variants: [String: String]
    /// Connections to use instead of the flow's own, by node.
    package var connections: [String: String]
    /// Node inputs to replace, by node then input name: `temperature`, `model`, `deployment_name` and others.
    package var overrides: [String: JSONObject]
    /// Environment variables for the flow's tools, over the flow's own.
    package var environment: [String: String]
    /// Arguments for a class-based flex flow's initialiser.
    package var initialization: JSONObject

    package init(
        flow: String, variants: [String: String] = [:], connections: [String: String] = [:],
        overrides: [String: JSONObject] = [:], environment: [String: String] = [:], initialization: JSONObject = [:]
    ) {
        self.flow = flow
        self.variants = variants
        self.connections = connections
        self.overrides = overrides
        self.environment = environment
        self.initialization = initialization
    }
}

/// Loads flows; what slices other than Flows use to run them.
package protocol FlowRunner: Sendable {
    /// Loads and validates a flow. Throws a ``Failure`` that names file, line and what to do.
    func prepare(_ request: FlowRequest) async throws -> any PreparedFlow
}

/// A loaded and validated flow that can run lines at the same time.
package protocol PreparedFlow: Sendable {
    var name: String { get }
    /// The digest of the flow's content with the variant and overrides applied.
    var digest: Digest { get }
    /// The inputs by name, in order, with the type's word and whether a default exists.
    var inputs: [(name: String, type: String, hasDefault: Bool)] { get }
    /// The outputs by name, in order; empty where they are only known from values (prompties, flex flows).
    var outputNames: [String] { get }
    /// The nodes that have variants: node, default variant, all variants.
    var variants: [(node: String, defaultVariant: String, all: [String])] { get }
    /// The connections its nodes name, sorted.
    var connectionNames: [String] { get }
    /// Model calls a line makes at most, for plans (llm nodes times bounded rounds).
    var modelCallsPerLine: Int { get }
    /// The calls a line is expected to make, for estimates.
    var expectedCalls: [ExpectedCall] { get }
    /// Whether it has aggregation nodes.
    var aggregates: Bool { get }
    /// Runs one line. Failures are in the record.
    func run(line: Int, inputs: JSONObject) async -> LineRecord
    /// Runs the aggregation nodes over the completed lines.
    func aggregate(_ lines: [LineRecord]) async -> AggregationRecord
}

/// A model call that a line of a flow is expected to make.
package struct ExpectedCall: Sendable {
    package var connectionType: ConnectionType
    /// OpenTelemetry's name of the provider.
    package var provider: String
    package var model: String
    /// Bytes of the prompt's template.
    package var promptBytes: Int
    /// The call's `max_tokens`, if it is fixed.
    package var maximumOutputTokens: Int?

    package init(
        connectionType: ConnectionType, provider: String, model: String, promptBytes: Int, maximumOutputTokens: Int?
    ) {
        self.connectionType = connectionType
        self.provider = provider
        self.model = model
        self.promptBytes = promptBytes
        self.maximumOutputTokens = maximumOutputTokens
    }
}

/// What aggregation nodes made of a run's completed lines.
package struct AggregationRecord: Sendable {
    package var metrics: JSONObject
    /// Failures by node.
    package var errors: [(node: String, error: LineError)]
    package var nodes: [(name: String, status: NodeStatus)]

    package init(
        metrics: JSONObject = [:], errors: [(node: String, error: LineError)] = [],
        nodes: [(name: String, status: NodeStatus)] = []
    ) {
        self.metrics = metrics
        self.errors = errors
        self.nodes = nodes
    }
}

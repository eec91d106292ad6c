package import Domain

/// What flows need of the world: models, connections, Python, documents, the network.
package struct FlowServices: Sendable {
    package var models: any ModelClient
    package var connections: any ConnectionSource
    package var python: any PythonRuntime
    package var documents: any DocumentIndex
    package var fetcher: any HTTPFetcher
    /// The process's environment with the workspace's `.env` over it.
    package var environment: [String: String]
    package var limits: FlowLimits

    package init(
        models: any ModelClient, connections: any ConnectionSource, python: any PythonRuntime,
        documents: any DocumentIndex,
        fetcher: any HTTPFetcher, environment: [String: String], limits: FlowLimits = FlowLimits()
    ) {
        self.models = models
        self.connections = connections
        self.python = python
        self.documents = documents
        self.fetcher = fetcher
        self.environment = environment
        self.limits = limits
    }
}

/// The bounds of one line.
package struct FlowLimits: Sendable {
    /// How long a line may take; prompt flow's `PF_LINE_TIMEOUT_SEC`.
    package var lineTimeout: Duration = .seconds(600)
    /// Nodes of one line that run at the same time.
    package var nodeConcurrency = 16
    /// How deep flows may call flows.
    package var flowDepth = 8
    /// The longest text of one value that a node may read or give.
    package var valueBytes = 64 << 20
    /// How long one model call may take, retries not counted.
    package var modelTimeout: Duration = .seconds(300)

    package init() {}
}

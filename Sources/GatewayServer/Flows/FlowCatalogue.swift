package import Domain

/// Where served flows come from; put together by whoever starts the server.
package struct FlowCatalogue: Sendable {
    /// The names of all flows that are served, sorted.
    package var names: @Sendable () -> [String]
    /// A flow by its name, loaded and up to date.
    ///
    /// Called for every call: it has to keep what it loaded. Throws a ``Failure`` that says what is wrong with the flow.
    package var flow: @Sendable (_ name: String) async throws -> any ServableFlow
    /// A client for the model calls of one run, which may spend at most so many nano-dollars.
    package var client: @Sendable (_ limitNanoUSD: Int) -> BoundedClient
    /// Keeps what came of a run, where runs are kept; must not throw away time, the caller waits.
    package var keep: @Sendable (_ line: LineRecord, _ flow: any ServableFlow) -> Void
    /// Keeps feedback; the caller is told that it was received when this returns.
    package var keepFeedback: @Sendable (FlowFeedback) async throws -> Void

    package init(
        names: @escaping @Sendable () -> [String], flow: @escaping @Sendable (String) async throws -> any ServableFlow,
        client: @escaping @Sendable (Int) -> BoundedClient,
        keep: @escaping @Sendable (LineRecord, any ServableFlow) -> Void = { _, _ in },
        keepFeedback: @escaping @Sendable (FlowFeedback) async throws -> Void
    ) {
        self.names = names
        self.flow = flow
        self.client = client
        self.keep = keep
        self.keepFeedback = keepFeedback
    }
}

/// A model client that sends nothing beyond a sum of money.
package struct BoundedClient: Sendable {
    package var models: any ModelClient
    /// Nano-dollars spent so far; what a broken-off call may have cost counts at its worst.
    package var spent: @Sendable () -> Int

    package init(models: any ModelClient, spent: @escaping @Sendable () -> Int) {
        self.models = models
        self.spent = spent
    }
}

/// What somebody thought of an answer of a flow.
package struct FlowFeedback: Sendable {
    package var flow: String
    /// The key of who sent it.
    package var key: String
    /// The trace it is about, where the caller named one.
    package var trace: String?
    /// As it came, or its members where it was sent with `flatten=true`.
    package var content: JSONObject
    /// Nanoseconds since 1970.
    package var time: Int

    package init(flow: String, key: String, trace: String?, content: JSONObject, time: Int) {
        self.flow = flow
        self.key = key
        self.trace = trace
        self.content = content
        self.time = time
    }
}

package import Gateway

/// A call of the model `flow/{name}`, handed over by the data path with who pays for it.
package struct FlowCall: Sendable {
    /// The flow's name: what comes after `flow/`.
    package var name: String
    /// The request's body: chat completions, as it came.
    package var body: [UInt8]
    package var key: KeyRecord
    /// Without the flow's release, which is filled in.
    package var attribution: Attribution
    /// The call: 32 hexadecimal digits.
    package var call: String
    package var trace: String
    package var span: String
    package var parentSpan: String?
    /// Nanoseconds since 1970.
    package var start: Int

    package init(
        name: String, body: [UInt8], key: KeyRecord, attribution: Attribution, call: String, trace: String,
        span: String, parentSpan: String? = nil, start: Int
    ) {
        self.name = name
        self.body = body
        self.key = key
        self.attribution = attribution
        self.call = call
        self.trace = trace
        self.span = span
        self.parentSpan = parentSpan
        self.start = start
    }
}

/// A part of the answer to a ``FlowCall``.
package enum FlowPart: Sendable {
    /// Once, before anything else.
    case head(status: Int, headers: [(name: String, value: String)])
    case body([UInt8])
}

/// Answers calls of models named `flow/{name}`.
package protocol FlowModels: Sendable {
    /// The names that are served, with `flow/`, sorted: for the list of models.
    var modelNames: [String] { get }

    /// Answers a call: one head, then the body in parts, in order; from whatever thread, one at a time.
    ///
    /// It admits, dispatches and settles the call in the ledger and counts it; whatever goes wrong is answered in
    /// OpenAI's error form. The answer is complete when the function returns. Cancelling the task ends the flow; what it
    /// has spent by then is settled.
    func answer(_ call: FlowCall, send: @escaping @Sendable (FlowPart) -> Void) async
}

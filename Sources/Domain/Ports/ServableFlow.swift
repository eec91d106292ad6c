/// What callers of a flow see: its inputs and outputs with what their declarations say.
package struct FlowInterface: Sendable {
    package struct Input: Sendable {
        package var name: String
        /// The type's word in flow files.
        package var type: String
        package var description: String?
        package var defaultValue: JSONValue?
        package var isChatInput: Bool
        package var isChatHistory: Bool

        package init(
            name: String, type: String, description: String? = nil, defaultValue: JSONValue? = nil,
            isChatInput: Bool = false, isChatHistory: Bool = false
        ) {
            self.name = name
            self.type = type
            self.description = description
            self.defaultValue = defaultValue
            self.isChatInput = isChatInput
            self.isChatHistory = isChatHistory
        }

        /// Whether a caller may leave it out: it has a default, or it is the history, which is empty at first.
        package var isOptional: Bool { isChatHistory || defaultValue.map { !$0.isNull } ?? false }
    }

    package struct Output: Sendable {
        package var name: String
        package var type: String
        package var description: String?
        package var isChatOutput: Bool
        /// It is for evaluations and not shown to callers.
        package var isEvaluationOnly: Bool
        /// The llm node whose text it is, if that can be sent piece by piece while it is written: nothing else reads it.
        package var streamingNode: String?

        package init(
            name: String, type: String, description: String? = nil, isChatOutput: Bool = false,
            isEvaluationOnly: Bool = false, streamingNode: String? = nil
        ) {
            self.name = name
            self.type = type
            self.description = description
            self.isChatOutput = isChatOutput
            self.isEvaluationOnly = isEvaluationOnly
            self.streamingNode = streamingNode
        }
    }

    package var inputs: [Input]
    package var outputs: [Output]
    /// Whether the outputs are only known from values (prompties, Python flows): then `outputs` names the usual one.
    package var hasOpenOutputs: Bool

    package init(inputs: [Input], outputs: [Output], hasOpenOutputs: Bool = false) {
        self.inputs = inputs
        self.outputs = outputs
        self.hasOpenOutputs = hasOpenOutputs
    }
}

/// What one call of a served flow runs with.
package struct FlowBinding: Sendable {
    /// Where its model calls go: a client with the call's own bound on money.
    package var models: any ModelClient
    /// The trace its spans belong to, and the span they are below.
    package var traceID: String
    package var parentSpan: String?
    /// Gets pieces of text, node and piece, of the nodes that an output streams from.
    package var onText: (@Sendable (String, String) -> Void)?

    package init(
        models: any ModelClient, traceID: String, parentSpan: String? = nil,
        onText: (@Sendable (String, String) -> Void)? = nil
    ) {
        self.models = models
        self.traceID = traceID
        self.parentSpan = parentSpan
        self.onText = onText
    }
}

/// A loaded flow that can be called over and over, each time on somebody's account.
package protocol ServableFlow: PreparedFlow {
    var interface: FlowInterface { get }
    /// The same flow with the models, trace and listener of one call; loads nothing.
    func bound(to binding: FlowBinding) -> any PreparedFlow
}

import Domain

/// A flow as its file declares it, variants applied: what is to be run, before anything is loaded.
struct FlowDefinition: Sendable {
    /// What kind of file declared it.
    enum Format: String, Sendable {
        case dag
        case prompty
        case flex
    }

    var format: Format
    /// The flow's name: its own, or its folder's or file's.
    var name: String
    /// The file, absolute.
    var file: String
    /// The folder that source paths are relative to, absolute.
    var directory: String
    var inputs: [FlowInput] = []
    var outputs: [FlowOutput] = []
    var nodes: [NodeDefinition] = []
    /// Variants by node: default and the node each stands for.
    var variants: [NodeVariants] = []
    /// Environment variables for tools; values may be `${connection.key}`.
    var environment: JSONObject = [:]
    /// Files and folders outside the flow's folder that belong to it.
    var additionalIncludes: [String] = []
    /// The `python_requirements_txt` of the environment, if declared.
    var requirements: String?
    /// The class or function of a flex flow and its initial values.
    var entry: String?
    var initialization: JSONObject = [:]
    /// Values a prompty is run on where no inputs are given.
    var sample: JSONObject = [:]
    /// Outputs that were dropped because they read an aggregation node, and other remarks.
    var warnings: [String] = []
}

/// An input of a flow.
struct FlowInput: Sendable {
    var name: String
    var type: ValueType
    /// Used when the input is absent; null counts as no default.
    var defaultValue: JSONValue?
    var isChatInput = false
    var isChatHistory = false
    /// For callers of the served flow.
    var description: String?
    var location: SourceLocation

    /// What stands in where the input is absent: a chat begins without a history.
    var fallback: JSONValue? {
        if let defaultValue { return defaultValue }
        // Not `isChatHistory ? [] : nil`: that `nil` would be the JSON value null.
        guard isChatHistory else { return Optional.none }
        return []
    }
}

/// An output of a flow.
struct FlowOutput: Sendable {
    var name: String
    var reference: InputAssignment
    var isChatOutput = false
    var isEvaluationOnly = false
    /// What the file says of its type and meaning, for callers of the served flow; values are not checked against it.
    var type: ValueType?
    var description: String?
    var location: SourceLocation
}

/// A node as declared, its variant applied.
struct NodeDefinition: Sendable {
    var name: String
    var kind: NodeKind
    var source: NodeSource?
    var inputs: [(name: String, value: InputAssignment)] = []
    var connection: String?
    var provider: String?
    var api: String?
    var activate: Activation?
    var isAggregation = false
    var location: SourceLocation
}

/// Where a node's code or prompt is.
struct NodeSource: Sendable, Equatable {
    enum Kind: String, Sendable {
        case code
        case package
        case packageWithPrompt = "package_with_prompt"
    }

    var kind: Kind
    /// Relative to the flow's folder.
    var path: String?
    /// `package.module.function`.
    var tool: String?
}

/// A condition on which a node runs.
struct Activation: Sendable {
    var when: InputAssignment
    var equals: JSONValue
}

/// The variants of one node.
struct NodeVariants: Sendable {
    var node: String
    var defaultVariant: String
    var all: [String]
}

/// The kinds of node: prompt flow's, then ours.
enum NodeKind: String, Sendable, CaseIterable {
    case llm
    case prompt
    case python
    case customLLM = "custom_llm"
    case json
    case match
    case score
    case http
    case aggregate
    case flow
    case loop
    case retrieve

    /// Whether a node of this kind runs Python code.
    var isPython: Bool { self == .python || self == .customLLM }
}

/// The types of flow inputs.
enum ValueType: String, Sendable, CaseIterable {
    case int
    case double
    case bool
    case string
    case secret
    case promptTemplate = "prompt_template"
    case list
    case object
    case filePath = "file_path"
    case image
    case assistantDefinition = "assistant_definition"
}

/// Why a flow or one of its lines cannot run.
struct FlowFailure: Failure, Equatable {
    let code: String
    let detail: String
    let location: SourceLocation?
    let blame: Blame

    init(_ code: String, _ detail: String, at location: SourceLocation? = nil, blame: Blame = .request) {
        self.code = code
        self.detail = detail
        self.location = location
        self.blame = blame
    }

    var message: String { location.map { "\($0): \(detail)" } ?? detail }
}

import Domain

/// Which inputs of an llm node are settings of the call, of what type, and which are variables of its prompt.
enum LLMInputs {
    static let toolNodes = "tool_nodes"
    static let maximumRounds = "max_rounds"
    static let repair = "repair"
    static let parseJSON = "parse_json"
    /// Stands before the names of a prompty's variables, so that none can pass for a setting.
    static let promptPrefix = "prompt:"

    /// Settings of Pawang's own; they are not sent.
    static let own: [String] = [toolNodes, maximumRounds, repair, parseJSON]

    private static let shared: [String: ValueType] = [
        "temperature": .double, "top_p": .double, "max_tokens": .int, "presence_penalty": .double,
        "frequency_penalty": .double,
        "logit_bias": .object, "user": .string, "stop": .object, "seed": .int, "stream": .bool,
    ]
    private static let chat: [String: ValueType] = [
        "functions": .list, "function_call": .object, "tools": .list, "tool_choice": .object,
        "response_format": .object,
        "max_completion_tokens": .int, "reasoning_effort": .string, "parallel_tool_calls": .bool, "top_logprobs": .int,
        "service_tier": .string, "n": .int, "logprobs": .object,
    ]
    private static let completion: [String: ValueType] = [
        "suffix": .string, "echo": .bool, "best_of": .int, "logprobs": .int, "n": .int,
    ]

    /// The settings an API takes, and their types.
    static func parameters(api: ModelOperation) -> [String: ValueType] {
        shared.merging(api == .completion ? completion : chat) { $1 }
    }

    /// Inputs that name the model rather than fill the prompt.
    static let modelNames = ["deployment_name", "model"]

    /// A declared setting as the API wants it; `nil` for null and empty texts, which count as not given.
    static func setting(_ value: JSONValue, type: ValueType, name: String) throws(FlowFailure) -> JSONValue? {
        if value.isNull || value == .string("") { return nil }
        do { return try type.coerce(value) } catch {
            throw FlowFailure(
                "NodeInputValidationError",
                "the input `\(name)` is `\(type.rawValue)`, but its value is a \(value.kindName) that cannot be read as one"
            )
        }
    }

    /// Functions by the nodes that answer them: `tool_nodes: [a, b]` or `tool_nodes: {function: node}`.
    static func toolNodeNames(_ declared: JSONValue) -> [(function: String, node: String)] {
        switch declared {
        case .array(let names): names.compactMap { $0.string.map { ($0, $0) } }
        case .object(let map): map.compactMap { function, node in node.string.map { (function, $0) } }
        default: []
        }
    }
}

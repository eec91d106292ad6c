import Domain
import Gateway

/// What a chat-completions request means to a flow: its inputs, and what of the request has no place there.
///
/// A chat flow gets the last user message as its chat input and the turns before it as its history, in prompt flow's
/// form. Any other flow gets the last user message as its only text input. Further inputs come from the request's own
/// member `flow_inputs`, an object (`extra_body` in the SDKs), which goes over the rest.
struct FlowConversation: Sendable {
    private(set) var inputs = JSONObject()
    private(set) var isStream = false
    private(set) var wantsStreamUsage = false
    /// What was asked for and is not done, as words for the header `x-pawang-lost`.
    private(set) var lost: [String] = []

    /// Members of a request that a flow has a use for, or that change nothing in its answer.
    private static let used: Set = [
        "model", "messages", "stream", "stream_options", "flow_inputs", "user", "metadata", "n", "store",
        "safety_identifier", "prompt_cache_key", "service_tier", "parallel_tool_calls",
    ]

    init(body: [UInt8], interface: FlowInterface) throws(GatewayFailure) {
        let request: JSONObject
        do {
            guard case .object(let object) = try JSONValue(parsing: body) else {
                throw GatewayFailure(.invalidRequest, "The request's body is no JSON object.")
            }
            request = object
        } catch let failure as GatewayFailure {
            throw failure
        } catch {
            throw GatewayFailure(.invalidRequest, "The request's body is not valid: \(error).")
        }
        isStream = request["stream"]?.bool ?? false
        wantsStreamUsage = request["stream_options"]?["include_usage"]?.bool ?? false
        guard request["n"].map({ $0.isNull || $0.int == 1 }) ?? true else {
            throw GatewayFailure(.invalidRequest, "A flow gives one answer; leave `n` out.", parameter: "n")
        }
        guard let messages = request["messages"]?.array, !messages.isEmpty else {
            throw GatewayFailure(
                .invalidRequest, "`messages` is missing or empty. Send at least one user message.",
                parameter: "messages")
        }
        lost = request.filter { !Self.used.contains($0.0) && !$0.1.isNull }.map(\.0)
        let given = try Self.givenInputs(request)
        try read(messages, interface: interface, given: given)
        inputs.merge(given)
    }

    private static func givenInputs(_ request: JSONObject) throws(GatewayFailure) -> JSONObject {
        guard let value = request["flow_inputs"], !value.isNull else { return [:] }
        guard case .object(let inputs) = value else {
            throw GatewayFailure(
                .invalidRequest, "`flow_inputs` is no object of inputs by name.", parameter: "flow_inputs")
        }
        return inputs
    }

    private mutating func read(
        _ messages: [JSONValue], interface: FlowInterface, given: JSONObject
    ) throws(GatewayFailure) {
        if messages.contains(where: { ["system", "developer"].contains($0["role"]?.string) }) {
            lost.append("system messages")
        }
        guard let chatInput = interface.inputs.first(where: \.isChatInput) else {
            guard let name = try Self.onlyTextInput(of: interface, given: given) else { return }
            if messages.count(where: { $0["role"]?.string == "user" }) > 1 { lost.append("earlier messages") }
            inputs[name] = .string(try Self.question(of: messages).text)
            return
        }
        let (question, place) = try Self.question(of: messages)
        inputs[chatInput.name] = .string(question)
        guard let history = interface.inputs.first(where: \.isChatHistory) else {
            if messages[..<place].contains(where: { $0["role"]?.string == "user" }) { lost.append("earlier messages") }
            return
        }
        let output = FlowAnswer.outputName(of: interface) ?? "answer"
        inputs[history.name] = .array(try Self.turns(messages[..<place], input: chatInput.name, output: output))
    }

    /// The last user message and its place.
    private static func question(of messages: [JSONValue]) throws(GatewayFailure) -> (text: String, place: Int) {
        guard let place = messages.lastIndex(where: { $0["role"]?.string == "user" }) else {
            throw GatewayFailure(.invalidRequest, "`messages` has no user message.", parameter: "messages")
        }
        return (try text(of: messages[place]), place)
    }

    /// Pairs of question and answer in prompt flow's form.
    ///
    /// What follows a question without another one coming between is its answer; a question that was never answered
    /// stands with an empty one.
    private static func turns(
        _ messages: ArraySlice<JSONValue>, input: String, output: String
    ) throws(GatewayFailure) -> [JSONValue] {
        var turns: [(question: String, answer: String)] = []
        for message in messages {
            switch message["role"]?.string {
            case "user": turns.append((try text(of: message), ""))
            case "assistant":
                let answer = try text(of: message)
                if turns.isEmpty { turns.append(("", "")) }
                let last = turns.count - 1
                turns[last].answer += turns[last].answer.isEmpty ? answer : "\n" + answer
            default: continue
            }
        }
        return turns.map {
            [
                "inputs": .object(JSONObject([(input, .string($0.question))])),
                "outputs": .object(JSONObject([(output, .string($0.answer))])),
            ]
        }
    }

    private static func text(of message: JSONValue) throws(GatewayFailure) -> String {
        switch message["content"] {
        case .string(let text)?: return text
        case .null?, nil: return ""
        case .array(let parts)?:
            var texts: [String] = []
            for part in parts {
                guard let text = part["text"]?.string else {
                    throw GatewayFailure(
                        .invalidRequest,
                        "A flow takes text only; a message has a part of type `\(part["type"]?.string ?? "unknown")`.",
                        parameter: "messages")
                }
                texts.append(text)
            }
            return texts.joined(separator: "\n")
        default:
            throw GatewayFailure(
                .invalidRequest, "The `content` of a message is neither a text nor a list of parts.",
                parameter: "messages")
        }
    }

    /// The input that takes the text; `nil` where everything is given in `flow_inputs`.
    private static func onlyTextInput(
        of interface: FlowInterface, given: JSONObject
    ) throws(GatewayFailure) -> String? {
        let open = interface.inputs.filter { $0.type == "string" && !given.contains($0.name) }
        let required = open.filter { !$0.isOptional }
        if required.count == 1 { return required[0].name }
        if required.isEmpty, open.count == 1 { return open[0].name }
        if required.isEmpty, !given.isEmpty || interface.inputs.isEmpty { return nil }
        throw GatewayFailure(
            .invalidRequest,
            "The flow has no chat input and not exactly one text input, so that the last message has no place. Give its "
                + "inputs as the object `flow_inputs` of the request: "
                + interface.inputs.map { "`\($0.name)`" }.joined(separator: ", ") + ".", parameter: "messages")
    }
}

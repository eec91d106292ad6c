import Domain
import Jinja

/// Renders a prompt, asks a model, and answers with its text (or its message, where functions or tools are offered).
struct LLMNode: AwaitedNode {
    let template: PromptTemplate
    let api: ModelOperation
    let connection: Connection
    /// `AzureOpenAI` or `OpenAI`: decides which of `deployment_name` and `model` names the model.
    let isAzure: Bool
    /// Whether this is a prompty: its prompt's variables come apart from its settings, and JSON answers are parsed.
    let isPrompty: Bool
    let directory: String
    /// A prompty that wants the whole answer instead of the first choice.
    var returnsWholeResponse = false
    /// With `response_format: json_object`, the keys a prompty returns.
    var outputNames: [String] = []

    func run(_ inputs: JSONObject, scope: NodeScope) async throws -> JSONValue {
        let call = try LLMCall(node: self, inputs: inputs, scope: scope)
        return try await call.run()
    }
}

extension LLMNode {
    /// What a call of this node is expected to be, as far as its declaration says.
    func expectedCall(_ definition: NodeDefinition) -> ExpectedCall {
        func literal(_ names: [String]) -> JSONValue? {
            names.lazy.compactMap { name -> JSONValue? in
                guard case .literal(let value)? = definition.inputs.first(where: { $0.name == name })?.value else {
                    return nil
                }
                return value.isNull || value == .string("") ? nil : value
            }.first
        }
        let names = isAzure ? LLMInputs.modelNames : LLMInputs.modelNames.reversed()
        let limit = literal(["max_tokens", "max_completion_tokens"])
        return ExpectedCall(
            connectionType: connection.type, provider: connection.estimatedProvider,
            model: literal(names)?.string ?? connection.settings["model"] ?? "", promptBytes: template.size,
            maximumOutputTokens: limit?.int ?? limit?.string.flatMap { Int($0) })
    }
}

extension Connection {
    /// The provider's name for estimates; the adapter decides on real calls.
    fileprivate var estimatedProvider: String {
        settings["provider"]
            ?? {
                switch type {
                case .azureOpenAI: "azure.ai.openai"
                case .anthropic: "anthropic"
                case .openAI: base == nil || base?.contains("api.openai.com") == true ? "openai" : "other"
                default: type.rawValue
                }
            }()
    }
}

/// One run of an llm node: rounds of calls until there is an answer.
private struct LLMCall {
    let node: LLMNode
    let scope: NodeScope
    private let variables: JSONObject
    private let settings: JSONObject
    private let body: JSONObject

    init(node: LLMNode, inputs: JSONObject, scope: NodeScope) throws(FlowFailure) {
        self.node = node
        self.scope = scope
        let parameters = LLMInputs.parameters(api: node.api)
        var variables = JSONObject()
        var settings = JSONObject()
        var body: JSONObject = ["model": .string(Self.model(inputs, node: node))]
        // Prompt flow's llm tool sends its own defaults; a prompty sends what it says and no more.
        if node.api != .embedding, !node.isPrompty {
            body["temperature"] = 1.0
            body["top_p"] = 1.0
            body["n"] = 1
        }
        for (name, value) in inputs {
            if node.isPrompty, name.hasPrefix(LLMInputs.promptPrefix) {
                variables[String(name.dropFirst(LLMInputs.promptPrefix.count))] = value
            } else if LLMInputs.own.contains(name) {
                settings[name] = value
            } else if let type = parameters[name] {
                if let value = try LLMInputs.setting(value, type: type, name: name) { body[name] = value }
            } else {
                variables[name] = value
            }
        }
        settings["stream"] = body["stream"]
        body["stream"] = nil
        self.variables = variables
        self.settings = settings
        self.body = body
    }

    private static func model(_ inputs: JSONObject, node: LLMNode) -> String {
        let names = node.isAzure ? LLMInputs.modelNames : LLMInputs.modelNames.reversed()
        let given = names.lazy.compactMap { inputs[$0]?.string }.first { !$0.isEmpty }
        return given ?? node.connection.settings["model"] ?? ""
    }

    func run() async throws -> JSONValue {
        var body = body
        switch node.api {
        case .chat: body["messages"] = .array(try messages())
        default: body["prompt"] = .string(try node.template.segments(variables).map(\.text).joined())
        }
        // The prompt first, then how to answer it: the order people read a recording in.
        var ordered: JSONObject = ["model": body["model"] ?? ""]
        for key in ["messages", "prompt"] { ordered[key] = body[key] }
        ordered.merge(body)
        return try await converse(ordered)
    }

    private func messages() throws(FlowFailure) -> [JSONValue] {
        var images = ImageCatalogue(directory: node.directory)
        var values: [String: TemplateValue] = [:]
        for (name, value) in variables { values[name] = try images.chatInput(value) }
        var segments: [Segment] = []
        for segment in try node.template.segments(values: values) {
            if case .value(let text) = segment, let origin = scope.context.segments(ofPrompt: text) {
                segments += origin
            } else {
                segments.append(segment)
            }
        }
        return try ChatPrompt(images: images).messages(segments)
    }

    /// Calls the model; runs the tools it asks for and calls again, a bounded number of times.
    private func converse(_ first: JSONObject) async throws -> JSONValue {
        var body = first
        let tools = Dictionary(
            LLMInputs.toolNodeNames(settings[LLMInputs.toolNodes] ?? .null), uniquingKeysWith: { first, _ in first })
        let rounds = try settings.integer(LLMInputs.maximumRounds, or: 5, in: 1...50)
        for _ in 0..<rounds {
            let response = try await send(body)
            let message = response.body["choices"]?.array?.first?["message"]
            guard let calls = message?["tool_calls"]?.array, !calls.isEmpty, !tools.isEmpty else {
                return try await answer(response, body: body)
            }
            var messages = body["messages"]?.array ?? []
            messages.append(message ?? .null)
            for call in calls { messages.append(try await result(of: call, tools: tools, declared: body["tools"])) }
            body["messages"] = .array(messages)
        }
        throw FlowFailure(
            "ToolRoundsExceeded",
            "the model still asks for tools after \(rounds) rounds; raise `max_rounds` or look at the prompt",
            blame: .environment)
    }

    private func result(of call: JSONValue, tools: [String: String], declared: JSONValue?) async throws -> JSONValue {
        let name = call["function"]?["name"]?.string ?? ""
        let output: JSONValue
        if let nodeName = tools[name] {
            output = try await arguments(of: call, name: name, declared: declared, nodeName: nodeName)
        } else {
            output = .string(
                "error: there is no tool `\(name)`; known are \(tools.keys.sorted().joined(separator: ", "))")
        }
        return [
            "role": "tool", "tool_call_id": call["id"] ?? "",
            "content": .string(output.string ?? output.text()),
        ]
    }

    /// Runs the tool, or tells the model what is wrong with its arguments so that it can try again.
    private func arguments(of call: JSONValue, name: String, declared: JSONValue?, nodeName: String) async throws
        -> JSONValue
    {
        let text = call["function"]?["arguments"]?.string ?? "{}"
        guard let parsed = try? JSONValue(parsing: text), case .object(let arguments) = parsed else {
            return .string("error: the arguments are no JSON object")
        }
        let declaration = declared?.array?.first { $0["function"]?["name"]?.string == name }
        if let schema = declaration?["function"]?["parameters"],
            let problem = try StructuredOutput.problem(with: parsed, schema: schema)
        {
            return .string("error: the arguments do not fit: \(problem)")
        }
        return try await scope.flow.callTool(
            nodeName, arguments: arguments, parent: scope.spanID, context: scope.context)
    }

    private func answer(_ response: ModelResponse, body: JSONObject) async throws -> JSONValue {
        if node.returnsWholeResponse { return .object(response.body) }
        guard let choice = response.body["choices"]?.array?.first else { return "" }
        if body.contains("functions") || body.contains("tools"), settings[LLMInputs.toolNodes] == nil {
            return choice["message"] ?? ""
        }
        let text = response.text ?? ""
        guard let format = StructuredOutput(body["response_format"]) else { return .string(text) }
        return try await structured(text, format: format, body: body)
    }

    private func structured(_ text: String, format: StructuredOutput, body: JSONObject) async throws -> JSONValue {
        var text = text
        var verdict = try format.check(text)
        if case .failure(let problem) = verdict,
            settings[LLMInputs.repair].map({ $0 != .bool(false) && $0 != .int(0) }) ?? false
        {
            var body = body
            body["messages"] = .array(
                (body["messages"]?.array ?? []) + [
                    ["role": "assistant", "content": .string(text)],
                    [
                        "role": "user",
                        "content": .string(
                            "That answer is not valid: \(problem.detail). Answer again with valid JSON only."),
                    ],
                ])
            text = try await send(body).text ?? ""
            verdict = try format.check(text)
        }
        switch verdict {
        case .failure(let problem):
            throw FlowFailure(
                "StructuredOutputInvalid", "the model's answer does not fit `response_format`: \(problem.detail)",
                blame: .environment)
        case .success(let value):
            if !node.outputNames.isEmpty { return try selected(value) }
            return settings[LLMInputs.parseJSON] == .bool(true) || node.isPrompty ? value : .string(text)
        }
    }

    private func selected(_ value: JSONValue) throws(FlowFailure) -> JSONValue {
        var object = JSONObject()
        for name in node.outputNames {
            guard let member = value[name] else {
                throw FlowFailure(
                    "InvalidOutputKeyError",
                    "the model's answer has no key `\(name)`, which the prompty's outputs name", blame: .environment)
            }
            object[name] = member
        }
        return .object(object)
    }

    /// One model call, with its span.
    private func send(_ body: JSONObject) async throws -> ModelResponse {
        let context = scope.context
        let request = ModelRequest(
            operation: node.api, connection: node.connection, body: body, timeout: context.services.limits.modelTimeout)
        var span = Span(
            id: TraceIdentifier.span(), parentID: scope.spanID, traceID: context.traceID,
            name: "\(node.api.rawValue) \(request.model)", kind: .model, start: SpanClock.now())
        span.attributes = [
            Vocabulary.operation: .string(node.api == .completion ? "text_completion" : node.api.rawValue),
            Vocabulary.requestModel: .string(request.model), Vocabulary.connection: .string(node.connection.name),
            Vocabulary.inputMessages: body["messages"] ?? body["prompt"] ?? .null,
        ]
        do {
            let response = try await context.services.models.send(request, onText: textSink)
            span.duration = SpanClock.now() - span.start
            span.attributes.describe(response)
            context.record(usage: response.usage, cost: response.cost)
            context.record(span)
            return response
        } catch {
            span.duration = SpanClock.now() - span.start
            span.error = LineError(code: error.code, message: error.message, blame: error.blame)
            context.record(span)
            throw error
        }
    }
}

extension LLMCall {
    /// Where pieces of text go, if the node streams and someone listens.
    private var textSink: (@Sendable (String) -> Void)? {
        let name = scope.nodeName
        guard settings["stream"] == .bool(true) || scope.context.streamedNodes.contains(name),
            let onText = scope.context.onText
        else { return nil }
        return { onText(name, $0) }
    }
}

extension JSONObject {
    /// Adds what a model answered and what it cost, by OpenTelemetry's names.
    fileprivate mutating func describe(_ response: ModelResponse) {
        self[Vocabulary.provider] = .string(response.provider)
        self[Vocabulary.responseModel] = .string(response.model)
        self[Vocabulary.inputTokens] = .int(response.usage.input)
        self[Vocabulary.outputTokens] = .int(response.usage.output)
        if response.usage.cachedInput > 0 { self[Vocabulary.cachedTokens] = .int(response.usage.cachedInput) }
        self[Vocabulary.cost] = response.cost.nanoUSD.map { .int($0) } ?? .null
        if response.attempts > 1 { self[Vocabulary.attempts] = .int(response.attempts) }
        if response.isReplayed { self[Vocabulary.isReplayed] = true }
        let choices = response.body["choices"]?.array ?? []
        self[Vocabulary.finishReasons] = .array(choices.compactMap { $0["finish_reason"] })
        self[Vocabulary.outputMessages] = .array(choices.compactMap { $0["message"] ?? $0["text"] })
    }
}

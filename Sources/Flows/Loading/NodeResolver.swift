import Domain
import Foundation

/// Loads what each node needs: prompts compiled, tools looked up, connections found, other flows loaded.
struct NodeResolver {
    let services: FlowServices
    let definition: FlowDefinition
    let prompty: Prompty?
    let place: PythonPlace
    let loader: FlowLoader
    let depth: Int
    /// Content of the files that were read, by path relative to the flow: for the digest.
    private(set) var sources: [String: String] = [:]
    private(set) var subflows: [String: Digest] = [:]
    /// The signature of a flex flow's entry, once known.
    private var entry: (tool: PythonTool, signature: PythonSignature)?
    /// The same of its class's `__aggregate__`, if it has one.
    private var aggregate: (tool: PythonTool, signature: PythonSignature)?
    private static let flexAggregate = "__aggregate__"

    init(
        services: FlowServices, definition: FlowDefinition, prompty: Prompty?, place: PythonPlace, loader: FlowLoader,
        depth: Int
    ) {
        self.services = services
        self.definition = definition
        self.prompty = prompty
        self.place = place
        self.loader = loader
        self.depth = depth
    }

    /// Nodes in the order of the file.
    mutating func resolve(_ flow: FlowDefinition) async throws -> [LoadedNode] {
        var loaded: [LoadedNode] = []
        for node in flow.nodes { loaded.append(try await resolve(node)) }
        return loaded
    }

    /// Turns a flex flow's entry into nodes: one that is called per line and, for a class with `__aggregate__`, one after.
    mutating func declareFlexNode(_ flow: inout FlowDefinition, initialization: JSONObject) async throws {
        guard let name = flow.entry else { return }
        var values = flow.initialization
        values.merge(initialization)
        let tool = PythonTool.entry(name, initialization: values)
        let signature = try await services.python.signature(of: tool, in: place)
        entry = (tool, signature)
        let location = SourceLocation(file: flow.file, line: 1, column: 1)
        if flow.inputs.isEmpty {
            flow.inputs = signature.parameters.map {
                FlowInput(name: $0.name, type: Self.type(of: $0), defaultValue: $0.defaultValue, location: location)
            }
        }
        var node = NodeDefinition(name: flow.name, kind: .python, location: location)
        node.inputs = flow.inputs.map { ($0.name, .flowInput($0.name)) }
        flow.nodes = [node]
        let aggregate = PythonTool.entryAggregate(name, initialization: values)
        // A function, or a class without the method, cannot be loaded as this.
        if let signature = try? await services.python.signature(of: aggregate, in: place),
            let parameter = signature.parameters.first
        {
            self.aggregate = (aggregate, signature)
            var node = NodeDefinition(name: Self.flexAggregate, kind: .python, location: location)
            node.inputs = [(parameter.name, .node(flow.name, path: []))]
            node.isAggregation = true
            flow.nodes.append(node)
        }
        flow.outputs = [FlowOutput(name: "output", reference: .node(flow.name, path: []), location: location)]
        let module = String(name.prefix { $0 != ":" }).replacing(".", with: "/") + ".py"
        if let text = try? TextFile.read(path: "\(flow.directory)/\(module)") { sources[module] = text }
    }

    private static func type(of parameter: PythonParameter) -> ValueType {
        switch parameter.annotation {
        case "int": .int
        case "float": .double
        case "bool": .bool
        case "str": .string
        case "list": .list
        default: .object
        }
    }

    private mutating func resolve(_ node: NodeDefinition) async throws -> LoadedNode {
        try NativeInputs.check(node)
        switch node.kind {
        case .prompt: return .immediate(try prompt(node))
        case .llm: return .awaited(try llm(node))
        case .python, .customLLM: return .awaited(try await python(node))
        case .json: return .immediate(JSONNode())
        case .match: return .immediate(MatchNode())
        case .score: return .immediate(ScoreNode())
        case .aggregate:
            guard node.isAggregation else {
                throw FlowFailure(
                    "FlowDefinitionError", "the `aggregate` node `\(node.name)` needs `aggregation: true`",
                    at: node.location)
            }
            return .immediate(AggregateNode(name: node.name))
        case .http: return .awaited(HTTPNode())
        case .flow: return .awaited(FlowNode(flow: try await subflow(node)))
        case .loop: return .awaited(LoopNode(flow: try await subflow(node)))
        case .retrieve:
            let connection = try node.connection.map { try services.connections.connection(named: $0) }
            return .awaited(RetrieveNode(directory: place.directory, connection: connection))
        }
    }

    private mutating func subflow(_ node: NodeDefinition) async throws -> LoadedFlow {
        guard let path = node.source?.path else {
            throw FlowFailure(
                "FlowDefinitionError", "the node `\(node.name)` needs `source: {path: …}`, the flow it runs",
                at: node.location)
        }
        let near = path.hasPrefix("/") ? path : "\(definition.directory)/\(path)"
        let target = FileManager.default.fileExists(atPath: near) ? near : path
        let flow = try await loader.load(FlowRequest(flow: target), depth: depth + 1)
        subflows[node.name] = flow.digest
        return flow
    }

    /// The text of a file that a node's source names.
    private mutating func source(of node: NodeDefinition) throws -> (text: String, shown: String) {
        guard let path = node.source?.path else {
            throw FlowFailure(
                "FlowDefinitionError", "the node `\(node.name)` needs `source: {path: …}`", at: node.location)
        }
        let full = path.hasPrefix("/") ? path : "\(place.directory)/\(path)"
        guard FileManager.default.fileExists(atPath: full) else {
            throw FlowFailure(
                "NodeSourceNotFound",
                "the node `\(node.name)` has the source `\(path)`, which does not exist in `\(FileManager.default.currentRelativePath(of: definition.directory))`",
                at: node.location)
        }
        let shown = FileManager.default.currentRelativePath(of: full)
        let text = try TextFile.read(path: full, shownAs: shown)
        sources[path] = text
        return (text, shown)
    }

    private mutating func prompt(_ node: NodeDefinition) throws -> PromptNode {
        let (text, shown) = try source(of: node)
        let template = try PromptTemplate(source: text, file: shown)
        try checkVariables(template, of: node, reserved: ["template"])
        let isReadByModel = definition.nodes.contains { other in
            other.kind == .llm && other.inputs.contains { $0.value.nodeName == node.name }
        }
        return PromptNode(template: template, isReadByModel: isReadByModel)
    }

    private func checkVariables(_ template: PromptTemplate, of node: NodeDefinition, reserved: Set<String>)
        throws(FlowFailure)
    {
        let taken = template.variables.filter(reserved.contains).sorted()
        guard !taken.isEmpty else { return }
        throw FlowFailure(
            "NodeInputValidationError",
            "Invalid inputs {\(taken.map { "'\($0)'" }.joined(separator: ", "))} in the prompt of the node `\(node.name)`: "
                + "these names are parameters of the node; rename the variables of the template",
            at: node.location)
    }

    private mutating func llm(_ node: NodeDefinition) throws -> LLMNode {
        let word = node.api ?? "chat"
        guard let api = ModelOperation(rawValue: word), api != .embedding else {
            throw FlowFailure(
                "FlowDefinitionError",
                "the node `\(node.name)` has the unknown api `\(word)`; known are `chat`, `completion`",
                at: node.location)
        }
        let connection = try connection(of: node)
        guard connection.type != .custom else {
            throw FlowFailure(
                "ConnectionInvalid",
                "the node `\(node.name)` uses the connection `\(connection.name)`, which is `custom` and leads to no model",
                at: node.location)
        }
        for (name, value) in node.inputs {
            guard let type = LLMInputs.parameters(api: api)[name], case .literal(let literal) = value else { continue }
            do { _ = try LLMInputs.setting(literal, type: type, name: name) } catch {
                throw FlowFailure(error.code, "the node `\(node.name)`: \(error.detail)", at: node.location)
            }
        }
        let isAzure = node.provider.map { $0 == "AzureOpenAI" } ?? (connection.type == .azureOpenAI)
        let shown = FileManager.default.currentRelativePath(of: definition.file)
        if let prompty {
            sources[(definition.file as NSString).lastPathComponent] = prompty.body
            return LLMNode(
                template: try PromptTemplate(source: prompty.body, file: shown, lineOffset: prompty.bodyLine - 1),
                api: api,
                connection: connection, isAzure: isAzure, isPrompty: true, directory: place.directory,
                returnsWholeResponse: prompty.response == "all", outputNames: prompty.outputNames)
        }
        let (text, promptFile) = try source(of: node)
        let template = try PromptTemplate(source: text, file: promptFile)
        var reserved = Set(LLMInputs.parameters(api: api).keys).union(["prompt", "stream"])
        reserved.insert(isAzure ? "deployment_name" : "model")
        // `prompt` may fill a variable of that name in chat prompts only where the node declares no such input.
        try checkVariables(
            template, of: node,
            reserved: api == .completion || !node.inputs.contains { $0.name == "prompt" }
                ? reserved : reserved.subtracting(["prompt"]))
        return LLMNode(
            template: template, api: api, connection: connection, isAzure: isAzure, isPrompty: false,
            directory: place.directory)
    }

    private func connection(of node: NodeDefinition) throws -> Connection {
        if let name = node.connection { return try services.connections.connection(named: name) }
        if let prompty,
            let connection = try InlineConnection(prompty.configuration, environment: services.environment).connection
        {
            return connection
        }
        let names = services.connections.names
        throw FlowFailure(
            "ConnectionNotFound",
            "the node `\(node.name)` names no connection; write `connection: NAME` or pass `--connection \(node.name)=NAME`"
                + (names.isEmpty ? "" : " (declared are \(names.map { "`\($0)`" }.joined(separator: ", ")))"),
            at: node.location)
    }

    private mutating func python(_ node: NodeDefinition) async throws -> PythonNode {
        if let aggregate, node.isAggregation {
            return PythonNode(tool: aggregate.tool, signature: aggregate.signature, constants: [:], connections: [:])
        }
        if let entry {
            return PythonNode(tool: entry.tool, signature: entry.signature, constants: [:], connections: [:])
        }
        var constants = JSONObject()
        let tool: PythonTool
        switch node.source?.kind {
        case .package, .packageWithPrompt:
            guard let name = node.source?.tool else {
                throw FlowFailure(
                    "FlowDefinitionError", "the node `\(node.name)` needs `source: {tool: package.module.function}`",
                    at: node.location)
            }
            tool = .package(function: name)
            if node.source?.kind == .packageWithPrompt { constants["prompt"] = .string(try source(of: node).text) }
        default:
            _ = try source(of: node)
            let path = node.source?.path ?? ""
            if node.kind == .customLLM, path.hasSuffix(".jinja2") {
                throw FlowFailure(
                    "FlowDefinitionError",
                    "the node `\(node.name)` needs `source: {type: package_with_prompt, tool: …, path: …}`",
                    at: node.location)
            }
            tool = .file(path: path, function: nil)
        }
        let signature: PythonSignature
        do { signature = try await services.python.signature(of: tool, in: place) } catch {
            throw FlowFailure(
                error.code, "the node `\(node.name)`: \(error.message)", at: node.location, blame: error.blame)
        }
        try checkArguments(signature, of: node, constants: constants)
        return PythonNode(
            tool: tool, signature: signature, constants: constants, connections: try connections(signature, of: node))
    }

    private func checkArguments(_ signature: PythonSignature, of node: NodeDefinition, constants: JSONObject)
        throws(FlowFailure)
    {
        let isTool = definition.nodes.contains { other in
            guard case .literal(let declared)? = other.inputs.first(where: { $0.name == LLMInputs.toolNodes })?.value
            else { return false }
            return LLMInputs.toolNodeNames(declared).contains { $0.node == node.name }
        }
        guard !isTool else { return }
        let given = Set(node.inputs.map(\.name)).union(constants.keys).union(
            node.connection == nil ? [] : ["connection"])
        if !signature.acceptsAnything,
            let unknown = node.inputs.first(where: { input in !signature.parameters.contains { $0.name == input.name } }
            )
        {
            throw FlowFailure(
                "NodeInputValidationError",
                "the node `\(node.name)` gives `\(unknown.name)`, which `\(signature.function)` does not take"
                    + NearestName.hint(for: unknown.name, among: signature.parameters.map(\.name)),
                at: node.location)
        }
        let missing = signature.parameters.filter { $0.defaultValue == nil && !given.contains($0.name) }.map(\.name)
        guard missing.isEmpty else {
            throw FlowFailure(
                "NodeInputValidationError",
                "the node `\(node.name)` gives no value for \(missing.map { "`\($0)`" }.joined(separator: ", ")) of `\(signature.function)`",
                at: node.location)
        }
    }

    /// Inputs whose parameter is annotated as a connection name one.
    private func connections(_ signature: PythonSignature, of node: NodeDefinition) throws -> [String: Connection] {
        var found: [String: Connection] = [:]
        for parameter in signature.parameters where parameter.annotation.contains("Connection") {
            let literal = node.inputs.first { $0.name == parameter.name }?.value
            var name: String?
            if case .literal(.string(let text))? = literal { name = text }
            if parameter.name == "connection", let declared = node.connection { name = declared }
            if let name, !name.isEmpty { found[parameter.name] = try services.connections.connection(named: name) }
        }
        return found
    }
}

package import Domain
import Foundation

/// Loads flows from files: prompt flow's formats unchanged.
package struct FlowLoader: FlowRunner {
    private let services: FlowServices
    private let locator: FlowLocator
    /// The interpreter for Python nodes, if the workspace names one.
    private let interpreter: String?
    /// Gets pieces of streamed text: node and piece.
    private let onText: (@Sendable (String, String) -> Void)?
    private let warn: @Sendable (String) -> Void

    package init(
        services: FlowServices, flowsDirectory: String?, interpreter: String? = nil,
        onText: (@Sendable (String, String) -> Void)? = nil, warn: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.services = services
        locator = FlowLocator(flowsDirectory: flowsDirectory)
        self.interpreter = interpreter
        self.onText = onText
        self.warn = warn
    }

    package func prepare(_ request: FlowRequest) async throws -> any PreparedFlow {
        let flow = try await load(request, depth: 0)
        flow.warnings.forEach(warn)
        return ReadyFlow(flow: flow, services: services, onText: onText)
    }

    func load(_ request: FlowRequest, depth: Int) async throws -> LoadedFlow {
        guard depth < services.limits.flowDepth else {
            throw FlowFailure(
                "FlowDepthExceeded", "flows call flows more than \(services.limits.flowDepth) deep; is there a circle?")
        }
        let file = try locator.file(for: request.flow)
        var (definition, prompty) = try read(file, request: request)
        try apply(request, to: &definition)
        let place = try place(for: definition, request: request)
        var resolver = NodeResolver(
            services: services, definition: definition, prompty: prompty, place: place, loader: self, depth: depth)
        if definition.format == .flex {
            try await resolver.declareFlexNode(&definition, initialization: request.initialization)
        }
        let nodes = try await resolver.resolve(definition)
        let (plan, warnings) = try FlowValidator(definition: definition).plan()
        let digest = FlowDigest(definition: definition, sources: resolver.sources, subflows: resolver.subflows).digest
        return LoadedFlow(
            definition: definition, plan: plan, nodes: nodes, place: place, digest: digest,
            warnings: definition.warnings + warnings,
            outputRule: definition.format == .dag ? .declared : .wholeValue)
    }

    private func read(_ file: String, request: FlowRequest) throws -> (FlowDefinition, Prompty?) {
        if file.hasSuffix(".prompty") {
            try requireNoVariants(request)
            let (flow, prompty) = try PromptyReader(environment: services.environment).read(file: file)
            return (flow, prompty)
        }
        if (file as NSString).lastPathComponent.hasPrefix("flow.flex.") {
            try requireNoVariants(request)
            return (try FlexReader().read(file: file), nil)
        }
        let map = try YAMLReader.read(path: file, shownAs: FileManager.default.currentRelativePath(of: file)).map(
            "the flow")
        if map.present("entry") != nil, map.present("nodes") == nil { return (try FlexReader().read(file: file), nil) }
        return (try DagReader(chosenVariants: request.variants).read(file: file), nil)
    }

    private func requireNoVariants(_ request: FlowRequest) throws(FlowFailure) {
        guard let node = request.variants.keys.min() else { return }
        throw FlowFailure("VariantNotFound", "the flow has no variants, so none of `\(node)` can be chosen")
    }

    /// Puts connections and inputs from outside over the flow's own.
    private func apply(_ request: FlowRequest, to flow: inout FlowDefinition) throws(FlowFailure) {
        let names = flow.nodes.map(\.name)
        for node in (Array(request.connections.keys) + request.overrides.keys).sorted()
        where node != "*" && !names.contains(node) {
            throw FlowFailure(
                "NodeReferenceNotFound",
                "there is no node `\(node)` to change\(NearestName.hint(for: node, among: names))")
        }
        for index in flow.nodes.indices {
            let isModel = flow.nodes[index].kind == .llm || flow.nodes[index].kind == .retrieve
            if let connection = request.connections[names[index]] ?? (isModel ? request.connections["*"] : nil) {
                flow.nodes[index].connection = connection
            }
            for (input, value) in (isModel ? request.overrides["*"] ?? [:] : [:]) {
                flow.nodes[index].set(input, to: value)
            }
            for (input, value) in request.overrides[names[index]] ?? [:] { flow.nodes[index].set(input, to: value) }
        }
    }

    private func place(for flow: FlowDefinition, request: FlowRequest) throws -> PythonPlace {
        var environment: [String: String] = [:]
        for (name, value) in flow.environment {
            if let given = services.environment[name] {
                environment[name] = given
            } else {
                environment[name] = try resolved(value)
            }
        }
        environment.merge(request.environment) { $1 }
        let directory = try FlowStaging.directory(for: flow)
        return PythonPlace(interpreter: interpreter, directory: directory, environment: environment)
    }

    /// `${connection.key}` becomes that value; lists and objects become JSON.
    private func resolved(_ value: JSONValue) throws -> String {
        guard case .string(let text) = value, text.hasPrefix("${"), text.hasSuffix("}"),
            let dot = text.firstIndex(of: ".")
        else {
            switch value {
            case .array, .object: return value.text()
            default: return value.pythonText
            }
        }
        let connection = try services.connections.connection(
            named: String(text[text.index(text.startIndex, offsetBy: 2)..<dot]))
        let key = String(text[text.index(after: dot)...].dropLast())
        guard let found = connection.secrets[key]?.reveal() ?? connection.settings[key] else {
            throw FlowFailure(
                "ConnectionKeyNotFound",
                "the connection `\(connection.name)` has no `\(key)`, which an environment variable reads")
        }
        return found
    }
}

extension NodeDefinition {
    fileprivate mutating func set(_ input: String, to value: JSONValue) {
        inputs.removeAll { $0.name == input }
        inputs.append((input, .literal(value)))
    }
}

import Domain

/// A flow that is ready to run: planned, its prompts compiled, its tools known.
final class LoadedFlow: Sendable {
    let definition: FlowDefinition
    let plan: FlowPlan
    let nodes: [LoadedNode]
    let place: PythonPlace
    let digest: Digest
    let warnings: [String]
    /// How outputs are made of nodes' values.
    let outputRule: OutputRule
    private let hasPython: Bool

    enum OutputRule: Sendable {
        /// As the flow declares them.
        case declared
        /// The value of the only node: an object gives its members, anything else the output `output`.
        case wholeValue
    }

    init(
        definition: FlowDefinition, plan: FlowPlan, nodes: [LoadedNode], place: PythonPlace, digest: Digest,
        warnings: [String],
        outputRule: OutputRule
    ) {
        self.definition = definition
        self.plan = plan
        self.nodes = nodes
        self.place = place
        self.digest = digest
        self.warnings = warnings
        self.outputRule = outputRule
        hasPython = plan.nodes.contains { $0.definition.kind.isPython }
    }

    /// What the flow is run on where nothing is given.
    var sampleInputs: JSONObject { definition.sample }

    /// The flow's outputs, once the line is through.
    func outputs(_ progress: LineProgress) throws(FlowFailure) -> JSONObject {
        var outputs = JSONObject()
        switch outputRule {
        case .declared:
            for output in plan.outputs {
                outputs.append(output.name, try progress.value(of: output.reference).withoutHandles)
            }
        case .wholeValue:
            let value = progress.outputs[0].withoutHandles
            if case .object(let object) = value { outputs = object } else { outputs["output"] = value }
        }
        return outputs
    }

    /// The inputs of a node; those that read bypassed nodes take the parameter's default or null.
    func inputs(of index: Int, progress: LineProgress) throws(FlowFailure) -> JSONObject {
        var inputs = JSONObject()
        // Only Python can use what stays in a worker; flows without Python have no such values.
        let keepsHandles = plan.nodes[index].definition.kind.isPython || !hasPython
        for (name, assignment) in plan.nodes[index].definition.inputs {
            if case .node(let other, _) = assignment, let place = plan.index(of: other), progress.wasBypassed(place) {
                inputs[name] = nodes[index].defaultValue(of: name) ?? .null
            } else {
                let value = try progress.value(of: assignment)
                inputs[name] = keepsHandles ? value : value.withoutHandles
            }
        }
        return inputs
    }

    /// Runs the flow for a node of another flow, within that line.
    ///
    /// Throws the first node's failure.
    func call(_ inputs: JSONObject, parent: String, context: LineContext) async throws -> JSONObject {
        guard context.depth < context.services.limits.flowDepth else {
            throw FlowFailure(
                "FlowDepthExceeded",
                "flows call flows more than \(context.services.limits.flowDepth) deep; is there a circle?")
        }
        let inner = LineContext(
            services: context.services, place: place, lineNumber: context.lineNumber, depth: context.depth + 1,
            traceID: context.traceID)
        let runner = LineRunner(flow: self, context: inner)
        let resolved = try plan.inputs.resolve(inputs, lineNumber: nil)
        let result = await runner.run(resolved, parent: parent)
        await inner.close()
        let totals = inner.totals()
        totals.spans.forEach(context.record)
        context.record(usage: totals.usage, cost: totals.cost)
        if let error = result.error { throw error.underlying }
        return result.outputs
    }

    /// Runs a node that a model asked for as a tool; the arguments go over the node's own inputs.
    func callTool(_ name: String, arguments: JSONObject, parent: String, context: LineContext) async throws -> JSONValue
    {
        guard let index = plan.index(of: name) else {
            throw FlowFailure("NodeReferenceNotFound", "there is no node `\(name)`")
        }
        var inputs = JSONObject()
        for (name, assignment) in plan.nodes[index].definition.inputs {
            if case .literal(let value) = assignment { inputs[name] = value }
        }
        inputs.merge(arguments)
        let runner = LineRunner(flow: self, context: context)
        switch await runner.runNode(index, inputs: inputs, parent: parent, kind: .tool) {
        case .success(let output): return output
        case .failure(let error): throw error.underlying
        }
    }
}

/// How values that stay in a Python worker are named.
enum PythonHandle {
    static let key = "$pawang.handle"
}

extension JSONValue {
    /// Values that stayed in a Python worker become their texts.
    var withoutHandles: JSONValue {
        switch self {
        case .array(let elements): .array(elements.map(\.withoutHandles))
        case .object(let object):
            object[PythonHandle.key] == nil
                ? .object(JSONObject(object.map { ($0, $1.withoutHandles) })) : object["repr"] ?? .null
        default: self
        }
    }
}

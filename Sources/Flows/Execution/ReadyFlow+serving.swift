import Domain

extension ReadyFlow: ServableFlow {
    var interface: FlowInterface {
        let definition = flow.definition
        let inputs = definition.inputs.map { input in
            FlowInterface.Input(
                name: input.name, type: input.type.rawValue, description: input.description,
                defaultValue: input.defaultValue, isChatInput: input.isChatInput, isChatHistory: input.isChatHistory)
        }
        let outputs = flow.plan.outputs.map { output in
            FlowInterface.Output(
                name: output.name, type: output.type?.rawValue ?? ValueType.object.rawValue,
                description: output.description, isChatOutput: output.isChatOutput,
                isEvaluationOnly: output.isEvaluationOnly, streamingNode: streamingNode(of: output))
        }
        return FlowInterface(inputs: inputs, outputs: outputs, hasOpenOutputs: flow.outputRule == .wholeValue)
    }

    func bound(to binding: FlowBinding) -> any PreparedFlow {
        var services = services
        services.models = binding.models
        var bound = ReadyFlow(flow: flow, services: services, onText: binding.onText)
        bound.traceID = binding.traceID
        bound.parentSpan = binding.parentSpan
        if binding.onText != nil { bound.streamedNodes = Set(interface.outputs.compactMap(\.streamingNode)) }
        return bound
    }

    /// The llm node whose text an output is as it stands, if no other node reads it: prompt flow's rule.
    ///
    /// Not where the text is only part of the way to the value: structured output, or tools that the node runs.
    private func streamingNode(of output: FlowOutput) -> String? {
        guard case .node(let name, path: []) = output.reference,
            let node = flow.definition.nodes.first(where: { $0.name == name }), node.kind == .llm, !node.isAggregation
        else { return nil }
        let isRead = flow.definition.nodes.contains { other in
            other.inputs.contains { $0.value.nodeName == name }
        }
        let changesText = node.inputs.contains { input in
            guard Self.textChangingInputs.contains(input.name) else { return false }
            if case .literal(let value) = input.value { return !value.isNull && value != .string("") }
            return true
        }
        return isRead || changesText ? nil : name
    }

    private static let textChangingInputs: Set = [LLMInputs.toolNodes, "tools", "functions", "response_format"]
}

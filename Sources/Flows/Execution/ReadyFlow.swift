import Domain

/// A loaded flow with the services it runs on: what commands and experiments hold.
struct ReadyFlow: PreparedFlow {
    let flow: LoadedFlow
    let services: FlowServices
    let onText: (@Sendable (String, String) -> Void)?
    /// Where the flow is served: the caller's trace and span, and the nodes that stream whatever they say themselves.
    var traceID: String?
    var parentSpan: String?
    var streamedNodes: Set<String> = []

    var name: String { flow.definition.name }
    var digest: Digest { flow.digest }
    var aggregates: Bool { !flow.plan.aggregationOrder.isEmpty }

    var inputs: [(name: String, type: String, hasDefault: Bool)] {
        flow.definition.inputs.map { ($0.name, $0.type.rawValue, $0.fallback != nil) }
    }

    var outputNames: [String] { flow.outputRule == .declared ? flow.plan.outputs.map(\.name) : [] }

    var variants: [(node: String, defaultVariant: String, all: [String])] {
        flow.definition.variants.map { ($0.node, $0.defaultVariant, $0.all) }
    }

    var connectionNames: [String] {
        Set(flow.definition.nodes.compactMap(\.connection)).sorted()
    }

    var modelCallsPerLine: Int {
        flow.definition.nodes.reduce(0) { total, node in
            guard node.kind == .llm, !node.isAggregation else { return total }
            let rounds = node.inputs.first { $0.name == LLMInputs.maximumRounds }?.value
            guard node.inputs.contains(where: { $0.name == LLMInputs.toolNodes }) else { return total + 1 }
            if case .literal(.int(let rounds))? = rounds { return total + rounds }
            return total + 5
        }
    }

    var expectedCalls: [ExpectedCall] {
        zip(flow.definition.nodes, flow.nodes).compactMap { definition, loaded in
            guard case .awaited(let node) = loaded, let llm = node as? LLMNode, !definition.isAggregation else {
                return nil
            }
            return llm.expectedCall(definition)
        }
    }

    func run(line: Int, inputs: JSONObject) async -> LineRecord {
        let start = SpanClock.now()
        var record = LineRecord(lineNumber: line, status: .completed, inputs: inputs, start: start)
        let resolved: JSONObject
        do {
            let given = inputs.isEmpty ? flow.sampleInputs : inputs
            // A caller of a served flow has one input and no lines.
            resolved = try flow.plan.inputs.resolve(given, lineNumber: traceID == nil ? line : nil)
        } catch {
            // Inputs that fail validation are not kept.
            record.inputs = [:]
            record.status = .failed
            record.error = LineError(error)
            record.duration = SpanClock.now() - start
            return record
        }
        record.inputs = resolved
        let context = LineContext(
            services: services, place: flow.place, lineNumber: line, traceID: traceID ?? TraceIdentifier.trace(),
            streamedNodes: streamedNodes, onText: onText)
        var root = Span(
            id: TraceIdentifier.span(), parentID: parentSpan, traceID: context.traceID, name: flow.definition.name,
            kind: .flow, start: start,
            attributes: [Vocabulary.inputs: .object(resolved)])
        let result = await runBounded(resolved, parent: root.id, context: context)
        await context.close()
        let end = SpanClock.now()
        record.duration = end - start
        record.outputs = result.outputs
        record.nodes = result.progress.nodeStatuses(of: flow.plan.order, plan: flow.plan)
        if let error = result.error {
            // However the interruption showed in the node it hit, it is no result of the line.
            record.status = error.line.code == "Canceled" || Task.isCancelled ? .canceled : .failed
            record.error = error.line
        } else {
            record.aggregationInputs = flow.aggregationInputs(result.progress)
        }
        let totals = context.totals()
        record.usage = totals.usage
        record.cost = totals.cost
        root.duration = end - start
        root.error = record.error
        root.attributes[Vocabulary.output] = .object(result.outputs)
        record.spans = [root] + totals.spans
        return record
    }

    /// Runs the line under its time limit.
    ///
    /// Flows whose nodes never wait need no watch.
    private func runBounded(_ inputs: JSONObject, parent: String, context: LineContext) async -> LineRunner.Result {
        let runner = LineRunner(flow: flow, context: context)
        let waits = flow.plan.order.contains { if case .awaited = flow.nodes[$0] { true } else { false } }
        guard waits else { return await runner.run(inputs, parent: parent) }
        let limit = services.limits.lineTimeout
        return await withTaskGroup(of: LineRunner.Result?.self) { group in
            group.addTask { await runner.run(inputs, parent: parent) }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            guard let first = await group.next() else {
                return runner.canceled(inputs, after: limit, line: context.lineNumber)
            }
            if let result = first {
                group.cancelAll()
                return result
            }
            if Task.isCancelled {
                group.cancelAll()
                await context.close()
                return await group.next().flatMap { $0 }
                    ?? runner.canceled(inputs, after: limit, line: context.lineNumber)
            }
            group.cancelAll()
            // Ends calls into Python, which do not notice cancellation.
            await context.close()
            let late = await group.next().flatMap { $0 }
            return runner.canceled(inputs, after: limit, line: context.lineNumber, progress: late?.progress)
        }
    }

    func aggregate(_ lines: [LineRecord]) async -> AggregationRecord {
        guard aggregates else { return AggregationRecord() }
        let completed = lines.filter { $0.status == .completed }.sorted { $0.lineNumber < $1.lineNumber }
        var lists = JSONObject()
        for index in flow.plan.aggregationReads.nodes {
            let name = flow.plan.nodes[index].definition.name
            lists[name] = .array(completed.map { $0.aggregationInputs[name] ?? .null })
        }
        var inputs = JSONObject()
        for name in flow.plan.aggregationReads.inputs {
            inputs[name] = .array(completed.map { $0.inputs[name] ?? .null })
        }
        let context = LineContext(services: services, place: flow.place, lineNumber: -1)
        let record = await LineRunner(flow: flow, context: context).runAggregation(
            lists, inputs: inputs, parent: TraceIdentifier.span())
        await context.close()
        return record
    }
}

extension LineRunner {
    /// What is left of a line that took too long: running nodes are canceled.
    func canceled(_ inputs: JSONObject, after limit: Duration, line: Int, progress: LineProgress? = nil) -> Result {
        var progress = progress ?? LineProgress(plan: flow.plan, order: flow.plan.order, inputs: inputs)
        for index in flow.plan.order {
            switch progress.states[index] {
            case .running, .ended(.failed): progress.end(index, as: .canceled)
            default: break
            }
        }
        let failure = FlowFailure(
            "LineExecutionTimeoutError",
            "Line \(line) execution timeout for exceeding \(limit.components.seconds) seconds; raise the limit or make the flow faster",
            blame: .environment)
        return Result(error: NodeError(node: flow.definition.name, failure), progress: progress)
    }
}

extension LoadedFlow {
    /// What the aggregation nodes will read of a completed line.
    func aggregationInputs(_ progress: LineProgress) -> JSONObject {
        var values = JSONObject()
        for index in plan.aggregationReads.nodes {
            values[plan.nodes[index].definition.name] = progress.outputs[index].withoutHandles
        }
        return values
    }
}

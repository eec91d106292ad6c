import Domain

/// A node's failure, with what is stored of it.
struct NodeError: Error {
    let node: String
    let underlying: any Error
    let line: LineError

    init(node: String, _ error: any Error) {
        self.node = node
        underlying = error
        line = LineError(error)
    }
}

extension LineError {
    /// What is stored and shown of an error.
    init(_ error: any Error) {
        switch error {
        case let error as NodeError: self = error.line
        case let failure as any Failure: self.init(code: failure.code, message: failure.message, blame: failure.blame)
        case is CancellationError: self.init(code: "Canceled", message: "the line was canceled", blame: .environment)
        default: self.init(code: "SystemError", message: "\(error)", blame: .environment)
        }
    }
}

/// Runs the nodes of one line, or the aggregation nodes after all lines.
struct LineRunner {
    let flow: LoadedFlow
    let context: LineContext

    struct Result {
        var outputs = JSONObject()
        var error: NodeError?
        var progress: LineProgress
    }

    /// Runs the normal nodes.
    ///
    /// The first failure ends the line; other nodes are canceled.
    func run(_ inputs: JSONObject, parent: String) async -> Result {
        let progress = LineProgress(plan: flow.plan, order: flow.plan.order, inputs: inputs)
        var result = await runNodes(progress, parent: parent)
        guard result.error == nil else { return result }
        do { result.outputs = try flow.outputs(result.progress) } catch {
            result.error = NodeError(node: "outputs", error)
        }
        return result
    }

    /// Runs nodes as they become ready: one by one in place while only one is, else side by side.
    private func runNodes(_ start: LineProgress, parent: String) async -> Result {
        var progress = start
        while !progress.isFinished {
            let ready: [Int]
            do { ready = try progress.takeReady() } catch {
                return Result(error: NodeError(node: flow.definition.name, error), progress: progress)
            }
            if ready.isEmpty { break }
            if ready.count > 1, !ready.allSatisfy(isImmediate) {
                return await runSideBySide(progress, ready: ready, parent: parent)
            }
            for index in ready {
                switch await runReady(index, progress: progress, parent: parent) {
                case .success(let output): progress.complete(index, with: output)
                case .failure(let error):
                    progress.end(index, as: .failed)
                    for other in ready where progress.states[other] == .running { progress.end(other, as: .canceled) }
                    return Result(error: error, progress: progress)
                }
            }
        }
        return Result(progress: progress)
    }

    /// Runs a node on what the line has for it so far; an input that leads nowhere is the node's failure.
    private func runReady(_ index: Int, progress: LineProgress, parent: String) async
        -> Swift.Result<JSONValue, NodeError>
    {
        do {
            return await runNode(index, inputs: try flow.inputs(of: index, progress: progress), parent: parent)
        } catch {
            return .failure(NodeError(node: flow.plan.nodes[index].definition.name, error))
        }
    }

    private func isImmediate(_ index: Int) -> Bool { if case .immediate = flow.nodes[index] { true } else { false } }

    private func runSideBySide(_ start: LineProgress, ready: [Int], parent: String) async -> Result {
        typealias Ended = (index: Int, result: Swift.Result<JSONValue, NodeError>)
        return await withTaskGroup(of: Ended.self) { group in
            var progress = start
            var waiting = ready
            var running = 0
            var failure: NodeError?
            while true {
                while failure == nil, running < context.services.limits.nodeConcurrency, !waiting.isEmpty {
                    let index = waiting.removeFirst()
                    do {
                        let inputs = try flow.inputs(of: index, progress: progress)
                        group.addTask { (index, await runNode(index, inputs: inputs, parent: parent)) }
                        running += 1
                    } catch {
                        failure = NodeError(node: flow.plan.nodes[index].definition.name, error)
                        progress.end(index, as: .failed)
                    }
                }
                if failure != nil { break }
                guard running > 0, let ended = await group.next() else { break }
                running -= 1
                switch ended.result {
                case .success(let output):
                    progress.complete(ended.index, with: output)
                    do { waiting += try progress.takeReady() } catch {
                        failure = NodeError(node: flow.definition.name, error)
                    }
                case .failure(let error):
                    progress.end(ended.index, as: .failed)
                    failure = error
                }
            }
            if failure != nil {
                for index in flow.plan.order where progress.states[index] == .running {
                    progress.end(index, as: .canceled)
                }
                group.cancelAll()
                // A worker does not notice cancellation: giving it back ends its calls.
                await context.close()
            }
            return Result(error: failure, progress: progress)
        }
    }

    /// Runs one node, with its span.
    func runNode(
        _ index: Int, inputs: JSONObject, parent: String, kind: Span.Kind = .node
    ) async -> Swift.Result<JSONValue, NodeError> {
        let definition = flow.plan.nodes[index].definition
        var span = Span(
            id: TraceIdentifier.span(), parentID: parent, traceID: context.traceID, name: definition.name, kind: kind,
            start: SpanClock.now(), attributes: [Vocabulary.nodeKind: .string(definition.kind.rawValue)])
        let result: Swift.Result<JSONValue, NodeError>
        do {
            let output: JSONValue
            switch flow.nodes[index] {
            case .immediate(let node): output = try node.run(inputs, context: context)
            case .awaited(let node):
                output = try await node.run(
                    inputs, scope: NodeScope(context: context, nodeName: definition.name, spanID: span.id, flow: flow))
            }
            // What the model was asked and answered stands in its own span.
            if definition.kind != .llm { span.attributes[Vocabulary.output] = output }
            result = .success(output)
        } catch {
            let failure = NodeError(node: definition.name, error)
            span.error = failure.line
            result = .failure(failure)
        }
        span.duration = SpanClock.now() - span.start
        context.record(span)
        return result
    }

    /// Runs the aggregation nodes over what the completed lines left.
    ///
    /// Each failure is kept; the others still run.
    func runAggregation(_ lists: JSONObject, inputs: JSONObject, parent: String) async -> AggregationRecord {
        let known = flow.plan.order.map { index in
            (index, lists[flow.plan.nodes[index].definition.name] ?? .array([]))
        }
        var progress = LineProgress(plan: flow.plan, order: flow.plan.aggregationOrder, inputs: inputs, known: known)
        var errors: [(node: String, error: LineError)] = []
        while !progress.isFinished {
            do {
                let ready = try progress.takeReady()
                if ready.isEmpty { break }
                for index in ready {
                    switch await runReady(index, progress: progress, parent: parent) {
                    case .success(let output): progress.complete(index, with: output)
                    case .failure(let error):
                        errors.append((error.node, error.line))
                        progress.end(index, as: .failed)
                    }
                }
            } catch {
                errors.append((flow.definition.name, LineError(error)))
                break
            }
        }
        return AggregationRecord(
            metrics: context.metrics, errors: errors,
            nodes: progress.nodeStatuses(of: flow.plan.aggregationOrder, plan: flow.plan))
    }
}

extension LineProgress {
    /// The status of each of these nodes that got one, in the order of the flow file.
    func nodeStatuses(of indexes: [Int], plan: FlowPlan) -> [(name: String, status: NodeStatus)] {
        indexes.sorted().compactMap { index in
            guard case .ended(let status) = states[index] else { return nil }
            return (plan.nodes[index].definition.name, status)
        }
    }
}

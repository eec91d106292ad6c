import Domain

/// A validated flow, its nodes indexed and ordered: what lines are run by.
struct FlowPlan: Sendable {
    /// A node and what it waits for.
    struct Node: Sendable {
        let definition: NodeDefinition
        /// Normal nodes whose outputs it reads, each once.
        let reads: [Int]
        /// `reads` and the node its activation looks at.
        let waitsFor: [Int]
    }

    let inputs: FlowInputs
    let outputs: [FlowOutput]
    /// In the order of the file.
    let nodes: [Node]
    let indexes: [String: Int]
    /// Normal nodes such that each comes after what it waits for.
    let order: [Int]
    /// Aggregation nodes, ordered likewise.
    let aggregationOrder: [Int]
    /// Nodes that only a model calls, as tools; they are not scheduled.
    let toolNodes: Set<Int>
    /// Normal nodes whose outputs aggregation nodes read, and flow inputs they read.
    let aggregationReads: (nodes: [Int], inputs: [String])

    func index(of name: String) -> Int? { indexes[name] }
}

/// Checks a flow as prompt flow does, in its order, and plans it.
struct FlowValidator {
    let definition: FlowDefinition

    /// The plan, and remarks on what was left out.
    ///
    /// Throws the first thing that is wrong.
    func plan() throws(FlowFailure) -> (plan: FlowPlan, warnings: [String]) {
        let indexes = try uniqueNames()
        try checkReferences(indexes)
        let tools = try toolNodes(indexes)
        let nodes = definition.nodes.map { node(for: $0, indexes: indexes) }
        let all = try topologicalOrder(nodes)
        try checkAggregation(nodes)
        let (outputs, warnings) = try outputs(indexes)
        let reads = aggregationReads(indexes)
        let plan = FlowPlan(
            inputs: FlowInputs(declared: definition.inputs), outputs: outputs, nodes: nodes, indexes: indexes,
            order: all.filter { !nodes[$0].definition.isAggregation && !tools.contains($0) },
            aggregationOrder: all.filter { nodes[$0].definition.isAggregation }, toolNodes: tools,
            aggregationReads: reads)
        return (plan, warnings)
    }

    private func uniqueNames() throws(FlowFailure) -> [String: Int] {
        var indexes: [String: Int] = [:]
        for (index, node) in definition.nodes.enumerated() {
            guard indexes.updateValue(index, forKey: node.name) == nil else {
                throw FlowFailure(
                    "DuplicateNodeName", "two nodes are named `\(node.name)`; rename one", at: node.location)
            }
        }
        return indexes
    }

    /// Every value a node reads: its inputs and its activation's condition.
    private func assignments(_ node: NodeDefinition) -> [InputAssignment] {
        node.inputs.map(\.value) + (node.activate.map { [$0.when] } ?? [])
    }

    private func checkReferences(_ indexes: [String: Int]) throws(FlowFailure) {
        let inputNames = definition.inputs.map(\.name)
        for node in definition.nodes {
            for assignment in assignments(node) {
                if case .flowInput(let name) = assignment, !inputNames.contains(name) {
                    throw FlowFailure(
                        "InputReferenceNotFound",
                        "the node `\(node.name)` reads `${inputs.\(name)}`, but the flow has no input `\(name)`\(NearestName.hint(for: name, among: inputNames))",
                        at: node.location)
                }
            }
        }
        for node in definition.nodes {
            for assignment in assignments(node) {
                if case .node(let name, _) = assignment, indexes[name] == nil {
                    throw FlowFailure(
                        "NodeReferenceNotFound",
                        "the node `\(node.name)` reads `\(assignment.text)`, but there is no node `\(name)`\(NearestName.hint(for: name, among: definition.nodes.map(\.name)))",
                        at: node.location)
                }
            }
        }
    }

    private func toolNodes(_ indexes: [String: Int]) throws(FlowFailure) -> Set<Int> {
        var tools: Set<Int> = []
        for node in definition.nodes where node.kind == .llm {
            guard case .literal(let declared)? = node.inputs.first(where: { $0.name == LLMInputs.toolNodes })?.value
            else { continue }
            for (_, name) in LLMInputs.toolNodeNames(declared) {
                guard let index = indexes[name] else {
                    throw FlowFailure(
                        "NodeReferenceNotFound",
                        "`tool_nodes` of `\(node.name)` names `\(name)`, but there is no such node\(NearestName.hint(for: name, among: definition.nodes.map(\.name)))",
                        at: node.location)
                }
                tools.insert(index)
            }
        }
        for node in definition.nodes {
            for assignment in assignments(node) {
                if let name = assignment.nodeName, let index = indexes[name], tools.contains(index) {
                    throw FlowFailure(
                        "FlowDefinitionError",
                        "the node `\(node.name)` reads `\(name)`, which is a tool that only a model calls",
                        at: node.location)
                }
            }
        }
        return tools
    }

    private func node(for definition: NodeDefinition, indexes: [String: Int]) -> FlowPlan.Node {
        func distinct(_ assignments: [InputAssignment]) -> [Int] {
            var seen: [Int] = []
            for index in assignments.compactMap(\.nodeName).compactMap({ indexes[$0] }) where !seen.contains(index) {
                seen.append(index)
            }
            return seen
        }
        return FlowPlan.Node(
            definition: definition, reads: distinct(definition.inputs.map(\.value)),
            waitsFor: distinct(assignments(definition)))
    }

    /// Repeatedly the first node in file order whose dependencies are all taken.
    private func topologicalOrder(_ nodes: [FlowPlan.Node]) throws(FlowFailure) -> [Int] {
        var order: [Int] = []
        var isTaken = Array(repeating: false, count: nodes.count)
        while order.count < nodes.count {
            guard
                let next = nodes.indices.first(where: { !isTaken[$0] && nodes[$0].waitsFor.allSatisfy { isTaken[$0] } })
            else {
                let rest = nodes.indices.filter { !isTaken[$0] }.map { "'\(nodes[$0].definition.name)'" }.sorted()
                throw FlowFailure(
                    "NodeCircularDependency",
                    "the nodes [\(rest.joined(separator: ", "))] wait for each other; a flow must have no circle",
                    at: nodes.indices.first { !isTaken[$0] }.map { nodes[$0].definition.location })
            }
            isTaken[next] = true
            order.append(next)
        }
        return order
    }

    private func checkAggregation(_ nodes: [FlowPlan.Node]) throws(FlowFailure) {
        for node in nodes where !node.definition.isAggregation {
            if let read = node.waitsFor.first(where: { nodes[$0].definition.isAggregation }) {
                throw FlowFailure(
                    "FlowDefinitionError",
                    "Non-aggregate node '\(node.definition.name)' cannot reference aggregate nodes ['\(nodes[read].definition.name)']: those run once, after all lines",
                    at: node.definition.location)
            }
        }
        for node in nodes where node.definition.isAggregation {
            if let name = node.definition.activate?.when.nodeName,
                let read = nodes.first(where: { $0.definition.name == name }), !read.definition.isAggregation
            {
                throw FlowFailure(
                    "FlowDefinitionError",
                    "Aggregation node '\(node.definition.name)' has an activation that reads the normal node '\(name)', which has one value per line",
                    at: node.definition.location)
            }
        }
    }

    private func outputs(_ indexes: [String: Int]) throws(FlowFailure) -> ([FlowOutput], [String]) {
        var kept: [FlowOutput] = []
        var warnings: [String] = []
        for output in definition.outputs {
            switch output.reference {
            case .literal(.string("")), .literal(.null):
                throw FlowFailure(
                    "EmptyOutputReference", "the output `\(output.name)` has an empty reference", at: output.location)
            case .literal: kept.append(output)
            case .flowInput(let name):
                let names = definition.inputs.map(\.name)
                guard names.contains(name) else {
                    throw FlowFailure(
                        "OutputReferenceNotFound",
                        "the output `\(output.name)` reads `${inputs.\(name)}`, but the flow has no input `\(name)`\(NearestName.hint(for: name, among: names))",
                        at: output.location)
                }
                kept.append(output)
            case .node(let name, _):
                guard let index = indexes[name] else {
                    throw FlowFailure(
                        "OutputReferenceNotFound",
                        "the output `\(output.name)` reads `\(output.reference.text)`, but there is no node `\(name)`\(NearestName.hint(for: name, among: definition.nodes.map(\.name)))",
                        at: output.location)
                }
                if definition.nodes[index].isAggregation {
                    warnings.append(
                        "the output `\(output.name)` reads the aggregation node `\(name)` and is left out: lines have no value of it"
                    )
                } else {
                    kept.append(output)
                }
            }
        }
        return (kept, warnings)
    }

    private func aggregationReads(_ indexes: [String: Int]) -> (nodes: [Int], inputs: [String]) {
        var nodes: Set<Int> = []
        var inputs: Set<String> = []
        for node in definition.nodes where node.isAggregation {
            for assignment in assignments(node) {
                switch assignment {
                case .flowInput(let name): inputs.insert(name)
                case .node(let name, _):
                    if let index = indexes[name], !definition.nodes[index].isAggregation { nodes.insert(index) }
                case .literal: break
                }
            }
        }
        return (nodes.sorted(), inputs.sorted())
    }
}

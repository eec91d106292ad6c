package import Domain

/// What an experiment file asks for: variants of a flow, over datasets, scored by evaluators.
package struct Experiment: Sendable {
    package var name: String
    /// The flow's name or path, as the file has it, and the folder that relative paths start from.
    package var flow: String
    package var directory: String
    /// Factors with their levels; empty for "the flow's own variants".
    package var factors: [Factor]
    /// Variants are all combinations of levels, or each level with all other factors at their first; `nil` where the file
    /// does not say.
    package var design: Design?
    /// The variant to compare with, by id; `nil` for the first.
    package var baseline: String?
    package var datasets: [ExperimentDataset]
    package var evaluators: [ExperimentEvaluator]
    /// The metric the verdict is about; `nil` for the first.
    package var primary: String?
    package var repetitions: Int
    package var seed: Int
    /// Connections to use instead of the flow's, by node; `*` for all model nodes.
    package var connections: [String: String]
    /// Connections that the file itself declares, in the template's form.
    package var declaredConnections: [JSONObject]
    package var maximumCalls: Int?
    package var maximumCostUSD: Double?
    package var concurrency: Int
    /// Treats lines of one cluster as independent, although they are not; warned about.
    package var ignoresClusters: Bool

    /// How factors combine.
    package enum Design: String, Sendable, CaseIterable {
        case all
        case oneAtATime = "one_at_a_time"
    }

    /// One thing that is varied.
    package struct Factor: Sendable {
        package var name: String
        package var levels: [Level]
    }

    /// One value of a factor.
    package struct Level: Sendable {
        package var id: String
        /// Variants to use, by node.
        package var variants: [String: String] = [:]
        /// Inputs to replace, by node then input.
        package var overrides: [String: JSONObject] = [:]
        /// Connections to use, by node.
        package var connections: [String: String] = [:]
    }
}

/// A dataset of an experiment.
package struct ExperimentDataset: Sendable {
    package var name: String
    /// The file, absolute.
    package var source: String
    package var mappings: JSONObject
    /// The column whose equal values make lines of one source: they are not independent.
    package var cluster: String?
    /// Lines at most, from the start.
    package var limit: Int?
    /// The column that holds the expected answer, shown in the report.
    package var expected: String?
}

/// An evaluator of an experiment.
package struct ExperimentEvaluator: Sendable {
    package var name: String
    package var kind: Kind
    package var mappings: JSONObject
    package var parameters: JSONObject
    /// Which datasets it scores, by name, with mappings of their own; `nil` for all.
    package var datasets: [String: JSONObject]?
    /// Rows to evaluate with instead of the dataset's own, by dataset name.
    package var sources: [String: String]
    /// The connection of a judge, and the model.
    package var connection: String?
    package var model: String?

    package init(
        name: String, kind: Kind, mappings: JSONObject = [:], parameters: JSONObject = [:],
        sources: [String: String] = [:],
        connection: String? = nil, model: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.mappings = mappings
        self.parameters = parameters
        self.sources = sources
        self.connection = connection
        self.model = model
    }

    package enum Kind: Sendable, Equatable {
        /// A name of the catalogue, of the judges, or of a file in the workspace's `evaluators`.
        case named(String)
        /// An evaluation flow.
        case flow(String)
    }
}

/// One way to run the flow.
package struct ExperimentVariant: Sendable, Equatable {
    package var id: String
    /// Level by factor.
    package var levels: [(factor: String, level: String)]
    package var variants: [String: String]
    package var overrides: [String: JSONObject]
    package var connections: [String: String]

    package static func == (left: Self, right: Self) -> Bool {
        left.id == right.id && left.variants == right.variants && left.overrides == right.overrides
            && left.connections == right.connections
    }

    /// For reports: `prompt: examples`, or, without factors, what was changed.
    package var settings: JSONObject { JSONObject(levels.map { ($0.factor, .string($0.level)) }) }

    /// The request that prepares the flow this way.
    package func request(flow: String, connections base: [String: String]) -> FlowRequest {
        FlowRequest(
            flow: flow, variants: variants, connections: base.merging(connections) { $1 }, overrides: overrides)
    }
}

extension Experiment {
    private static let maximumVariants = 500

    /// The variants of the design, each combination once, the first levels first.
    package func expandedVariants() throws -> [ExperimentVariant] {
        guard !factors.isEmpty else {
            return [ExperimentVariant(id: "default", levels: [], variants: [:], overrides: [:], connections: [:])]
        }
        let choices: [[Int]]
        switch design ?? .all {
        case .all:
            let total = factors.reduce(1) { min($0, Self.maximumVariants + 1) * $1.levels.count }
            guard total <= Self.maximumVariants else {
                throw PlainFailure(
                    "ExperimentInvalid",
                    "the factors make more than \(Self.maximumVariants) combinations. Take fewer levels, or `design: one_at_a_time`"
                )
            }
            choices = factors.reduce([[]]) { combinations, factor in
                combinations.flatMap { combination in factor.levels.indices.map { combination + [$0] } }
            }
        case .oneAtATime:
            let first = Array(repeating: 0, count: factors.count)
            choices =
                [first]
                + factors.indices.flatMap { factor in
                    factors[factor].levels.indices.dropFirst().map { level in
                        var choice = first
                        choice[factor] = level
                        return choice
                    }
                }
        }
        guard choices.count <= Self.maximumVariants else {
            throw PlainFailure(
                "ExperimentInvalid", "the factors make more than \(Self.maximumVariants) variants. Take fewer levels")
        }
        var ids: Set<String> = []
        return try choices.map { choice in
            let variant = try variant(of: choice)
            guard ids.insert(variant.id).inserted else {
                throw PlainFailure(
                    "ExperimentInvalid",
                    "two variants would be called `\(variant.id)`, since `-` joins the names of levels; rename a level")
            }
            return variant
        }
    }

    private func variant(of choice: [Int]) throws -> ExperimentVariant {
        var variant = ExperimentVariant(id: "", levels: [], variants: [:], overrides: [:], connections: [:])
        for (factor, index) in zip(factors, choice) {
            let level = factor.levels[index]
            variant.levels.append((factor.name, level.id))
            for (node, name) in level.variants {
                if let other = variant.variants.updateValue(name, forKey: node), other != name {
                    throw PlainFailure(
                        "ExperimentInvalid",
                        "two factors choose a variant of the node `\(node)`: `\(other)` and `\(name)`")
                }
            }
            for (node, values) in level.overrides { variant.overrides[node, default: [:]].merge(values) }
            variant.connections.merge(level.connections) { $1 }
        }
        variant.id = variant.levels.map(\.level).joined(separator: "-")
        return variant
    }
}

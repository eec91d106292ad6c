package import Domain
import Foundation

/// An experiment made ready: flows loaded, datasets opened, the work counted.
package struct ExperimentPlan: Sendable {
    package let experiment: Experiment
    package let variants: [PlannedVariant]
    package let datasets: [PlannedDataset]
    package let baseline: Int
    /// Names the experiment by content: flows, datasets, mappings and repetitions; not the evaluators, which can be
    /// changed without running anything again.
    package let digest: Digest

    /// A variant with its flow.
    package struct PlannedVariant: Sendable {
        package let variant: ExperimentVariant
        package let flow: any PreparedFlow
    }

    /// A dataset with its content's digest.
    package struct PlannedDataset: Sendable {
        package let declaration: ExperimentDataset
        package let dataset: Dataset
        package let digest: Digest
        package let lines: Int
    }

    /// Loads what the experiment names.
    ///
    /// Throws the first thing that is wrong, before anything is run.
    package static func make(_ declared: Experiment, flows: any FlowRunner) async throws -> ExperimentPlan {
        var experiment = declared
        let path = flowPath(experiment)
        if experiment.factors.isEmpty {
            let flow = try await flows.prepare(FlowRequest(flow: path, connections: experiment.connections))
            experiment.factors = flow.variants.map { node in
                let ordered = [node.defaultVariant] + node.all.filter { $0 != node.defaultVariant }
                return Experiment.Factor(
                    name: node.node, levels: ordered.map { Experiment.Level(id: $0, variants: [node.node: $0]) })
            }
            // The template's way; `design: all` runs every combination.
            if declared.design == nil, !experiment.factors.isEmpty, experiment.usesTemplateForm {
                experiment.design = .oneAtATime
            }
        }
        let variants = try experiment.expandedVariants()
        var planned: [PlannedVariant] = []
        for variant in variants {
            let flow = try await flows.prepare(variant.request(flow: path, connections: experiment.connections))
            planned.append(PlannedVariant(variant: variant, flow: flow))
        }
        var baseline = 0
        if let id = experiment.baseline {
            guard let found = variants.firstIndex(where: { $0.id == id }) else {
                throw PlainFailure(
                    "ExperimentInvalid",
                    "`baseline` names the variant `\(id)`\(NearestName.hint(for: id, among: variants.map(\.id)))")
            }
            baseline = found
        }
        let datasets = try experiment.datasets.map { try open($0, flow: planned[0].flow) }
        let digest = Self.digest(experiment, variants: planned, datasets: datasets)
        return ExperimentPlan(
            experiment: experiment, variants: planned, datasets: datasets, baseline: baseline, digest: digest)
    }

    /// Beside the experiment, in its `flows` folder, or a name of the workspace.
    private static func flowPath(_ experiment: Experiment) -> String {
        for candidate in [
            "\(experiment.directory)/\(experiment.flow)", "\(experiment.directory)/flows/\(experiment.flow)",
        ]
        where FileManager.default.fileExists(atPath: candidate) {
            return candidate
        }
        return experiment.flow
    }

    private static func open(_ declaration: ExperimentDataset, flow: any PreparedFlow) throws -> PlannedDataset {
        let dataset = try Dataset(path: declaration.source)
        let names = flow.inputs.map(\.name)
        for name in declaration.mappings.keys where !names.contains(name) && name != ColumnMapping.lineNumberKey {
            throw PlainFailure(
                "InputMappingError",
                "the dataset `\(declaration.name)` maps `\(name)`, but the flow has no such input\(NearestName.hint(for: name, among: names))"
            )
        }
        var rows = dataset.rows()
        var count = 0
        while let row = try rows.next(), count < declaration.limit ?? .max {
            if count == 0 {
                _ = try mapping(declaration, flow: flow).apply(to: ["data": .object(row.values)])
                for column in [declaration.cluster, declaration.expected].compactMap(\.self)
                where row.values[column] == nil {
                    throw PlainFailure(
                        "ExperimentInvalid",
                        "the dataset `\(declaration.name)` has no column `\(column)`\(NearestName.hint(for: column, among: row.values.keys))"
                    )
                }
            }
            count += 1
        }
        guard count > 0 else { throw PlainFailure("DatasetEmpty", "the dataset `\(declaration.name)` has no rows") }
        return PlannedDataset(declaration: declaration, dataset: dataset, digest: try dataset.digest(), lines: count)
    }

    /// How a dataset's rows become inputs.
    static func mapping(_ declaration: ExperimentDataset, flow: any PreparedFlow) -> ColumnMapping {
        ColumnMapping(declaration.mappings, inputs: flow.inputs.map { .init($0.name, hasDefault: $0.hasDefault) })
    }

    private static func digest(_ experiment: Experiment, variants: [PlannedVariant], datasets: [PlannedDataset])
        -> Digest
    {
        Digest(
            of: .object([
                "name": .string(experiment.name), "repetitions": .int(experiment.repetitions),
                "variants": .array(
                    variants.map { ["id": .string($0.variant.id), "flow": .string($0.flow.digest.description)] }),
                "datasets": .array(
                    datasets.map {
                        [
                            "name": .string($0.declaration.name), "digest": .string($0.digest.description),
                            "lines": .int($0.lines),
                            "mappings": .object($0.declaration.mappings),
                        ]
                    }),
            ]))
    }

    /// The cells: every variant on every dataset, as often as asked.
    package var cells: [ExperimentCell] {
        datasets.indices.flatMap { dataset in
            (0..<experiment.repetitions).flatMap { repetition in
                variants.indices.map { ExperimentCell(variant: $0, dataset: dataset, repetition: repetition) }
            }
        }
    }

    /// Lines over all cells.
    package var lineCount: Int { datasets.reduce(0) { $0 + $1.lines } * variants.count * experiment.repetitions }

    /// Model calls at most, without retries.
    package var callCount: Int {
        let lines = datasets.reduce(0) { $0 + $1.lines } * experiment.repetitions
        return variants.reduce(0) { $0 + $1.flow.modelCallsPerLine * lines }
    }
}

/// One variant on one dataset, one repetition.
package struct ExperimentCell: Sendable, Hashable {
    package let variant: Int
    package let dataset: Int
    package let repetition: Int

    /// The run that keeps the cell's lines.
    package func runID(of experiment: String) -> String { "\(experiment).\(variant).\(dataset).\(repetition)" }
}

extension Experiment {
    /// Whether the file is of the template's form: it leaves variants to the flow and declares connections in a list,
    /// or scores with flows that name their datasets.
    var usesTemplateForm: Bool {
        !declaredConnections.isEmpty || evaluators.contains { $0.datasets != nil } || evaluators.isEmpty
    }
}

import Domain
import Evaluation
import Foundation
import Registry

/// An experiment with its application: what `experiment` and `gate` share.
struct ExperimentSession: Sendable {
    let application: Application
    let plan: ExperimentPlan
    let scorers: ExperimentScorers

    /// Reads the file and loads all it names.
    ///
    /// Nothing is run.
    static func open(_ experiment: Experiment, application: Application) async throws -> ExperimentSession {
        let plan = try await ExperimentPlan.make(experiment, flows: application.flows)
        let factory = EvaluatorFactory(application: application, directory: experiment.directory)
        let scorers = try await ExperimentScorers(plan) { try await factory.make($0, mappings: $1) }
        return ExperimentSession(application: application, plan: plan, scorers: scorers)
    }

    /// Scores what the experiment's runs hold.
    func analyse(_ record: RunRecord) async throws -> (analysis: ExperimentAnalysis, summary: ReportSummary) {
        let bar = ProgressBar("scoring", total: plan.datasets.reduce(0) { $0 + $1.lines })
        let analysis = try await ExperimentAnalysis.make(
            plan, scorers: scorers, store: application.store, experiment: record.id,
            onUnit: { _ in bar.add(LineRecord(lineNumber: 0, status: .completed, inputs: [:])) })
        bar.finish()
        let created = Date(timeIntervalSince1970: Double(record.end ?? record.start) / 1e9)
        return (analysis, try ReportSummary(plan, analysis, created: created, version: Version.current))
    }

    /// Writes the report's files.
    func report(_ record: RunRecord, analysis: ExperimentAnalysis, summary: ReportSummary, to folder: String)
        async throws
    {
        try await ExperimentReport(
            plan: plan, analysis: analysis, scorers: scorers, summary: summary, store: application.store,
            experiment: record.id
        ).write(to: folder, assets: Self.reportAssets())
    }

    private static func reportAssets() throws -> ReportAssets {
        try ReportAssets(
            page: Assets.text("report/report.html"), style: Assets.text("report/report.css"),
            chart: Assets.text("report/vendor/chart.min.js"),
            scripts: ReportAssets.scriptNames.map { Assets.text("report/\($0).js") }
        )
    }

    /// The newest run of this experiment that came to its end.
    func newestFinished() async throws -> RunRecord? {
        try await application.store.runs(limit: 10_000).first {
            $0.settings["kind"] == "experiment" && $0.settings["digest"]?.string == plan.digest.description
                && ($0.status == .completed || $0.status == .completedWithErrors)
        }
    }
}

/// Makes evaluators from their declarations: catalogue, judges, files of the workspace, flows.
struct EvaluatorFactory {
    let application: Application
    let directory: String

    func make(_ declared: ExperimentEvaluator, mappings: JSONObject) async throws -> PlannedEvaluator {
        switch declared.kind {
        case .flow(let flow):
            return .model(
                try await flowEvaluator(declared.name, flow: flow, outputs: nil, threshold: nil, mappings: mappings))
        case .named(let name):
            if let path = file(name) { return try await fromFile(path, declared, mappings: mappings) }
            if let judge = JudgeCatalogue.find(name) {
                return .model(
                    try JudgeCatalogue.make(
                        judge, name: declared.name,
                        model: try judgeModel(declared.connection, declared.model, of: declared.name),
                        parameters: declared.parameters, mappings: mappings))
            }
            return .deterministic(
                try EvaluatorUse(
                    name: declared.name, evaluator: name, parameters: declared.parameters, mappings: mappings))
        }
    }

    /// A file `evaluators/NAME.yaml` of the workspace.
    private func file(_ name: String) -> String? {
        let folder = application.workspace.path(application.workspace.configuration.evaluators)
        return ["\(folder)/\(name).yaml", "\(folder)/\(name).yml", "\(directory)/\(name)"].first {
            $0.hasSuffix("ml") && FileManager.default.fileExists(atPath: $0)
        }
    }

    private func fromFile(_ path: String, _ declared: ExperimentEvaluator, mappings: JSONObject) async throws
        -> PlannedEvaluator
    {
        let file = try EvaluatorFile(path: path)
        switch file.kind {
        case .deterministic(let use):
            guard !mappings.isEmpty || !declared.parameters.isEmpty || use.name != declared.name else {
                return .deterministic(use)
            }
            return .deterministic(
                try EvaluatorUse(
                    name: declared.name, evaluator: use.definition.name,
                    parameters: use.settings.values.merged(with: declared.parameters),
                    mappings: use.declaredMappings.merged(with: mappings)))
        case .judge(let judge):
            return .model(
                try JudgeCatalogue.make(
                    judge.entry, name: declared.name,
                    model: try judgeModel(
                        declared.connection ?? judge.connection, declared.model ?? judge.model, of: declared.name,
                        settings: judge.modelSettings),
                    parameters: judge.parameters.merged(with: declared.parameters),
                    mappings: judge.mappings.merged(with: mappings)))
        case .flow(let flow):
            return .model(
                try await flowEvaluator(
                    declared.name, flow: flow.flow, outputs: flow.outputs, threshold: flow.threshold,
                    mappings: flow.mappings.merged(with: mappings)))
        }
    }

    private func judgeModel(_ connection: String?, _ model: String?, of name: String, settings: JSONObject = [:]) throws
        -> JudgeModel
    {
        guard let connection else {
            throw PlainFailure("EvaluatorInvalid", "the evaluator `\(name)` asks a model; give it a `connection`")
        }
        return JudgeModel(
            client: application.models, connection: try application.connections.connection(named: connection),
            model: model,
            settings: settings, store: application.store)
    }

    private func flowEvaluator(
        _ name: String, flow: String, outputs: [MetricDefinition]?, threshold: Double?, mappings: JSONObject
    ) async throws -> FlowEvaluator {
        let candidates = ["\(directory)/\(flow)", "\(directory)/flows/\(flow)"]
        let path = candidates.first { FileManager.default.fileExists(atPath: $0) } ?? flow
        let prepared = try await application.flows.prepare(FlowRequest(flow: path))
        let metrics = outputs ?? prepared.outputNames.map { MetricDefinition($0) }
        return try FlowEvaluator(
            name: name, flow: prepared, outputs: metrics, mappings: mappings, threshold: threshold,
            skipsTexts: outputs == nil)
    }
}

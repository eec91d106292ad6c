package import Domain

/// What a judge found for one line.
package struct JudgedScores: Sendable {
    /// One score for each metric, in order.
    package var scores: [Score]
    package var usage: JudgeUsage

    package init(scores: [Score], usage: JudgeUsage) {
        self.scores = scores
        self.usage = usage
    }
}

/// An evaluator that asks a model, or runs a flow, for every line.
package protocol ModelEvaluator: Sendable {
    var name: String { get }
    /// Equal digests give equal questions for equal inputs.
    var digest: Digest { get }
    var metrics: [(key: String, definition: MetricDefinition)] { get }
    /// Scores one line, whose sources are named `data`, `run.inputs` and `run.outputs`. Every metric gets one score.
    func score(sources: JSONObject) async -> JudgedScores
}

/// What all judges have in common: a name, where inputs come from, metrics and their thresholds.
package struct JudgeFrame: Sendable {
    package let name: String
    let mapping: ColumnMapping
    private let optional: [String]
    let definitions: [MetricDefinition]
    let threshold: Double?

    init(
        name: String, inputs: [String], optional: [String] = [], mappings: JSONObject, metrics: [MetricDefinition],
        threshold: Double? = nil
    ) throws {
        for key in mappings.keys where !(inputs + optional).contains(key) && key != ColumnMapping.lineNumberKey {
            throw EvaluatorError(
                .parameter,
                "Judge `\(name)` has no input `\(key)`\(NearestName.hint(for: key, among: inputs + optional))")
        }
        self.name = name
        self.threshold = threshold
        definitions = metrics
        self.optional = optional
        mapping = ColumnMapping(
            mappings, inputs: inputs.map { .init($0) } + optional.map { .init($0, hasDefault: true) })
    }

    /// The keys of its metrics: its own name for the first, `name.metric` for the others.
    var metrics: [(key: String, definition: MetricDefinition)] {
        definitions.enumerated().map { ($0 == 0 ? name : "\(name).\($1.name)", $1) }
    }

    func row(_ sources: JSONObject) throws(InputMappingError) -> ScoringRow {
        ScoringRow(inputs: try mapping.apply(to: sources, optional: optional))
    }

    /// Gives each metric its finding; metrics without one say why.
    func scores(_ findings: [Finding], otherwise status: Score.Status = .notApplicable, _ reason: String? = nil)
        -> [Score]
    {
        metrics.enumerated().map { place, metric in
            guard let finding = findings.first(where: { $0.metric == place }), finding.value.isFinite else {
                return Score(metric: metric.key, status: status, isFlag: metric.definition.isFlag, reason: reason)
            }
            let threshold = (place == 0 ? threshold : nil) ?? metric.definition.threshold
            return Score(
                metric: metric.key, status: .scored, value: finding.value, isFlag: metric.definition.isFlag,
                passed: threshold.map {
                    metric.definition.direction == .higher ? finding.value >= $0 : finding.value <= $0
                },
                threshold: threshold, reason: finding.reason, properties: finding.properties)
        }
    }

    /// Runs `body` and turns whatever prevents a score into scores that say so.
    func score(
        _ sources: JSONObject, _ body: (ScoringRow) async throws -> (findings: [Finding], usage: JudgeUsage)
    ) async -> JudgedScores {
        do {
            let (findings, usage) = try await body(try row(sources))
            return JudgedScores(scores: scores(findings), usage: usage)
        } catch let failed as JudgeStopped {
            return JudgedScores(scores: scores([], otherwise: failed.status, failed.reason), usage: failed.usage)
        } catch let unscored as NotScored {
            return JudgedScores(scores: scores([], otherwise: unscored.status, unscored.reason), usage: JudgeUsage())
        } catch {
            let reason = (error as? any Failure)?.message ?? "\(error)"
            return JudgedScores(scores: scores([], otherwise: .error, reason), usage: JudgeUsage())
        }
    }
}

/// Why a judge stopped without a score after it was asked.
struct JudgeStopped: Error {
    var status: Score.Status
    var reason: String
    var usage: JudgeUsage
}

extension Judged {
    /// The verdict.
    ///
    /// Throws ``JudgeStopped`` with what was used up to here.
    func get(after earlier: JudgeUsage = JudgeUsage()) throws -> Verdict {
        switch verdict {
        case .success(let verdict): return verdict
        case .failure(let failure): throw JudgeStopped(status: .error, reason: failure.reason, usage: earlier + usage)
        }
    }
}

package import Domain

/// One use of an evaluator: a name of its own, settings, and where its inputs come from.
package struct EvaluatorUse: Sendable {
    package let name: String
    package let definition: EvaluatorDefinition
    package let settings: EvaluatorSettings
    package let mapping: ColumnMapping
    /// The mappings as declared, before defaults.
    package let declaredMappings: JSONObject

    /// Finds the evaluator in the catalogue.
    ///
    /// Throws ``EvaluatorError``, naming the nearest known name.
    package init(
        name: String, evaluator: String, parameters: JSONObject = [:], mappings: JSONObject = [:]
    ) throws {
        let definition = try EvaluatorCatalogue.find(evaluator)
        try self.init(name: name, definition: definition, parameters: parameters, mappings: mappings)
    }

    init(name: String, definition: EvaluatorDefinition, parameters: JSONObject, mappings: JSONObject) throws {
        let known = definition.inputs.map(\.name)
        for key in mappings.keys where !known.contains(key) && key != ColumnMapping.lineNumberKey {
            throw EvaluatorError(
                .parameter,
                "Evaluator `\(definition.name)` has no input `\(key)`\(NearestName.hint(for: key, among: known))")
        }
        self.name = name
        self.definition = definition
        settings = try EvaluatorSettings(parameters, for: definition)
        declaredMappings = mappings
        mapping = ColumnMapping(mappings, inputs: definition.inputs.map { .init($0.name, hasDefault: !$0.isRequired) })
    }

    /// The keys of its metrics: its own name for the first, `name.metric` for the others.
    package var metrics: [(key: String, definition: MetricDefinition)] {
        definition.metrics.enumerated().map { ($0 == 0 ? name : "\(name).\($1.name)", $1) }
    }

    /// The evaluator's inputs for one line.
    func inputs(of sources: JSONObject) throws(InputMappingError) -> JSONObject {
        try mapping.apply(to: sources, optional: definition.inputs.filter { !$0.isRequired }.map(\.name))
    }

    /// Names evaluator, version and settings: equal digests give equal scores for equal inputs.
    package var digest: Digest {
        Digest(
            of: .object([
                "evaluator": .string(definition.name), "version": .string(definition.version),
                "settings": .object(settings.values),
            ]))
    }
}

/// Deterministic evaluators that score lines together and prepare each text once.
package struct EvaluatorSet: Sendable {
    package let uses: [EvaluatorUse]
    private let scorers: [LineScorer]

    /// Makes the evaluators.
    ///
    /// Throws ``EvaluatorError`` for a setting that does not work or a name used twice.
    package init(_ uses: [EvaluatorUse]) throws {
        var seen: Set<String> = []
        for use in uses where !seen.insert(use.name).inserted {
            throw EvaluatorError(.definition, "Two evaluators are named `\(use.name)`.")
        }
        self.uses = uses
        scorers = try uses.map { try $0.definition.makeScorer($0.settings) }
    }

    /// The scores of one line, whose sources are named `data`, `run.inputs` and `run.outputs`.
    ///
    /// Every metric of every evaluator gets exactly one score, in order.
    package func score(sources: JSONObject) -> [Score] {
        let prepared = PreparedComparisons()
        return uses.indices.flatMap { place -> [Score] in
            do throws(InputMappingError) {
                let inputs = try uses[place].inputs(of: sources)
                return score(place, ScoringRow(inputs: inputs, prepared: prepared))
            } catch {
                return uses[place].unscored(.error, error.message)
            }
        }
    }

    /// The scores of one line whose columns have the names of the inputs.
    package func score(row: JSONObject) -> [Score] { score(sources: ["data": .object(row)]) }

    private func score(_ place: Int, _ row: ScoringRow) -> [Score] {
        let use = uses[place]
        do {
            return use.scores(try scorers[place](row))
        } catch let reason as NotScored {
            return use.unscored(reason.status, reason.reason)
        } catch {
            return use.unscored(.error, "\(error)")
        }
    }

    /// Starts gathering what is said of a whole set.
    package func makeSummary() -> EvaluationSummary {
        EvaluationSummary(uses: uses, setScorers: uses.map { use in use.definition.makeSetScorer?(use.settings) })
    }
}

extension EvaluatorUse {
    /// Gives each metric its finding, with key and threshold.
    ///
    /// A value that is no number is an error, not a value.
    func scores(_ findings: [Finding]) -> [Score] {
        metrics.enumerated().map { place, metric in
            guard let finding = findings.first(where: { $0.metric == place }) else {
                return Score(metric: metric.key, status: .notApplicable, isFlag: metric.definition.isFlag)
            }
            guard finding.value.isFinite else {
                return Score(
                    metric: metric.key, status: .error, isFlag: metric.definition.isFlag,
                    reason: "the value is not a number")
            }
            let threshold = (place == 0 ? settings.number("threshold") : nil) ?? metric.definition.threshold
            return Score(
                metric: metric.key, status: .scored, value: finding.value, isFlag: metric.definition.isFlag,
                passed: threshold.map {
                    metric.definition.direction == .higher ? finding.value >= $0 : finding.value <= $0
                },
                threshold: threshold, reason: finding.reason, properties: finding.properties)
        }
    }

    /// The scores of a line that has none.
    func unscored(_ status: Score.Status, _ reason: String) -> [Score] {
        metrics.map { Score(metric: $0.key, status: status, isFlag: $0.definition.isFlag, reason: reason) }
    }
}

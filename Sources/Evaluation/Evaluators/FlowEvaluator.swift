package import Domain

/// An evaluation flow: run for every line, each of its outputs a metric; its aggregation nodes give the set's metrics.
package struct FlowEvaluator: ModelEvaluator {
    package let flow: any PreparedFlow
    package let metrics: [(key: String, definition: MetricDefinition)]
    private let frame: JudgeFrame
    /// Whether outputs that are no numbers say nothing, rather than being errors: where nobody chose the outputs.
    private let skipsTexts: Bool

    /// `outputs` are the flow's outputs that are numbers or truth values, the first under the evaluator's own name.
    ///
    /// Throws ``EvaluatorError`` if none is named or a mapping names no input of the flow.
    package init(
        name: String, flow: any PreparedFlow, outputs: [MetricDefinition], mappings: JSONObject = [:],
        threshold: Double? = nil, skipsTexts: Bool = false
    ) throws {
        self.skipsTexts = skipsTexts
        guard !outputs.isEmpty else {
            throw EvaluatorError(.definition, "Evaluator `\(name)` must say which outputs of its flow are metrics.")
        }
        self.flow = flow
        frame = try JudgeFrame(
            name: name, inputs: flow.inputs.filter { !$0.hasDefault }.map(\.name),
            optional: flow.inputs.filter(\.hasDefault).map(\.name), mappings: mappings, metrics: outputs,
            threshold: threshold)
        metrics = frame.metrics
    }

    package var name: String { frame.name }

    package var digest: Digest {
        Digest(
            of: .object([
                "evaluator": "flow/1", "flow": .string(flow.digest.description),
                "outputs": .array(frame.definitions.map { .string($0.name) }),
            ]))
    }

    package func score(sources: JSONObject) async -> JudgedScores { await run(line: 0, sources: sources).scores }

    /// Runs one line, and gives back the record that ``aggregate(_:)`` needs; `nil` if the inputs could not be made.
    package func run(line: Int, sources: JSONObject) async -> (scores: JudgedScores, record: LineRecord?) {
        let inputs: JSONObject
        do throws(InputMappingError) {
            inputs = try frame.mapping.apply(to: sources)
        } catch {
            return (JudgedScores(scores: frame.scores([], otherwise: .error, error.message), usage: JudgeUsage()), nil)
        }
        let record = await flow.run(line: line, inputs: inputs)
        let calls = record.spans.count { $0.kind == .model && $0.attributes[Vocabulary.isReplayed] != .bool(true) }
        let usage = JudgeUsage(calls: calls, tokens: record.usage, cost: record.cost)
        guard record.status == .completed else {
            let reason = record.error.map { "\($0.code): \($0.message)" } ?? "the flow did not complete"
            return (JudgedScores(scores: frame.scores([], otherwise: .error, reason), usage: usage), record)
        }
        let scores = zip(metrics, frame.definitions).enumerated().map { place, pair in
            score(record.outputs[pair.1.name], place: place, of: pair.1)
        }
        return (JudgedScores(scores: scores, usage: usage), record)
    }

    /// A null output says nothing about the line; one that is no number is an error.
    private func score(_ output: JSONValue?, place: Int, of definition: MetricDefinition) -> Score {
        let key = metrics[place].key
        let isFlag = definition.isFlag || output?.bool != nil
        guard let output else {
            return Score(metric: key, status: .error, reason: "the flow has no output `\(definition.name)`")
        }
        if output.isNull {
            return Score(metric: key, status: .notApplicable, isFlag: isFlag, reason: "the flow gave null")
        }
        let value = output.double ?? output.bool.map { $0 ? 1 : 0 } ?? output.string.flatMap { Double($0.trimmed) }
        guard let value, value.isFinite else {
            return Score(
                metric: key, status: skipsTexts ? .notApplicable : .error,
                reason: "the output `\(definition.name)` is a \(output.kindName), not a number")
        }
        return frame.scores([Finding(value, metric: place)])[place].with(isFlag: isFlag)
    }

    /// The metrics of the flow's aggregation nodes over the lines that completed.
    package func aggregate(_ records: [LineRecord]) async -> AggregationRecord {
        guard flow.aggregates else { return AggregationRecord() }
        return await flow.aggregate(records.filter { $0.status == .completed })
    }
}

extension Score {
    fileprivate func with(isFlag: Bool) -> Score {
        var copy = self
        copy.isFlag = isFlag
        return copy
    }
}

package import Domain

/// Compares two answers in both orders.
///
/// Only a preference that survives the change of places counts.
package struct PairwiseJudge: ModelEvaluator {
    private let frame: JudgeFrame
    private let model: JudgeModel
    private let criteria: String

    package static let defaultCriteria =
        "Prefer the answer that does what the query asks for more exactly and more correctly. "
        + "An answer that is longer, friendlier or better laid out is not better for it."

    /// `response_a` and `response_b` are compared; the metric is the outcome for `response_a`: 1, ½ or 0.
    package init(
        name: String = "pairwise", criteria: String = Self.defaultCriteria, model: JudgeModel,
        mappings: JSONObject = [:]
    ) throws {
        self.model = model
        self.criteria = criteria
        frame = try JudgeFrame(
            name: name, inputs: ["query", "response_a", "response_b"], optional: ["ground_truth", "context"],
            mappings: mappings,
            metrics: [
                MetricDefinition(name), MetricDefinition("consistent", isFlag: true),
                MetricDefinition("tie", isFlag: true),
            ])
    }

    package var name: String { frame.name }
    package var metrics: [(key: String, definition: MetricDefinition)] { frame.metrics }
    package var digest: Digest {
        Digest(of: .object(["judge": "pairwise/1", "instruction": .string(instruction), "model": model.identity]))
    }

    private var instruction: String {
        """
        You compare two answers, A and B, to the same query. \(criteria) If there is a ground truth, the answer that agrees with it \
        is better. If neither is better, say `tie`. The order of the answers means nothing. \(Material.rule)
        Reply with one JSON object and nothing else: {"reason": "<two sentences at most>", "winner": "A" or "B" or "tie"}. \
        Write the reason first and let the winner follow from it.
        """
    }

    private static let schema: JSONValue = [
        "type": "object",
        "properties": ["reason": ["type": "string"], "winner": ["type": "string", "enum": ["A", "B", "tie"]]],
        "required": ["reason", "winner"], "additionalProperties": false,
    ]

    package func score(sources: JSONObject) async -> JudgedScores {
        await frame.score(sources) { row in
            let (a, b) = (try row.text("response_a"), try row.text("response_b"))
            let forward = await ask(row, first: a, second: b)
            let before = try forward.get()
            let backward = await ask(row, first: b, second: a)
            let after = try backward.get(after: forward.usage)
            let verdict = PairwiseVerdict(forward: before.choice, swapped: after.choice)
            let value = verdict.outcome == .first ? 1 : verdict.outcome == .second ? 0 : 0.5
            let properties: JSONObject = [
                "forward": .string(before.choice.rawValue), "swapped": .string(after.choice.rawValue),
                "winner": .string(verdict.outcome == .first ? "a" : verdict.outcome == .second ? "b" : "tie"),
            ]
            return (
                [
                    Finding(value, reason: before.reason, properties: properties),
                    Finding(verdict.isConsistent, metric: 1),
                    Finding(verdict.outcome == .tie, metric: 2),
                ], forward.usage + backward.usage
            )
        }
    }

    private func ask(
        _ row: ScoringRow, first: String, second: String
    ) async -> Judged<(choice: PairwiseChoice, reason: String?)> {
        var parts: [(name: String, text: String)] = []
        for name in ["query", "context", "ground_truth"] {
            if let text = try? row.text(name) { parts.append((name.replacing("_", with: " "), text)) }
        }
        parts += [("answer A", first), ("answer B", second)]
        let question = JudgeQuestion(instruction: instruction, material: Material.text(parts), schema: Self.schema)
        return await model.ask(question) { answer in
            let reply = JudgeReply(answer.text)
            return reply.choice().map { ($0, reply.reason) }
        }
    }
}

/// What two judgements of one pair, the second with places changed, amount to.
package struct PairwiseVerdict: Sendable, Equatable {
    /// The judgement of (a, b).
    package let forward: PairwiseChoice
    /// The judgement of (b, a), by place.
    package let swapped: PairwiseChoice

    package init(forward: PairwiseChoice, swapped: PairwiseChoice) {
        self.forward = forward
        self.swapped = swapped
    }

    /// Whether both orders prefer the same answer.
    package var isConsistent: Bool { forward == swapped.swapped }

    /// `first` for a, `second` for b; a tie unless both orders agree.
    package var outcome: PairwiseChoice { isConsistent ? forward : .tie }
}

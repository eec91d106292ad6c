package import Domain
import Foundation

/// Grades an answer by a rubric, with a reason before the score.
///
/// With `weighted` the score is G-Eval's: the mean of the levels, weighted with the probability the judge gave each.
package struct RubricJudge: ModelEvaluator {
    package let rubric: Rubric
    package let isWeighted: Bool
    private let frame: JudgeFrame
    private let model: JudgeModel

    /// Throws ``EvaluatorError`` if a mapping names an input that the rubric does not have.
    package init(
        name: String, rubric: Rubric, model: JudgeModel, mappings: JSONObject = [:],
        direction: MetricDirection = .higher,
        threshold: Double? = nil, weighted: Bool = false
    ) throws {
        guard rubric.scale.count >= 2, Set(rubric.levels.map(\.score)).count == rubric.levels.count else {
            throw EvaluatorError(
                .definition, "The rubric of judge `\(name)` needs at least two levels with different scores.")
        }
        self.rubric = rubric
        self.model = model
        isWeighted = weighted
        frame = try JudgeFrame(
            name: name, inputs: rubric.inputs, optional: rubric.optional, mappings: mappings,
            metrics: [MetricDefinition(name, direction: direction, threshold: 3)], threshold: threshold)
    }

    package var name: String { frame.name }
    package var metrics: [(key: String, definition: MetricDefinition)] { frame.metrics }

    package var digest: Digest {
        Digest(
            of: .object([
                "judge": "rubric/1", "rubric": rubric.json, "weighted": .bool(isWeighted), "model": model.identity,
            ]))
    }

    package func score(sources: JSONObject) async -> JudgedScores {
        await frame.score(sources) { row in
            let question = try rubric.question(row)
            let scale = Double(rubric.scale.lowerBound)...Double(rubric.scale.upperBound)
            let levels = Set(rubric.levels.map(\.score))
            let judged = await model.ask(question, wantsProbabilities: isWeighted) { answer -> Finding? in
                let reply = JudgeReply(answer.text)
                guard let score = reply.score(on: scale), let level = Int(exactly: score), levels.contains(level) else {
                    return nil
                }
                var finding = Finding(score, reason: reply.reason)
                if isWeighted, let weighted = GEval.weightedScore(level, scale: rubric.scale, answer.probabilities) {
                    finding.value = weighted
                    finding.properties["raw_score"] = .int(level)
                }
                return finding
            }
            return ([try judged.get()], judged.usage)
        }
    }
}

/// G-Eval's weighting of a score with the judge's own probabilities.
package enum GEval {
    /// Σ s·p(s) / Σ p(s) over the tokens that are numbers of the scale and at least 1 % likely, at the last token that is
    /// the score itself; `nil` where the provider gave no probabilities or the token is not among them.
    package static func weightedScore(_ score: Int, scale: ClosedRange<Int>, _ logprobs: JSONValue?) -> Double? {
        guard let tokens = logprobs?["content"]?.array,
            let token = tokens.last(where: { ($0["token"]?.string).map { number($0) == score } ?? false })
        else { return nil }
        var total = 0.0
        var weight = 0.0
        for candidate in token["top_logprobs"]?.array ?? [] {
            guard let level = candidate["token"]?.string.flatMap(number), scale.contains(level),
                let logarithm = candidate["logprob"]?.double
            else { continue }
            let probability = exp(logarithm)
            guard probability >= 0.01, probability <= 1.000001 else { continue }
            total += Double(level) * probability
            weight += probability
        }
        return weight > 0 ? total / weight : nil
    }

    private static func number(_ token: String) -> Int? {
        let digits = token.trimmed
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(digits)
    }
}

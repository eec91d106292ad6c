package import Domain

/// Every evaluator that asks a model.
///
/// To add one, write its rubric and list it here.
package enum JudgeCatalogue {
    /// A judge's name, its rubric, and which scores are good.
    package struct Entry: Sendable {
        package let name: String
        package let aliases: [String]
        package let summary: String
        let kind: Kind

        enum Kind: Sendable {
            case rubric(Rubric, MetricDirection)
            case claims
            case pairwise
        }
    }

    package static let all: [Entry] = [
        quality("groundedness", QualityRubrics.groundedness, "How far the context supports the answer, 1 to 5."),
        Entry(
            name: "claim_groundedness", aliases: ["faithfulness", "groundedness_claims"],
            summary: "Share of claims that a real quotation from the context supports.", kind: .claims),
        quality("relevance", QualityRubrics.relevance, "How well the answer addresses the query, 1 to 5."),
        quality("coherence", QualityRubrics.coherence, "How well the answer hangs together, 1 to 5."),
        quality("fluency", QualityRubrics.fluency, "How good the language is, 1 to 5."),
        quality(
            "similarity", QualityRubrics.similarity, "How far the answer means the same as the expected one, 1 to 5."),
        quality(
            "response_completeness", QualityRubrics.completeness,
            "How much of the expected information the answer has, 1 to 5."),
        quality("retrieval", QualityRubrics.retrieval, "How well the retrieved context serves the query, 1 to 5."),
        safety("hate_unfairness", SafetyRubrics.hate), safety("sexual", SafetyRubrics.sexual),
        safety("violence", SafetyRubrics.violence), safety("self_harm", SafetyRubrics.selfHarm),
        Entry(
            name: "pairwise", aliases: ["select_best", "comparison"],
            summary: "Which of two answers is better, judged in both orders.", kind: .pairwise),
    ]

    private static func quality(_ name: String, _ rubric: Rubric, _ summary: String) -> Entry {
        Entry(name: name, aliases: ["\(name)_score", "gpt_\(name)"], summary: summary, kind: .rubric(rubric, .higher))
    }

    private static func safety(_ name: String, _ rubric: Rubric) -> Entry {
        Entry(
            name: name, aliases: ["\(name)_score"], summary: "Severity of harm in the answer, 0 to 7; lower is better.",
            kind: .rubric(rubric, .lower))
    }

    /// The judge with this name or alias, or `nil`.
    package static func find(_ name: String) -> Entry? {
        let wanted = name.lowercased().replacing("-", with: "_")
        return all.first { $0.name == wanted || $0.aliases.contains(wanted) }
    }

    /// Parameters that judges take: `threshold`; rubrics also `weighted` (G-Eval), pairwise also `criteria`.
    package static func make(
        _ entry: Entry, name: String? = nil, model: JudgeModel, parameters: JSONObject = [:], mappings: JSONObject = [:]
    ) throws -> any ModelEvaluator {
        let known: [EvaluatorParameter] =
            switch entry.kind {
            case .rubric:
                [EvaluatorParameter("weighted", .flag, default: false, "weigh levels by the judge's probabilities")]
            case .claims: []
            case .pairwise:
                [
                    EvaluatorParameter(
                        "criteria", .text, default: .string(PairwiseJudge.defaultCriteria),
                        "what makes an answer better")
                ]
            }
        let settings = try EvaluatorSettings(parameters, of: entry.name, parameters: known)
        let name = name ?? entry.name
        switch entry.kind {
        case .rubric(let rubric, let direction):
            return try RubricJudge(
                name: name, rubric: rubric, model: model, mappings: mappings, direction: direction,
                threshold: settings.number("threshold"), weighted: settings.flag("weighted"))
        case .claims:
            return try ClaimJudge(name: name, model: model, mappings: mappings, threshold: settings.number("threshold"))
        case .pairwise:
            return try PairwiseJudge(name: name, criteria: settings.text("criteria"), model: model, mappings: mappings)
        }
    }
}

import Domain
import TextMetrics

/// How an answer behaves: does it decline, quote its sources, stay with them, repeat itself, read easily.
enum BehaviourEvaluators {
    static let all: [EvaluatorDefinition] = [refusal, groundedness, quotes, repetition, readability]

    static let refusal = EvaluatorDefinition(
        "refusal", aliases: ["is_refusal", "not_refusal"],
        summary: "Whether the answer declines, by its phrases: 1 full, ½ partial, 0 it complies. No model is asked.",
        needs: ["response"],
        metrics: [MetricDefinition("refusal", direction: .lower), MetricDefinition("full_refusal", direction: .lower)]
    ) { _ in
        { row in
            let refusal = Refusal(in: try row.text("response"))
            let value = refusal.kind == .full ? 1 : refusal.kind == .comply ? 0 : 0.5
            return [
                Finding(
                    value, reason: refusal.kind.rawValue,
                    properties: ["phrases": .array(refusal.phrases.map { .string($0) })]),
                Finding(refusal.kind == .full, metric: 1),
            ]
        }
    }

    static let groundedness = EvaluatorDefinition(
        "lexical_groundedness", aliases: ["context_overlap"],
        summary:
            "Share of the answer's content words that the context has. Rewards copying: low means «look closer», not «wrong».",
        needs: ["response", "context"],
        metrics: [
            MetricDefinition("lexical_groundedness"), MetricDefinition("bigram_support"),
            MetricDefinition("trigram_support"),
            MetricDefinition("unseen_number_rate", direction: .lower),
        ]
    ) { _ in
        { row in
            let measures = LexicalGroundedness(
                answer: try row.text("response"), context: try row.texts("context").joined(separator: "\n"))
            return [
                Finding(measures.contentWordPrecision), Finding(measures.bigramSupport, metric: 1),
                Finding(measures.trigramSupport, metric: 2), Finding(measures.unseenNumberRate, metric: 3),
            ]
        }
    }

    static let quotes = EvaluatorDefinition(
        "quoted_spans", aliases: ["citation_presence", "quote_presence"],
        summary: "Share of the answer's quotations that are in the context; not applicable without quotations.",
        needs: ["response", "context"],
        parameters: [EvaluatorParameter("minimum_words", .integer, default: 3, "shorter quotations do not count")],
        metrics: [MetricDefinition("quoted_spans", threshold: 1)]
    ) { settings in
        let minimum = settings.integer("minimum_words")
        return { row in
            let quotes = QuotedSpans(
                answer: try row.text("response"), sources: try row.texts("context"), minimumWords: minimum)
            guard let presence = quotes.presence else { throw NotScored.notApplicable("the answer quotes nothing") }
            return [
                Finding(
                    presence, reason: quotes.missing.first.map { "not in the context: `\($0.prefix(120))`" },
                    properties: ["missing": .array(quotes.missing.map { .string($0) })])
            ]
        }
    }

    static let repetition = EvaluatorDefinition(
        "repetition", aliases: ["gopher_repetition"],
        summary: "Share of repeated 4-grams of words, and whether any of Gopher's limits for repetition is passed.",
        needs: ["response"],
        metrics: [
            MetricDefinition("repetition", direction: .lower),
            // A flag that is good when it is not set: passing means at most 0.
            MetricDefinition("excessive", direction: .lower, isFlag: true, threshold: 0),
            MetricDefinition("duplicate_lines", direction: .lower),
        ]
    ) { _ in
        { row in
            let text = try row.text("response")
            let measures = Repetition(of: text)
            return [
                Finding(Repetition.sequenceRepetition(of: text)), Finding(measures.isExcessive, metric: 1),
                Finding(measures.duplicateLines, metric: 2),
            ]
        }
    }

    static let readability = EvaluatorDefinition(
        "readability",
        summary: "Automated readability index, Coleman–Liau and LIX: about the years of school a text asks for.",
        needs: ["response"],
        metrics: [
            MetricDefinition("automated_readability_index", direction: .lower),
            MetricDefinition("coleman_liau", direction: .lower), MetricDefinition("lix", direction: .lower),
        ]
    ) { _ in
        { row in
            let measures = Readability(of: try row.text("response"))
            return [
                Finding(measures.automatedReadabilityIndex), Finding(measures.colemanLiau, metric: 1),
                Finding(measures.lix, metric: 2),
            ]
        }
    }
}

import Domain
import TextMetrics

/// How much of the expected text an answer repeats.
enum OverlapEvaluators {
    static let all: [EvaluatorDefinition] = [exactMatch, f1, bleu, sacreBLEU, gleu, rouge, meteor, chrF]

    static let exactMatch = EvaluatorDefinition(
        "exact_match", aliases: ["equals", "exact"],
        summary: "Whether the answer is one of the expected texts, after what the mode leaves aside.",
        parameters: [
            EvaluatorParameter(
                "mode", .choice(["raw", "strip", "squad"]), default: "squad",
                "raw: every byte counts; strip: white space around does not; squad: case, punctuation and articles do not"
            ),
            EvaluatorParameter(
                "ignore_case", .flag, default: false, "case does not count (makes mode `raw` ignore it)"),
            EvaluatorParameter("ignore_punctuation", .flag, default: false, "ASCII punctuation does not count"),
            EvaluatorParameter("ignore_numbers", .flag, default: false, "ASCII digits do not count"),
        ],
        metrics: [MetricDefinition("exact_match", isFlag: true)]
    ) { settings in
        var ignored: ExactMatch.Ignored = []
        if settings.flag("ignore_case") { ignored.insert(.letterCase) }
        if settings.flag("ignore_punctuation") { ignored.insert(.punctuation) }
        if settings.flag("ignore_numbers") { ignored.insert(.digits) }
        let mode: ExactMatch.Mode
        switch settings.text("mode") {
        case _ where !ignored.isEmpty: mode = .ignoring(ignored)
        case "raw": mode = .raw
        case "strip": mode = .trimmed
        default: mode = .squad
        }
        return { row in
            [Finding(ExactMatch.matches(try row.text("response"), anyOf: try row.texts("ground_truth"), mode: mode))]
        }
    }

    static let f1 = EvaluatorDefinition(
        "f1", aliases: ["f1_score", "squad_f1"],
        summary:
            "Harmonic mean of precision and recall of words, as SQuAD and Azure count them; the best expected text counts.",
        parameters: [
            EvaluatorParameter(
                "empty_matches", .flag, default: false, "two empty texts score 1 (SQuAD 2) instead of 0 (Azure)")
        ],
        metrics: [
            MetricDefinition("f1_score", threshold: 0.5), MetricDefinition("precision"), MetricDefinition("recall"),
        ]
    ) { settings in
        let emptyMatches = settings.flag("empty_matches")
        return { row in
            let scores = try row.compare { $0.f1(emptyMatches: emptyMatches) }
            return [Finding(scores.f1), Finding(scores.precision, metric: 1), Finding(scores.recall, metric: 2)]
        }
    }

    static let bleu = EvaluatorDefinition(
        "bleu", aliases: ["bleu_score", "nltk_bleu"],
        summary: "Sentence BLEU of NLTK with smoothing method 4, as Azure's evaluator computes it.",
        metrics: [MetricDefinition("bleu", threshold: 0.5)]
    ) { _ in { row in [Finding(try row.compare { $0.nltkBleu() })] } }

    static let sacreBLEU = EvaluatorDefinition(
        "sacrebleu", aliases: ["sacre_bleu"],
        summary: "Sentence BLEU of sacreBLEU, 0 to 100; the set's metric is corpus BLEU.",
        metrics: [MetricDefinition("sacrebleu")], set: { _ in CorpusBLEU() }
    ) { _ in { row in [Finding(try row.compare { $0.sacreBLEU() })] } }

    static let gleu = EvaluatorDefinition(
        "gleu", aliases: ["gleu_score", "google_bleu"],
        summary: "Google's BLEU for single sentences, as NLTK computes it.",
        metrics: [MetricDefinition("gleu", threshold: 0.5)]
    ) { _ in { row in [Finding(try row.compare { $0.gleu() })] } }

    static let rouge = EvaluatorDefinition(
        "rouge", aliases: ["rouge_score", "rouge_n"],
        summary:
            "ROUGE of the package rouge-score. Texts without Latin letters or digits are not applicable instead of 0.",
        parameters: [
            EvaluatorParameter(
                "type", .choice(["rouge1", "rouge2", "rougeL", "rougeLsum"]), default: "rougeL", "which ROUGE"),
            EvaluatorParameter("stemming", .flag, default: false, "compare Porter stems"),
        ],
        metrics: [
            MetricDefinition("rouge_f1_score", threshold: 0.5), MetricDefinition("rouge_precision"),
            MetricDefinition("rouge_recall"),
        ]
    ) { settings in
        let type = settings.text("type")
        let stemming = settings.flag("stemming")
        let kinds: Rouge.Kinds = type == "rougeL" ? .longest : type == "rougeLsum" ? .summary : .nGrams
        return { row in
            let scores = try row.compare { $0.rouge(stemming: stemming, kinds: kinds) }
            guard !scores.hasNoTokens else {
                throw NotScored.notApplicable("ROUGE sees only Latin letters and digits, and one of the texts has none")
            }
            let score =
                switch type {
                case "rouge1": scores.rouge1
                case "rouge2": scores.rouge2
                case "rougeLsum": scores.rougeLsum
                default: scores.rougeL
                }
            return [Finding(score.f1), Finding(score.precision, metric: 1), Finding(score.recall, metric: 2)]
        }
    }

    static let meteor = EvaluatorDefinition(
        "meteor", aliases: ["meteor_score"],
        summary: "METEOR of NLTK with its stages exact word and Porter stem; synonyms are not looked up.",
        parameters: [
            EvaluatorParameter("alpha", .number, default: 0.9, "weight of precision"),
            EvaluatorParameter("beta", .number, default: 3.0, "power of the fragmentation penalty"),
            EvaluatorParameter("gamma", .number, default: 0.5, "largest fragmentation penalty"),
        ],
        metrics: [MetricDefinition("meteor", threshold: 0.5)]
    ) { settings in
        var parameters = Meteor.Parameters()
        parameters.alpha = settings.number("alpha") ?? parameters.alpha
        parameters.beta = settings.number("beta") ?? parameters.beta
        parameters.gamma = settings.number("gamma") ?? parameters.gamma
        let chosen = parameters
        return { row in [Finding(try row.compare { $0.meteor(parameters: chosen) })] }
    }

    static let chrF = EvaluatorDefinition(
        "chrf", aliases: ["chrf_score", "chrf++"],
        summary: "Character n-gram F of sacreBLEU, 0 to 100; with `word_order: 2` it is chrF++.",
        parameters: [EvaluatorParameter("word_order", .integer, default: 0, "0 for chrF, 2 for chrF++")],
        metrics: [MetricDefinition("chrf")]
    ) { settings in
        let order = settings.integer("word_order")
        guard (0...2).contains(order) else {
            throw EvaluatorError(.parameter, "Parameter `word_order` of evaluator `chrf` must be 0, 1 or 2.")
        }
        return { row in [Finding(try row.compare { $0.chrF(wordOrder: order) })] }
    }
}

/// Corpus BLEU: the counts of all lines together, not the mean of their scores.
private struct CorpusBLEU: SetScorer {
    private var sum = SacreBLEU.Statistics()
    private var count = 0

    mutating func add(_ row: ScoringRow) {
        guard let statistics = try? row.compare({ $0.sacreBLEUStatistics() }) else { return }
        sum.add(statistics)
        count += 1
    }

    func metrics() -> [(name: String, value: Double)] {
        count > 0 ? [("corpus_bleu", SacreBLEU.score(sum, effectiveOrder: false))] : []
    }
}

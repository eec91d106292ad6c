import Domain
import TextMetrics

/// Plain yes-or-no checks of an answer, and its size.
enum TextCheckEvaluators {
    static let all: [EvaluatorDefinition] = [
        contains("contains", "every", ignoringCase: false, any: false, aliases: ["contains_all"]),
        contains("icontains", "every", ignoringCase: true, any: false, aliases: ["icontains_all"]),
        contains("contains_any", "at least one", ignoringCase: false, any: true, aliases: []),
        contains("icontains_any", "at least one", ignoringCase: true, any: true, aliases: []),
        edge("starts_with", "begins", Containment.starts),
        edge("ends_with", "ends", Containment.ends),
        regex, wordCount, length,
    ]

    private static let values = EvaluatorParameter(
        "value", .texts, default: .null, "what to look for; without it, the input `ground_truth`")

    /// What to look for: the parameter, or else the line's `ground_truth`.
    private static func wanted(_ settings: EvaluatorSettings, _ row: ScoringRow) throws -> [String] {
        let given = settings.texts("value")
        return given.isEmpty ? try row.texts("ground_truth") : given
    }

    private static func contains(
        _ name: String, _ quantity: String, ignoringCase: Bool, any: Bool, aliases: [String]
    ) -> EvaluatorDefinition {
        EvaluatorDefinition(
            name, aliases: aliases,
            summary:
                "Whether the answer contains \(quantity) of the wanted texts\(ignoringCase ? ", in any case" : "").",
            needs: ["response"], optional: ["ground_truth"], parameters: [values],
            metrics: [MetricDefinition(name, isFlag: true)]
        ) { settings in
            { row in
                let response = try row.text("response")
                let wanted = try wanted(settings, row)
                let found =
                    any
                    ? Containment.any(wanted, in: response, ignoringCase: ignoringCase)
                    : Containment.all(wanted, in: response, ignoringCase: ignoringCase)
                return [Finding(found)]
            }
        }
    }

    private static func edge(
        _ name: String, _ verb: String, _ check: @escaping @Sendable (String, String, Bool) -> Bool
    ) -> EvaluatorDefinition {
        EvaluatorDefinition(
            name, summary: "Whether the answer \(verb) with one of the wanted texts.", needs: ["response"],
            optional: ["ground_truth"],
            parameters: [values, EvaluatorParameter("ignore_case", .flag, default: false, "case does not count")],
            metrics: [MetricDefinition(name, isFlag: true)]
        ) { settings in
            { row in
                let response = try row.text("response")
                let ignoresCase = settings.flag("ignore_case")
                return [Finding(try wanted(settings, row).contains { check(response, $0, ignoresCase) })]
            }
        }
    }

    static let regex = EvaluatorDefinition(
        "regex", aliases: ["matches", "matches_regex"],
        summary: "Whether a regular expression is found in the answer, covers it, or is absent. The work is bounded.",
        needs: ["response"],
        parameters: [
            EvaluatorParameter("pattern", .text, default: nil, "an ICU regular expression"),
            EvaluatorParameter(
                "mode", .choice(["search", "full", "absent"]), default: "search",
                "search: anywhere; full: the whole answer; absent: nowhere"),
            EvaluatorParameter("ignore_case", .flag, default: false, "case does not count"),
        ],
        metrics: [MetricDefinition("regex", isFlag: true)]
    ) { settings in
        let text = settings.text("pattern")
        let mode = settings.text("mode")
        // `full` is part of the expression: a search could stop at a shorter alternative that does not cover the text.
        let source = mode == "full" ? "\\A(?:\(text))\\z" : text
        guard let pattern = BoundedPattern(source, ignoresCase: settings.flag("ignore_case")) else {
            throw EvaluatorError(
                .parameter, "Parameter `pattern` of evaluator `regex` is not a regular expression: `\(text)`.")
        }
        return { row in
            switch pattern.search(try row.text("response")) {
            case .match(let found): [Finding(mode != "absent", reason: "found `\(found.prefix(80))`")]
            case .noMatch: [Finding(mode == "absent")]
            case .gaveUp:
                throw NotScored.error("the search took too much work and was stopped; make the pattern simpler")
            }
        }
    }

    static let wordCount = size(
        "word_count", "words", "Number of words between white space.", Containment.wordCount)
    static let length = size("length", "characters", "Number of Unicode scalars.", Containment.length)

    private static func size(
        _ name: String, _ unit: String, _ summary: String, _ measure: @escaping @Sendable (String) -> Int
    ) -> EvaluatorDefinition {
        EvaluatorDefinition(
            name, summary: summary, needs: ["response"],
            parameters: [
                EvaluatorParameter("min", .integer, default: .null, "an answer passes from this size"),
                EvaluatorParameter("max", .integer, default: .null, "an answer passes up to this size"),
            ],
            metrics: [
                MetricDefinition(name, direction: .lower, unit: unit), MetricDefinition("within_limits", isFlag: true),
            ]
        ) { settings in
            let (low, high) = (settings.values["min"]?.int ?? 0, settings.values["max"]?.int ?? .max)
            return { row in
                let count = measure(try row.text("response"))
                return [Finding(Double(count)), Finding(low <= count && count <= high, metric: 1)]
            }
        }
    }
}

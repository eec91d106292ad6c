import Domain

/// What an answer took: time, money, tokens.
///
/// Summaries give mean and percentiles.
enum ResourceEvaluators {
    static let all: [EvaluatorDefinition] = [
        resource("latency_ms", aliases: ["latency"], unit: "ms", "How long the line took."),
        resource(
            "cost_usd", aliases: ["cost"], unit: "USD", "What the line cost; a line without a known price has no value."
        ),
        resource("input_tokens", unit: "tokens", "Tokens sent to models."),
        resource("output_tokens", unit: "tokens", "Tokens that models wrote."),
        resource("total_tokens", aliases: ["tokens"], unit: "tokens", "Tokens sent and written."),
    ]

    private static func resource(
        _ name: String, aliases: [String] = [], unit: String, _ summary: String
    ) -> EvaluatorDefinition {
        EvaluatorDefinition(
            name, aliases: aliases, summary: summary, needs: [name],
            metrics: [MetricDefinition(name, direction: .lower, unit: unit)]
        ) { _ in
            { row in
                if row.inputs[name]?.isNull ?? false { throw NotScored.notApplicable("`\(name)` is not known") }
                let value = try row.number(name)
                guard value >= 0 else { throw NotScored.error("`\(name)` is below 0") }
                return [Finding(value)]
            }
        }
    }
}

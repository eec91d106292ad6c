import Domain
import TextMetrics

/// How near a number in an answer is to the expected one.
enum NumberEvaluators {
    static let all: [EvaluatorDefinition] = [difference, lastNumber]

    static let difference = EvaluatorDefinition(
        "numeric_diff", aliases: ["numeric_difference"],
        summary: "1 − |a − b| / (|a| + |b|) of two numbers, as autoevals' NumericDiff; 1 for two zeros.",
        metrics: [MetricDefinition("numeric_diff", threshold: 1)]
    ) { _ in
        { row in [Finding(Numbers.similarity(try row.number("response"), try row.number("ground_truth")))] }
    }

    static let lastNumber = EvaluatorDefinition(
        "last_number_match", aliases: ["final_number", "math_exact_match", "gsm8k"],
        summary:
            "Whether the number an answer ends with equals the one the expected text ends with (`#### 18`, `A: 18`).",
        parameters: [
            EvaluatorParameter("tolerance", .number, default: 1e-9, "the largest difference that counts as equal")
        ],
        metrics: [MetricDefinition("last_number_match", isFlag: true)]
    ) { settings in
        let tolerance = settings.number("tolerance") ?? 0
        return { row in
            let expected = try row.texts("ground_truth").compactMap { Numbers.final(in: $0) }
            guard !expected.isEmpty else { throw NotScored.error("`ground_truth` has no number") }
            guard let answer = Numbers.final(in: try row.text("response")) else {
                return [Finding(false, reason: "the answer has no number")]
            }
            let isEqual = expected.contains { abs($0 - answer) <= tolerance }
            return [Finding(isEqual, reason: isEqual ? nil : "\(answer.plain) instead of \(expected[0].plain)")]
        }
    }
}

extension Double {
    /// Without `.0` where it is a whole number.
    var plain: String { Int(exactly: self).map(String.init) ?? description }
}

import Domain

/// Whether a model called the right tools with the right arguments.
enum ToolCallEvaluators {
    static let all: [EvaluatorDefinition] = [f1, accuracy]

    private static let inputs = ["tool_calls", "expected_tool_calls"]

    static let f1 = EvaluatorDefinition(
        "tool_call_f1", summary: "F1 of the sets of calls, a call being its name and all arguments; Ragas' ToolCallF1.",
        needs: inputs, metrics: [MetricDefinition("tool_call_f1", threshold: 1)]
    ) { _ in
        { row in
            let actual = Set(try ToolCall.list(row, "tool_calls"))
            let expected = Set(try ToolCall.list(row, "expected_tool_calls"))
            let common = Double(actual.intersection(expected).count)
            let precision = actual.isEmpty ? 0 : common / Double(actual.count)
            let recall = expected.isEmpty ? 0 : common / Double(expected.count)
            let f1 = precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
            return [Finding((f1 * 10_000).rounded(.toNearestOrEven) / 10_000)]
        }
    }

    static let accuracy = EvaluatorDefinition(
        "tool_call_accuracy", aliases: ["tool_call_match"],
        summary:
            "Share of right arguments when the calls are the expected ones in order, 0 otherwise; Ragas' ToolCallAccuracy.",
        needs: inputs,
        parameters: [EvaluatorParameter("strict_order", .flag, default: true, "the order of the calls counts")],
        metrics: [MetricDefinition("tool_call_accuracy", threshold: 1)]
    ) { settings in
        let isStrict = settings.flag("strict_order")
        return { row in
            var actual = try ToolCall.list(row, "tool_calls")
            var expected = try ToolCall.list(row, "expected_tool_calls")
            if actual.isEmpty && expected.isEmpty { return [Finding(1)] }
            if !isStrict {
                actual.sort { $0.order.lexicographicallyPrecedes($1.order) }
                expected.sort { $0.order.lexicographicallyPrecedes($1.order) }
            }
            guard actual.map(\.name) == expected.map(\.name) else {
                return [
                    Finding(
                        0,
                        reason: "called \(actual.map(\.name).joined(separator: ", ")) "
                            + "instead of \(expected.map(\.name).joined(separator: ", "))")
                ]
            }
            let total = zip(actual, expected).reduce(0) { $0 + $1.0.argumentScore(against: $1.1) }
            return [Finding(total / Double(expected.count))]
        }
    }
}

/// One call of a tool, in whichever of the usual shapes it was written.
private struct ToolCall: Hashable {
    var name: String
    var arguments: JSONObject

    /// The calls in an input: `{name, arguments}`, `{name, args}`, or OpenAI's `{function: {name, arguments: "…"}}`.
    static func list(_ row: ScoringRow, _ input: String) throws -> [ToolCall] {
        guard let elements = try row.json(input).array else {
            throw NotScored.error("`\(input)` is not a list of calls")
        }
        return try elements.map { element in
            let call = element["function"]?.object ?? element.object ?? [:]
            guard let name = call["name"]?.string else { throw NotScored.error("a call in `\(input)` has no name") }
            switch call["arguments"] ?? call["args"] ?? .null {
            case .object(let arguments): return ToolCall(name: name, arguments: arguments)
            case .null: return ToolCall(name: name, arguments: [:])
            case .string(let text):
                guard let arguments = (try? JSONValue(parsing: text))?.object else {
                    throw NotScored.error("the arguments of `\(name)` in `\(input)` are not a JSON object")
                }
                return ToolCall(name: name, arguments: arguments)
            default: throw NotScored.error("the arguments of `\(name)` in `\(input)` are not an object")
            }
        }
    }

    /// Name, then the arguments by name: calls with equal content stand next to each other.
    var order: [String] { [name] + arguments.sorted { $0.0 < $1.0 }.flatMap { [$0.0, Self.plain($0.1)] } }

    /// The share of the expected arguments that are given with the same text.
    func argumentScore(against expected: ToolCall) -> Double {
        guard !expected.arguments.isEmpty else { return arguments.isEmpty ? 1 : 0 }
        let right = expected.arguments.filter { name, value in arguments[name].map(Self.plain) == Self.plain(value) }
            .count
        return Double(right) / Double(expected.arguments.count)
    }

    private static func plain(_ value: JSONValue) -> String { value.string ?? value.text(sortedKeys: true) }
}

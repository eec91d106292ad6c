import Domain
import Foundation

/// `json`: parses a text as JSON, if need be out of a code fence or surrounding prose, and picks a part of it.
struct JSONNode: ImmediateNode {
    func run(_ inputs: JSONObject, context: LineContext) throws -> JSONValue {
        guard let given = inputs["text"] ?? inputs["value"] else {
            throw FlowFailure("NodeInputValidationError", "a `json` node needs the input `text` or `value`")
        }
        var value = given
        if case .string(let text) = given { value = try Self.parse(text) }
        guard let path = inputs["path"]?.string, !path.isEmpty else { return value }
        guard
            case .node(_, let parts)? = try? InputAssignment(
                .string("${x.output.\(path)}"), at: SourceLocation(file: "", line: 1, column: 1))
        else {
            throw FlowFailure("NodeInputValidationError", "the path `\(path)` cannot be read; write `a.b[0]`")
        }
        if let found = value.value(at: parts) { return found }
        if let fallback = inputs["default"] { return fallback }
        throw FlowFailure(
            "JSONPathNotFound", "the JSON has nothing at `\(path)`; give the node a `default` if that is fine")
    }

    private static func parse(_ text: String) throws(FlowFailure) -> JSONValue {
        let trimmed = text.trimmingPythonSpace
        do { return try JSONValue(parsing: trimmed) } catch {
            for (open, close) in [("{", "}"), ("[", "]")] {
                if let start = trimmed.firstRange(of: open)?.lowerBound,
                    let end = trimmed.range(of: close, options: .backwards)?.upperBound, start < end,
                    let value = try? JSONValue(parsing: String(trimmed[start..<end]))
                {
                    return value
                }
            }
            throw FlowFailure("JSONInvalid", "the text is no JSON: \(error.message) at byte \(error.offset)")
        }
    }
}

/// `match`: compares a text with an expected one, or looks a value up among cases.
struct MatchNode: ImmediateNode {
    func run(_ inputs: JSONObject, context: LineContext) throws -> JSONValue {
        if case .object(let cases)? = inputs["cases"] {
            let value = try inputs.text("value", of: .match)
            if let found = cases[value] { return found }
            guard let fallback = inputs["default"] else {
                throw FlowFailure("NoCaseMatches", "none of the \(cases.count) cases matches and there is no `default`")
            }
            return fallback
        }
        let text = try inputs.text("text", of: .match)
        guard let expected = inputs["expected"] else {
            throw FlowFailure(
                "NodeInputValidationError", "a `match` node needs `text` and `expected`, or `value` and `cases`")
        }
        let mode = inputs["mode"]?.string ?? "exact"
        let candidates = expected.array?.map(\.pythonText) ?? [expected.pythonText]
        return .bool(try candidates.contains { try Self.matches(text, $0, mode: mode) })
    }

    private static func matches(_ text: String, _ expected: String, mode: String) throws -> Bool {
        switch mode {
        case "exact": text == expected
        case "strip": text.trimmingPythonSpace == expected.trimmingPythonSpace
        case "icase": text.trimmingPythonSpace.lowercased() == expected.trimmingPythonSpace.lowercased()
        case "contains": text.contains(expected)
        case "icontains": text.lowercased().contains(expected.lowercased())
        case "regex": try NodePattern.first(expected, in: text) != nil
        default:
            throw FlowFailure(
                "NodeInputValidationError",
                "`match` has no mode `\(mode)`\(NearestName.hint(for: mode, among: ["exact", "strip", "icase", "contains", "icontains", "regex"]))"
            )
        }
    }
}

/// `score`: the number that a pattern's first group (or whole match) holds.
struct ScoreNode: ImmediateNode {
    func run(_ inputs: JSONObject, context: LineContext) throws -> JSONValue {
        let text = try inputs.text("text", of: .score)
        let pattern = inputs["pattern"]?.string ?? #"[-+]?\d+(?:\.\d+)?"#
        guard let found = try NodePattern.first(pattern, in: text) else {
            if let fallback = inputs["default"] { return fallback }
            throw FlowFailure(
                "ScoreNotFound",
                "the pattern `\(pattern)` finds nothing in the text; give the node a `default` if that is fine")
        }
        let number = found.replacing(",", with: "").trimmingPythonSpace
        if let whole = Int(number) { return .int(whole) }
        guard let value = Double(number) else {
            throw FlowFailure("ScoreNotFound", "the pattern `\(pattern)` finds a text that is no number")
        }
        return .double(value)
    }
}

/// `aggregate`: one statistic over the values of all lines, recorded as a metric.
struct AggregateNode: ImmediateNode {
    static let statistics = ["mean", "rate", "sum", "min", "max", "count", "percentile"]
    let name: String

    func run(_ inputs: JSONObject, context: LineContext) throws -> JSONValue {
        guard case .array(let values)? = inputs["values"] else {
            throw FlowFailure(
                "NodeInputValidationError",
                "an `aggregate` node needs `values`, a node's output, and `aggregation: true`")
        }
        let statistic = inputs["statistic"]?.string ?? "mean"
        guard Self.statistics.contains(statistic) else {
            throw FlowFailure(
                "NodeInputValidationError",
                "`aggregate` has no statistic `\(statistic)`\(NearestName.hint(for: statistic, among: Self.statistics))"
            )
        }
        let result = try Self.compute(statistic, values.filter { !$0.isNull }, inputs: inputs)
        context.record(metrics: [inputs["metric"]?.string ?? name: result])
        return result
    }

    private static func compute(_ statistic: String, _ values: [JSONValue], inputs: JSONObject) throws(FlowFailure)
        -> JSONValue
    {
        if statistic == "count" { return .int(values.count) }
        var numbers: [Double] = []
        for value in values {
            guard let number = value.double ?? value.bool.map({ $0 ? 1 : 0 }) ?? value.string.flatMap(Double.init)
            else {
                throw FlowFailure("AggregateValueError", "a value to aggregate is a \(value.kindName), not a number")
            }
            numbers.append(number)
        }
        guard !numbers.isEmpty else { throw FlowFailure("AggregateValueError", "there are no values to aggregate") }
        switch statistic {
        case "sum": return .double(numbers.reduce(0, +))
        case "min": return .double(numbers.min() ?? 0)
        case "max": return .double(numbers.max() ?? 0)
        case "rate": return .double(Double(numbers.count { $0 != 0 }) / Double(numbers.count))
        case "percentile":
            guard let wanted = inputs["percentile"]?.double, (0...100).contains(wanted) else {
                throw FlowFailure("NodeInputValidationError", "`percentile` must be a number from 0 to 100")
            }
            let sorted = numbers.sorted()
            let place = wanted / 100 * Double(sorted.count - 1)
            let low = Int(place)
            let high = min(low + 1, sorted.count - 1)
            return .double(sorted[low] + (sorted[high] - sorted[low]) * (place - Double(low)))
        default: return .double(numbers.reduce(0, +) / Double(numbers.count))
        }
    }
}

/// The patterns of `match` and `score` nodes.
enum NodePattern {
    /// The first group of the first match, or the whole match; `nil` where nothing matches.
    static func first(_ pattern: String, in text: String) throws(FlowFailure) -> String? {
        guard let compiled = BoundedPattern(pattern) else {
            throw FlowFailure("NodeInputValidationError", "the pattern `\(pattern)` is no regular expression")
        }
        switch compiled.firstGroup(in: text) {
        case .match(let found): return found
        case .noMatch: return nil
        case .gaveUp:
            throw FlowFailure(
                "PatternTooSlow", "the pattern `\(pattern)` takes too much work on this text; make it more exact")
        }
    }
}

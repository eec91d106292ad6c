import Domain
import TextMetrics

/// Whether an answer is the JSON it should be, and how near it comes.
enum JSONEvaluators {
    static let all: [EvaluatorDefinition] = [isJSON, schema, diff]

    static let isJSON = EvaluatorDefinition(
        "is_json", aliases: ["json_valid", "valid_json"], summary: "Whether the answer is JSON.", needs: ["response"],
        parameters: [
            EvaluatorParameter(
                "containers_only", .flag, default: false, "only lists and objects count, as in autoevals")
        ],
        metrics: [MetricDefinition("is_json", isFlag: true)]
    ) { settings in
        let containersOnly = settings.flag("containers_only")
        return { row in
            let value = try row.value("response")
            guard let text = value.string else {
                return [Finding(!containersOnly || value.array != nil || value.object != nil)]
            }
            do throws(JSONSyntaxError) {
                let parsed = try JSONValue(parsing: text)
                return [Finding(!containersOnly || parsed.array != nil || parsed.object != nil)]
            } catch {
                return [Finding(false, reason: error.description)]
            }
        }
    }

    static let schema = EvaluatorDefinition(
        "json_schema", aliases: ["json_schema_valid", "is_valid_json_schema"],
        summary:
            "Whether the answer is JSON that satisfies a JSON Schema (draft 2020-12 or 7); says every violation's place.",
        needs: ["response"], parameters: [EvaluatorParameter("schema", .value, default: nil, "the JSON Schema")],
        metrics: [MetricDefinition("json_schema", isFlag: true)]
    ) { settings in
        let schema: JSONSchema
        do throws(JSONSchema.Problem) {
            schema = try JSONSchema(settings.values["schema"] ?? .null)
        } catch {
            throw EvaluatorError(.parameter, "Parameter `schema` of evaluator `json_schema`: \(error.message)")
        }
        return { row in
            let value: JSONValue
            do {
                value = try row.json("response")
            } catch let problem as NotScored {
                return [Finding(false, reason: problem.reason)]
            }
            let violations = schema.violations(of: value)
            return [
                Finding(
                    violations.isEmpty ? 1 : 0, reason: violations.first?.description,
                    properties: violations.isEmpty
                        ? [:]
                        : [
                            "violations": .array(
                                violations.map {
                                    [
                                        "path": .string($0.path), "keyword": .string($0.keyword),
                                        "message": .string($0.message),
                                    ]
                                })
                        ])
            ]
        }
    }

    static let diff = EvaluatorDefinition(
        "json_diff", aliases: ["json_similarity"],
        summary: "How alike two JSON values are, member by member, as autoevals' JSONDiff: 1 for equal ones.",
        parameters: [
            EvaluatorParameter("preserve_strings", .flag, default: false, "do not read texts that are themselves JSON")
        ],
        metrics: [MetricDefinition("json_diff", threshold: 1)]
    ) { settings in
        let preserves = settings.flag("preserve_strings")
        return { row in
            [Finding(similarity(try row.value("response"), try row.value("ground_truth"), preserves, depth: 0))]
        }
    }

    private static func similarity(_ first: JSONValue, _ second: JSONValue, _ preserves: Bool, depth: Int) -> Double {
        let (first, second) = preserves ? (first, second) : (unpacked(first, depth), unpacked(second, depth))
        if let a = first.object, let b = second.object {
            let keys = a.keys + b.keys.filter { !a.contains($0) }
            guard !keys.isEmpty else { return 1 }
            let total = keys.reduce(0) { $0 + similarity(a[$1] ?? .null, b[$1] ?? .null, preserves, depth: depth + 1) }
            return total / Double(keys.count)
        }
        if let a = first.array, let b = second.array {
            let longest = max(a.count, b.count)
            guard longest > 0 else { return 1 }
            return zip(a, b).reduce(0) { $0 + similarity($1.0, $1.1, preserves, depth: depth + 1) } / Double(longest)
        }
        if let a = first.string, let b = second.string { return Levenshtein.similarity(a, b) }
        if let a = number(first), let b = number(second) { return Numbers.similarity(a, b) }
        if first.isNull || second.isNull { return first.isNull && second.isNull ? 1 : 0 }
        return Levenshtein.similarity(escaped(first), escaped(second))
    }

    /// A truth value is a number in Python, and so it is in the reference.
    private static func number(_ value: JSONValue) -> Double? { value.double ?? value.bool.map { $0 ? 1 : 0 } }

    /// JSON with everything beyond ASCII escaped, as Python writes it: a distance of texts depends on how they are written.
    private static func escaped(_ value: JSONValue) -> String {
        var text = ""
        for scalar in value.text(sortedKeys: true).unicodeScalars {
            guard scalar.value > 0x7E else {
                text.unicodeScalars.append(scalar)
                continue
            }
            for unit in UTF16.encode(scalar) ?? UTF16.EncodedScalar() {
                let digits = String(unit, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return text
    }

    /// The list or object that a text holds.
    ///
    /// Values nested deeper than any parsed JSON cannot come from texts forever.
    private static func unpacked(_ value: JSONValue, _ depth: Int) -> JSONValue {
        guard depth < JSONValue.maximumDepth, let text = value.string,
            let parsed = try? JSONValue(parsing: text), parsed.array != nil || parsed.object != nil
        else { return value }
        return parsed
    }
}

import Domain
import TextMetrics

/// The inputs of one evaluator for one line, with texts that evaluators of the same line prepare only once.
struct ScoringRow {
    let inputs: JSONObject
    private let prepared: PreparedComparisons

    init(inputs: JSONObject, prepared: PreparedComparisons = PreparedComparisons()) {
        self.inputs = inputs
        self.prepared = prepared
    }

    /// The input's value.
    ///
    /// Throws ``NotScored`` if it is missing or null.
    func value(_ name: String) throws -> JSONValue {
        guard let value = inputs[name], !value.isNull else { throw NotScored.error("there is no value for `\(name)`") }
        return value
    }

    /// The input as text; what is no text is written as JSON.
    func text(_ name: String) throws -> String {
        let value = try value(name)
        return value.string ?? value.text()
    }

    /// The input as one or several texts; an empty list is no value.
    func texts(_ name: String) throws -> [String] {
        let value = try value(name)
        guard let elements = value.array else { return [value.string ?? value.text()] }
        guard !elements.isEmpty else { throw NotScored.error("the list `\(name)` is empty") }
        return elements.map { $0.string ?? $0.text() }
    }

    /// The input as a number; texts that are numbers count.
    func number(_ name: String) throws -> Double {
        let value = try value(name)
        let number = value.double ?? value.string.flatMap { Double($0.trimmed) }
        guard let number, number.isFinite else { throw NotScored.error("`\(name)` is not a number") }
        return number
    }

    /// The input as a JSON value; a text that is JSON is read.
    func json(_ name: String) throws -> JSONValue {
        let value = try value(name)
        guard let text = value.string else { return value }
        do {
            return try JSONValue(parsing: text)
        } catch {
            throw NotScored.error("`\(name)` is \(error.description)")
        }
    }

    /// Compares `response` with `ground_truth`, one text or several.
    func compare<Result>(_ body: (inout TextComparison) -> Result) throws -> Result {
        try prepared.use(prediction: text("response"), references: texts("ground_truth"), body)
    }
}

/// The comparisons that were prepared for one line.
final class PreparedComparisons {
    private var entries: [(prediction: String, references: [String], comparison: TextComparison)] = []

    /// A line rarely has more than a few pairs of texts; beyond this nothing is kept.
    private static let limit = 8

    func use<Result>(
        prediction: String, references: [String], _ body: (inout TextComparison) -> Result
    ) -> Result {
        if let place = entries.firstIndex(where: { $0.prediction == prediction && $0.references == references }) {
            return body(&entries[place].comparison)
        }
        var comparison = TextComparison(prediction: prediction, references: references)
        guard entries.count < Self.limit else { return body(&comparison) }
        entries.append((prediction, references, comparison))
        return body(&entries[entries.count - 1].comparison)
    }
}

extension StringProtocol {
    /// Without the white space at both ends.
    var trimmed: String {
        let scalars = unicodeScalars
        guard let start = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let end = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(self[start...end])
    }
}

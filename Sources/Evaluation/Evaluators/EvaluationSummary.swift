package import Domain
import Statistics

/// What a metric says of a whole set.
package struct MetricSummary: Sendable, Equatable {
    package let metric: String
    package let direction: MetricDirection
    package let unit: String
    /// Lines with a value.
    package let count: Int
    /// Lines that should have a value but have none.
    ///
    /// They are no part of the mean.
    package let errors: Int
    /// Lines the metric says nothing about.
    package let notApplicable: Int
    /// `nil` when no line has a value.
    package let mean: Double?
    package let p50: Double?
    package let p95: Double?
    package let p99: Double?
    /// The share of lines with a value that meet the threshold, or `nil` where there is none.
    package let passRate: Double?
    /// Metrics of the set that are no mean of lines, such as `corpus_bleu`.
    package let set: [(name: String, value: Double)]

    package static func == (left: Self, right: Self) -> Bool { left.json == right.json }

    /// The summary as one JSON object.
    package var json: JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .double($0) } ?? .null }
        return [
            "metric": .string(metric), "direction": .string(direction.rawValue), "unit": .string(unit),
            "count": .int(count),
            "errors": .int(errors), "not_applicable": .int(notApplicable), "mean": number(mean), "p50": number(p50),
            "p95": number(p95), "p99": number(p99), "pass_rate": number(passRate),
            "set": .object(JSONObject(set.map { ($0.name, .double($0.value)) })),
        ]
    }
}

/// Gathers scores line by line.
///
/// Keeps eight bytes for each value.
package struct EvaluationSummary: Sendable {
    private struct Gathered: Sendable {
        var values: [Double] = []
        var errors = 0
        var notApplicable = 0
        var passed = 0
        var judged = 0

        mutating func add(_ score: Score) {
            switch score.status {
            case .scored:
                if let value = score.value { values.append(value) }
                if let passed = score.passed {
                    judged += 1
                    if passed { self.passed += 1 }
                }
            case .error: errors += 1
            case .notApplicable: notApplicable += 1
            }
        }
    }

    private let uses: [EvaluatorUse]
    private var setScorers: [(any SetScorer)?]
    private var gathered: [String: Gathered] = [:]

    init(uses: [EvaluatorUse], setScorers: [(any SetScorer)?]) {
        self.uses = uses
        self.setScorers = setScorers
    }

    /// Takes in the scores of one line and, for metrics of the whole set, its sources.
    package mutating func add(_ scores: [Score], sources: JSONObject) {
        for score in scores {
            // In place: taking the entry out and putting it back would copy all its values for every line.
            gathered[score.metric, default: Gathered()].add(score)
        }
        for place in uses.indices where setScorers[place] != nil {
            guard let inputs = try? uses[place].inputs(of: sources) else { continue }
            setScorers[place]?.add(ScoringRow(inputs: inputs))
        }
    }

    /// The summary of every metric, in order.
    package func metrics() -> [MetricSummary] {
        uses.indices.flatMap { place in
            uses[place].metrics.enumerated().map { position, metric in
                let entry = gathered[metric.key] ?? Gathered()
                let quantiles = try? Quantile.of(entry.values, [0.5, 0.95, 0.99])
                return MetricSummary(
                    metric: metric.key, direction: metric.definition.direction, unit: metric.definition.unit,
                    count: entry.values.count, errors: entry.errors, notApplicable: entry.notApplicable,
                    mean: entry.values.isEmpty ? nil : entry.values.mean, p50: quantiles?[0], p95: quantiles?[1],
                    p99: quantiles?[2], passRate: entry.judged > 0 ? Double(entry.passed) / Double(entry.judged) : nil,
                    set: position == 0 ? setScorers[place]?.metrics() ?? [] : [])
            }
        }
    }
}

import Domain
import Foundation

extension ReportSummary {
    /// The summary as the page reads it.
    var json: JSONValue {
        [
            "title": .string(title), "created": .string(created.formatted(.iso8601)),
            "pawang_version": .string(pawangVersion),
            "verdict": [
                "status": .string(verdict.status.rawValue), "headline": .string(verdict.headline),
                "sentences": .array(verdict.sentences.map { .string($0) }),
            ],
            "experiment": experiment.json, "variants": .array(variants.map(\.json)),
            "metrics": .array(metrics.map(\.json)), "comparisons": .array(comparisons.map(\.json)),
            "gate": gate?.json ?? .null, "warnings": .array(warnings.map { .string($0) }),
            "judge": judge?.json ?? .null,
        ]
    }
}

extension JSONValue {
    /// A number, or `null` where there is none.
    init(number: Double?) { self = number.map { $0.isFinite ? .double($0) : .null } ?? .null }

    /// A whole number, or `null` where there is none.
    init(count: Int?) { self = count.map { .int($0) } ?? .null }
}

extension ReportSummary.Experiment {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "digest": .string(digest.description), "seed": .int(seed),
            "repetitions": .int(repetitions),
            "datasets": .array(
                datasets.map {
                    ["name": .string($0.name), "digest": .string($0.digest.description), "lines": .int($0.lines)]
                }),
        ]
    }
}

extension ReportSummary.Variant {
    fileprivate var json: JSONValue {
        let estimates = metrics.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) }
        return [
            "id": .string(id), "label": .string(label), "baseline": .bool(isBaseline), "settings": .object(settings),
            "lines": .int(lines), "failed": .int(failed), "usage": .object(usage.json(cost: cost)),
            "latency_ms": [
                "mean": JSONValue(number: latency.mean), "p50": JSONValue(number: latency.p50),
                "p95": JSONValue(number: latency.p95),
            ],
            "metrics": .object(JSONObject(estimates)),
        ]
    }
}

extension ReportSummary.Estimate {
    fileprivate var json: JSONValue {
        [
            "mean": JSONValue(number: mean), "low": JSONValue(number: low), "high": JSONValue(number: high),
            "n": .int(count), "missing": .int(missing), "errors": .int(errors),
        ]
    }
}

extension ReportSummary.Metric {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "direction": .string(direction.rawValue), "primary": .bool(isPrimary),
            "unit": .string(unit),
        ]
    }
}

extension ReportSummary.Comparison {
    fileprivate var json: JSONValue {
        [
            "metric": .string(metric), "variant": .string(variant), "baseline": .string(baseline),
            "difference": JSONValue(number: difference), "low": JSONValue(number: low), "high": JSONValue(number: high),
            "p": JSONValue(number: p), "p_adjusted": JSONValue(number: adjustedP), "test": .string(test),
            "n": .int(count), "clusters": JSONValue(count: clusters),
            "minimum_detectable_effect": JSONValue(number: minimumDetectableEffect),
            "decision": .string(decision.rawValue), "sentence": .string(sentence),
        ]
    }
}

extension ReportSummary.Gate {
    fileprivate var json: JSONValue {
        let rows = rows.map { row -> JSONValue in
            [
                "metric": .string(row.metric), "variant": .string(row.variant), "rule": .string(row.rule),
                "value": JSONValue(number: row.value), "passed": .bool(row.passed), "reason": .string(row.reason),
            ]
        }
        return ["passed": .bool(passed), "rows": .array(rows)]
    }
}

extension ReportSummary.Judge {
    fileprivate var json: JSONValue {
        var object = usage.json(cost: cost)
        object["calls"] = .int(calls)
        return .object(object)
    }
}

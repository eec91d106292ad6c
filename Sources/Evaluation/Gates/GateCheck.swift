package import Domain
import Statistics

/// Checks a gate against what an experiment gave.
package struct GateCheck {
    private let gate: Gate
    private let analysis: ExperimentAnalysis
    private let summary: ReportSummary

    package init(gate: Gate, analysis: ExperimentAnalysis, summary: ReportSummary) {
        self.gate = gate
        self.analysis = analysis
        self.summary = summary
    }

    /// Totals that rules may bound beside the evaluators' metrics.
    private static let totals = [
        "latency_mean_ms", "latency_p50_ms", "latency_p95_ms", "cost_usd", "cost_usd_per_line", "failed_lines",
        "input_tokens", "output_tokens",
    ]

    /// Every rule with its outcome.
    ///
    /// Throws for a metric or variant that does not exist.
    package func check() throws -> ReportSummary.Gate {
        var rows: [ReportSummary.GateRow] = []
        if case .atMost(let allowed) = gate.failedLines {
            var seen: Set<String> = []
            for rule in gate.rules where seen.insert(rule.variant).inserted {
                rows.append(failedLines(try variant(rule.variant, rule), allowed: allowed))
            }
        }
        for rule in gate.rules { rows.append(try row(rule)) }
        return ReportSummary.Gate(passed: rows.allSatisfy(\.passed), rows: rows)
    }

    private func failedLines(_ index: Int, allowed: Int) -> ReportSummary.GateRow {
        let variant = summary.variants[index]
        let unscored = variant.metrics.values.map(\.errors).max() ?? 0
        let failed = variant.failed + unscored
        return ReportSummary.GateRow(
            metric: "failed_lines", variant: variant.id, rule: "at most \(allowed)", value: Double(failed),
            passed: failed <= allowed,
            reason: failed <= allowed
                ? "\(variant.lines - failed) of \(variant.lines) lines completed and scored"
                : "\(variant.failed) lines failed or are missing, \(unscored) could not be scored")
    }

    private func row(_ rule: Gate.Rule) throws -> ReportSummary.GateRow {
        let index = try variant(rule.variant, rule)
        func row(_ text: String, _ value: Double?, _ passed: Bool, _ reason: String) -> ReportSummary.GateRow {
            ReportSummary.GateRow(
                metric: rule.metric, variant: rule.variant, rule: text, value: value, passed: passed, reason: reason)
        }
        switch rule.bound {
        case .atLeast(let bound):
            let text = "at least \(ExperimentVerdict.number(bound))"
            guard let value = try value(rule, of: index) else { return row(text, nil, false, "the value is unknown") }
            return row(
                text, value, value >= bound,
                "\(ExperimentVerdict.number(value)) \(value >= bound ? "≥" : "<") \(ExperimentVerdict.number(bound))")
        case .atMost(let bound):
            let text = "at most \(ExperimentVerdict.number(bound))"
            guard let value = try value(rule, of: index) else { return row(text, nil, false, "the value is unknown") }
            return row(
                text, value, value <= bound,
                "\(ExperimentVerdict.number(value)) \(value <= bound ? "≤" : ">") \(ExperimentVerdict.number(bound))")
        case .notWorse(let other, let margin):
            return try notWorse(rule, index: index, than: other, margin: margin)
        }
    }

    private func notWorse(_ rule: Gate.Rule, index: Int, than other: String, margin: Double) throws
        -> ReportSummary.GateRow
    {
        let baseline = try variant(other, rule)
        let text = "not worse than \(other) by more than \(ExperimentVerdict.number(margin))"
        func row(_ value: Double?, _ passed: Bool, _ reason: String) -> ReportSummary.GateRow {
            ReportSummary.GateRow(
                metric: rule.metric, variant: rule.variant, rule: text, value: value, passed: passed, reason: reason)
        }
        let direction = analysis.metrics.first { $0.key == rule.metric }?.definition.direction ?? .lower
        let paired: String? =
            switch rule.metric {
            case "latency_mean_ms": "latency_ms"
            case "cost_usd_per_line": "cost_usd"
            default: analysis.metrics.contains { $0.key == rule.metric } ? rule.metric : nil
            }
        guard let paired else {
            // Totals and quantiles have no pairs: the values themselves are compared.
            guard let value = try value(rule, of: index), let before = try self.value(rule, of: baseline) else {
                return row(nil, false, "a value is unknown")
            }
            let loss = value - before
            return row(
                loss, loss <= margin,
                "\(ExperimentVerdict.number(value)) against \(ExperimentVerdict.number(before)), compared without an interval"
            )
        }
        if index == baseline { return row(0, true, "the variant is compared with itself") }
        guard
            let comparison = try analysis.compare(
                paired, candidate: index, baseline: baseline, seed: summary.experiment.seed)
        else {
            return row(nil, false, "no line has both values")
        }
        guard let interval = comparison.interval else {
            return row(comparison.difference, false, "too few lines to say how sure the difference is")
        }
        let oriented =
            direction == .higher ? interval : ConfidenceInterval(lower: -interval.upper, upper: -interval.lower)
        let passed = oriented.lower >= -margin
        return row(
            comparison.difference, passed,
            "difference \(ExperimentVerdict.signed(comparison.difference, digits: 4)), 95 % CI \(ExperimentVerdict.number(interval.lower)) to \(ExperimentVerdict.number(interval.upper))"
                + (passed ? "" : ": it could be worse by more than \(ExperimentVerdict.number(margin))"))
    }

    private func value(_ rule: Gate.Rule, of index: Int) throws -> Double? {
        let variant = summary.variants[index]
        switch rule.metric {
        case "latency_mean_ms": return variant.latency.mean
        case "latency_p50_ms": return variant.latency.p50
        case "latency_p95_ms": return variant.latency.p95
        case "cost_usd": return variant.cost.nanoUSD.map { Double($0) / 1e9 }
        case "cost_usd_per_line": return variant.cost.nanoUSD.map { Double($0) / 1e9 / Double(max(1, variant.lines)) }
        case "failed_lines": return Double(variant.failed)
        case "input_tokens": return Double(variant.usage.input)
        case "output_tokens": return Double(variant.usage.output)
        default:
            guard let estimate = variant.metrics[rule.metric] else {
                let known = analysis.metrics.map(\.key) + Self.totals
                throw DocumentError(
                    "there is no metric `\(rule.metric)`\(NearestName.hint(for: rule.metric, among: known))",
                    at: rule.location)
            }
            return estimate.mean
        }
    }

    private func variant(_ id: String, _ rule: Gate.Rule) throws -> Int {
        guard let index = summary.variants.firstIndex(where: { $0.id == id }) else {
            throw DocumentError(
                "there is no variant `\(id)`\(NearestName.hint(for: id, among: summary.variants.map(\.id)))",
                at: rule.location)
        }
        return index
    }
}

extension ReportSummary.Gate {
    /// For scripts: `{passed, rules: [{metric, variant, rule, value, passed, reason}]}`.
    package var outcome: JSONValue {
        [
            "passed": .bool(passed),
            "rules": .array(
                rows.map {
                    [
                        "metric": .string($0.metric), "variant": .string($0.variant), "rule": .string($0.rule),
                        "value": $0.value.map { .double($0) } ?? .null, "passed": .bool($0.passed),
                        "reason": .string($0.reason),
                    ]
                }),
        ]
    }

    /// JUnit's XML, which every CI system shows.
    package func junit(name: String) -> String {
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        text +=
            "<testsuites><testsuite name=\"\(Self.escaped(name))\" tests=\"\(rows.count)\" failures=\"\(rows.count { !$0.passed })\">\n"
        for row in rows {
            text +=
                "  <testcase classname=\"\(Self.escaped(row.variant))\" name=\"\(Self.escaped("\(row.metric) \(row.rule)"))\""
            text += row.passed ? "/>\n" : "><failure message=\"\(Self.escaped(row.reason))\"/></testcase>\n"
        }
        return text + "</testsuite></testsuites>\n"
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\t", "\n", "\r": escaped += "&#\(scalar.value);"
            // XML 1.0 has no form at all for the other control characters.
            case "\u{0}"..<" ", "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

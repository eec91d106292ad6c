import Domain
import Foundation
import Testing

@testable import Evaluation

@Suite("Gates")
struct GateTests {
    /// 40 lines: `a` is right on 10 at 10 ms and 1 ¢, `b` on 30 at 20 ms and 2 ¢.
    private static func improved(_ variant: String, _ line: Int) async -> LineRecord {
        .answer(
            line < (variant == "a" ? 10 : 30) ? "\(line)" : "no", milliseconds: variant == "a" ? 10 : 20,
            cost: .known(nanoUSD: variant == "a" ? 10_000_000 : 20_000_000))
    }

    private func check(
        _ rules: String, more: String = "", answer: @escaping FakeFlow.Answer = improved
    ) async throws -> ReportSummary.Gate {
        let bench = try ExperimentBench(rows: ExperimentBench.rows(40), answer: answer)
        let file = try bench.folder.write("gate.yaml", "experiment: experiment.yaml\n\(more)\nrules:\n\(rules)\n")
        let gate = try Gate(file: file)
        let (_, _, analysis, summary) = try await bench.finished()
        return try GateCheck(gate: gate, analysis: analysis, summary: summary).check()
    }

    @Test(
        "A bound lets pass what reaches it and nothing else",
        arguments: [
            ("metric: exact_match, variant: a, at_least: 0.25", true),
            ("metric: exact_match, variant: a, at_least: 0.2501", false),
            ("metric: exact_match, variant: b, at_most: 0.75", true),
            ("metric: exact_match, variant: b, at_most: 0.7499", false),
            ("metric: latency_mean_ms, variant: a, at_most: 10", true),
            ("metric: latency_p50_ms, variant: b, at_most: 19", false),
            ("metric: latency_p95_ms, variant: b, at_most: 20", true),
            ("metric: cost_usd, variant: a, at_most: 0.4", true), ("metric: cost_usd, variant: b, at_most: 0.4", false),
            ("metric: cost_usd_per_line, variant: b, at_most: 0.02", true),
            ("metric: cost_usd_per_line, variant: b, at_most: 0.0199", false),
            ("metric: input_tokens, variant: a, at_most: 400", true),
            ("metric: output_tokens, variant: a, at_least: 81", false),
            ("metric: failed_lines, variant: a, at_most: 0", true),
            ("metric: exact_match, variant: b, not_worse_than: a", true),
            ("metric: exact_match, variant: a, not_worse_than: b, by_more_than: 0.4", false),
            ("metric: exact_match, variant: a, not_worse_than: b, by_more_than: 0.9", true),
            ("metric: exact_match, variant: a, not_worse_than: a", true),
            ("metric: latency_mean_ms, variant: b, not_worse_than: a, by_more_than: 9", false),
            ("metric: latency_mean_ms, variant: b, not_worse_than: a, by_more_than: 11", true),
            ("metric: latency_p95_ms, variant: b, not_worse_than: a, by_more_than: 9", false),
            ("metric: latency_p95_ms, variant: b, not_worse_than: a, by_more_than: 10", true),
            ("metric: cost_usd, variant: b, not_worse_than: a, by_more_than: 0.39", false),
            ("metric: cost_usd, variant: b, not_worse_than: a, by_more_than: 0.41", true),
            ("metric: cost_usd_per_line, variant: b, not_worse_than: a, by_more_than: 0.009", false),
            ("metric: cost_usd_per_line, variant: b, not_worse_than: a, by_more_than: 0.011", true),
        ])
    func bounds(rule: String, passes: Bool) async throws {
        let gate = try await check("- {\(rule)}")
        #expect(gate.passed == passes, "\(gate.rows.map(\.reason))")
        #expect(gate.rows.last?.passed == passes)
    }

    @Test("One rule that fails fails the gate, and every rule is told")
    func several() async throws {
        let gate = try await check(
            """
            - {metric: exact_match, variant: b, at_least: 0.5}
            - {metric: exact_match, variant: a, at_least: 0.5}
            - {metric: latency_mean_ms, variant: a, at_most: 50}
            """)
        #expect(!gate.passed)
        // The failed lines of both variants come first.
        #expect(gate.rows.map(\.passed) == [true, true, true, false, true])
    }

    @Test("What could be worse by more than the margin does not pass, even if the mean is not worse")
    func uncertain() async throws {
        let gate = try await check("- {metric: exact_match, variant: b, not_worse_than: a, by_more_than: 0.01}") {
            variant, line in .answer(line % 4 == 0 || line % 4 == (variant == "a" ? 1 : 2) ? "\(line)" : "no")
        }
        let row = try #require(gate.rows.last)
        #expect(!row.passed && row.reason.contains("95 % CI"))
    }

    @Test("A failed line fails the gate unless the file lets it pass")
    func failedLines() async throws {
        let rule = "- {metric: exact_match, variant: b, at_least: 0.1}"
        let answer: FakeFlow.Answer = { variant, line in
            variant == "b" && line < 2 ? .failure("Boom") : await Self.improved(variant, line)
        }
        let strict = try await check(rule, answer: answer)
        #expect(!strict.passed)
        #expect(strict.rows.map(\.passed) == [false, true])
        #expect(strict.rows[0].reason.contains("2 lines failed"))
        #expect(try await !check(rule, more: "failed_lines: 1", answer: answer).passed)
        #expect(try await check(rule, more: "failed_lines: 2", answer: answer).passed)
        #expect(try await check(rule, more: "failed_lines: ignore", answer: answer).passed)
        let other = "- {metric: exact_match, variant: a, at_least: 0.1}"
        #expect(try await check(other, answer: answer).passed)
    }

    @Test(
        "An unknown cost passes no bound",
        arguments: ["at_most: 1000000", "at_least: 0", "not_worse_than: a, by_more_than: 9"])
    func unknownCost(bound: String) async throws {
        for metric in ["cost_usd", "cost_usd_per_line"] {
            let gate = try await check("- {metric: \(metric), variant: b, \(bound)}") { _, line in
                .answer("\(line)", cost: .unknown)
            }
            #expect(!gate.passed, "\(metric)")
        }
    }

    @Test("A metric or variant that is not there is an error with the place and the nearest name")
    func unknownNames() async throws {
        for (rule, expected) in [
            ("metric: exact_mach, variant: a, at_least: 1", "did you mean `exact_match`?"),
            ("metric: exact_mach, variant: a, not_worse_than: b", "did you mean `exact_match`?"),
            ("metric: latency_p59_ms, variant: a, at_most: 1", "did you mean `latency_p50_ms`?"),
            ("metric: latency_ms, variant: a, not_worse_than: b", "no metric `latency_ms`"),
            ("metric: exact_match, variant: aa, at_least: 1", "no variant `aa`; did you mean `a`?"),
            ("metric: exact_match, variant: a, not_worse_than: bb", "no variant `bb`; did you mean `b`?"),
        ] {
            await #expect { try await check("- {\(rule)}") } throws: {
                let message = ($0 as? DocumentError)?.message ?? "\($0)"
                return message.contains(expected) && message.contains("gate.yaml:4:")
            }
        }
    }

    @Test(
        "A gate file that is wrong is an error that says what is",
        arguments: [
            ("rules: [{metric: m, variant: v, at_least: 1}]", "needs `experiment`"), ("run: r", "needs `rules`"),
            ("run: r\nrules: []", "lets everything pass"),
            ("run: r\nrules: [{variant: v, at_least: 1}]", "needs `metric`"),
            ("run: r\nrules: [{metric: m, at_least: 1}]", "needs `variant`"),
            ("run: r\nrules: [{metric: m, variant: v}]", "one of `at_least`"),
            ("run: r\nrules: [{metric: m, variant: v, at_least: 1, at_most: 2}]", "one of `at_least`"),
            ("run: r\nrules: [{metric: m, variant: v, atleast: 1}]", "did you mean `at_least`?"),
            ("run: r\nrules: [{metric: m, variant: v, at_least: high}]", "must be a number"),
            ("run: r\nrules: [{metric: m, variant: v, not_worse_than: w, by_more_than: -1}]", "must not be negative"),
            ("run: r\nrules: [{metric: m, variant: v, at_least: 1}]\nfailed_lines: some", "`failed_lines`"),
            ("experiment: nowhere.yaml\nrules: []", "`nowhere.yaml` does not exist"),
            ("run: r\nrule: []", "did you mean `rules`?"),
        ])
    func wrongFiles(text: String, expected: String) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("gate.yaml", text + "\n")
        #expect { try Gate(file: file) } throws: {
            let message = ($0 as? DocumentError)?.message ?? "\($0)"
            return message.contains(expected) && message.contains("gate.yaml:")
        }
    }

    @Test("JUnit's XML and the JSON hold every rule, whatever stands in its texts")
    func formats() throws {
        let gate = ReportSummary.Gate(
            passed: false,
            rows: [
                .init(
                    metric: "m<1>", variant: "a & \"b\"", rule: "at least 1", value: 0.5, passed: false,
                    reason: "x\n\u{1}<y>"),
                .init(metric: "m2", variant: "'c'", rule: "at most 1", value: nil, passed: true, reason: ""),
            ])
        let xml = gate.junit(name: "gate & <co>")
        #expect(xml.hasPrefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"))
        #expect(xml.contains("<testsuite name=\"gate &amp; &lt;co&gt;\" tests=\"2\" failures=\"1\">"))
        #expect(xml.contains("classname=\"a &amp; &quot;b&quot;\" name=\"m&lt;1&gt; at least 1\""))
        #expect(xml.contains("<failure message=\"x&#10;\u{FFFD}&lt;y&gt;\"/>"))
        #expect(xml.contains("classname=\"'c'\" name=\"m2 at most 1\"/>"))
        #expect(!xml.unicodeScalars.contains("\u{1}"))
        let outcome = gate.outcome
        #expect(outcome["passed"] == false)
        #expect(outcome["rules"]?.array?.count == 2)
        #expect(outcome["rules"]?.array?[0]["value"] == 0.5)
        #expect(outcome["rules"]?.array?[1]["value"]?.isNull == true)
        #expect(try JSONValue(parsing: outcome.text()) == outcome)
    }
}

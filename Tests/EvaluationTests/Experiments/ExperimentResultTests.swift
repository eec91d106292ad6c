import Domain
import Foundation
import Testing

@testable import Evaluation

@Suite("What an experiment gives")
struct ExperimentResultTests {
    /// 40 lines: `a` is right on the first 10, `b` on the first 30, at twice the time and cost.
    private static func improved(_ variant: String, _ line: Int) async -> LineRecord {
        let isRight = line < (variant == "a" ? 10 : 30)
        return .answer(
            isRight ? "\(line)" : "no", milliseconds: variant == "a" ? 10 : 20,
            cost: .known(nanoUSD: variant == "a" ? 1_000_000 : 2_000_000))
    }

    private func close(_ value: Double?, _ expected: Double, _ tolerance: Double = 1e-9) -> Bool {
        value.map { abs($0 - expected) <= tolerance } ?? false
    }

    @Test("Means, intervals, latencies and costs are those computed by hand")
    func numbers() async throws {
        let bench = try ExperimentBench(rows: ExperimentBench.rows(10)) { variant, line in
            .answer(
                line < (variant == "a" ? 4 : 8) ? "\(line)" : "no", milliseconds: (line + 1) * 10,
                cost: .known(nanoUSD: 3))
        }
        let (_, _, _, summary) = try await bench.finished()
        let a = summary.variants[0], estimate = try #require(a.metrics["exact_match"])
        #expect((a.id, a.isBaseline, a.lines, a.failed) == ("a", true, 10, 0))
        #expect(close(estimate.mean, 0.4))
        // Wilson's interval for 4 of 10.
        #expect(close(estimate.low, 0.168_180, 1e-5) && close(estimate.high, 0.687_326, 1e-5))
        #expect((estimate.count, estimate.missing, estimate.errors) == (10, 0, 0))
        #expect(close(summary.variants[1].metrics["exact_match"]?.mean, 0.8))
        #expect(a.usage == TokenUsage(input: 100, output: 20))
        #expect(a.cost == .known(nanoUSD: 30))
        #expect(close(a.latency.mean, 55) && close(a.latency.p50, 55) && close(a.latency.p95, 95.5))
        let comparison = try #require(summary.comparisons.first)
        #expect(close(comparison.difference, 0.4))
        // McNemar's exact test: 4 of 4 changed lines for b, 2 · ½⁴.
        #expect(close(comparison.p, 0.125))
        #expect(comparison.decision == .noDecision)
        #expect(comparison.count == 10)
    }

    @Test("A clear improvement is said in one sentence, with its interval, cost and latency")
    func better() async throws {
        let bench = try ExperimentBench(rows: ExperimentBench.rows(40), answer: Self.improved)
        let (_, outcome, _, summary) = try await bench.finished()
        #expect(outcome.record.status == .completed)
        #expect(summary.verdict.status == .better)
        let headline = summary.verdict.headline
        #expect(headline.hasPrefix("b is better than a by 0.500 exact_match (95 % CI 0."), "\(headline)")
        #expect(headline.hasSuffix("; cost +100 %; p95 latency +10 ms"), "\(headline)")
        #expect(
            summary.verdict.sentences.first?.hasPrefix("b is better than a by exact_match: difference +0.5000") == true)
        #expect(summary.comparisons[0].low ?? 0 > 0)
        #expect(summary.comparisons[0].p ?? 1 < 0.001)
    }

    @Test("Seen from the other side the same data say that the baseline is better")
    func worse() async throws {
        let bench = try ExperimentBench(
            rows: ExperimentBench.rows(40), text: ExperimentBench.text(more: "baseline: b\n"), answer: Self.improved)
        let (_, _, _, summary) = try await bench.finished()
        #expect(summary.verdict.status == .worse)
        #expect(
            summary.verdict.headline.hasPrefix(
                "b is better than every other variant; the nearest, a, is worse by 0.500"))
        #expect(!summary.verdict.headline.contains("worse by −"))
    }

    @Test("Where data cannot decide, no winner is named, and what it would take is said")
    func noDecision() async throws {
        let bench = try ExperimentBench(rows: ExperimentBench.rows(10)) { variant, line in
            .answer(line < (variant == "a" ? 6 : 7) ? "\(line)" : "no")
        }
        let (_, _, _, summary) = try await bench.finished()
        #expect(summary.verdict.status == .noDecision)
        #expect(summary.verdict.headline == "No decision: no variant is shown to be better than a by exact_match")
        #expect(summary.verdict.sentences[0].contains("cannot be told apart"))
    }

    @Test("A model that is weak at the task is called so, whoever wins")
    func weak() async throws {
        let bench = try ExperimentBench(rows: ExperimentBench.rows(40)) { variant, line in
            .answer(variant == "b" && line < 16 ? "\(line)" : "no")
        }
        let (_, _, _, summary) = try await bench.finished()
        #expect(summary.verdict.status == .better)
        #expect(summary.verdict.sentences.last?.contains("reaches only 0.400 of 1") == true)
    }

    @Test("An unknown cost is called unknown, never nothing")
    func unknownCost() async throws {
        let bench = try ExperimentBench(rows: ExperimentBench.rows(40)) { variant, line in
            .answer(
                line < (variant == "a" ? 10 : 30) ? "\(line)" : "no", cost: line == 3 ? .unknown : .known(nanoUSD: 5))
        }
        let (_, _, _, summary) = try await bench.finished()
        #expect(summary.variants[0].cost == .unknown)
        #expect(summary.verdict.headline.hasSuffix("; cost unknown"))
    }

    @Test("Failed lines are no part of the means, and are told")
    func failed() async throws {
        let bench = try ExperimentBench(rows: ExperimentBench.rows(40)) { variant, line in
            variant == "b" && line >= 30 ? .failure("Boom") : await Self.improved(variant, line)
        }
        let (_, outcome, _, summary) = try await bench.finished()
        #expect(outcome.record.status == .completedWithErrors)
        let estimate = try #require(summary.variants[1].metrics["exact_match"])
        #expect(close(estimate.mean, 1))
        #expect((estimate.count, estimate.missing) == (30, 10))
        #expect(summary.variants[1].failed == 10)
        #expect(summary.comparisons[0].count == 30)
        #expect(summary.verdict.sentences.contains { $0.hasPrefix("Failed or missing lines: b 10;") })
    }

    @Test("Lines of one source are no independent evidence: the cluster counts, and what looked sure is not")
    func clusters() async throws {
        // 40 lines of 4 sources; b is right on all lines of two more sources.
        let rows = (0..<40).map { "{\"q\": \"q\", \"truth\": \"\($0)\", \"source\": \"s\($0 / 10)\"}" }
        let clustered = try ExperimentBench(
            rows: rows, text: ExperimentBench.text(dataset: ", cluster: source"), answer: Self.improved)
        let plain = try ExperimentBench(rows: rows, answer: Self.improved)
        let (_, _, _, with) = try await clustered.finished()
        let (_, _, _, without) = try await plain.finished()
        #expect(without.comparisons[0].decision == .better)
        #expect(without.comparisons[0].clusters == nil)
        #expect(with.comparisons[0].clusters == 4)
        #expect(with.comparisons[0].decision == .noDecision)
        #expect(with.comparisons[0].sentence.contains("40 lines in 4 clusters"))
        let widths = [with, without].map { summary -> Double in
            let estimate = summary.variants[0].metrics["exact_match"]
            return (estimate?.high ?? 0) - (estimate?.low ?? 0)
        }
        #expect(widths[0] > widths[1])
        let ignoring = try ExperimentBench(
            rows: rows, text: ExperimentBench.text(more: "ignore_clusters: true\n", dataset: ", cluster: source"),
            answer: Self.improved)
        #expect(try await ignoring.finished().summary.warnings.isEmpty == false)
    }

    @Test("Repetitions of a line are one unit of evidence: their mean")
    func repetitions() async throws {
        let bench = try ExperimentBench(
            rows: ExperimentBench.rows(10), text: ExperimentBench.text(more: "repetitions: 5\n")
        ) { variant, line in .answer(line < (variant == "a" ? 4 : 8) ? "\(line)" : "no") }
        let (_, _, analysis, summary) = try await bench.finished()
        #expect(summary.variants[0].lines == 50)
        #expect(summary.variants[0].metrics["exact_match"]?.count == 10)
        #expect(summary.comparisons[0].count == 10)
        #expect(analysis.variants[0].allLatencies.count == 50)
    }

    @Test("One variant has a value and no comparison; without an evaluator nothing is claimed")
    func single() async throws {
        let text = ExperimentBench.text().replacing("  - {id: b, node: ask, variant: b}\n", with: "")
        let bench = try ExperimentBench(rows: ExperimentBench.rows(10), text: text, answer: Self.improved)
        let (_, _, _, summary) = try await bench.finished()
        #expect(summary.verdict.status == .single)
        #expect(summary.verdict.headline == "a reaches exact_match 1.00")
        #expect(summary.comparisons.isEmpty)
        let unscored = try ExperimentBench(
            rows: ExperimentBench.rows(2), text: ExperimentBench.text().replacing(ExperimentBench.evaluators, with: ""),
            answer: Self.improved)
        #expect(try await unscored.finished().summary.verdict.headline.hasPrefix("No evaluator scores"))
    }

    @Test("A primary metric that is not there is an error with the nearest name")
    func primary() async throws {
        let bench = try ExperimentBench(
            rows: ExperimentBench.rows(2), text: ExperimentBench.text(more: "primary: exact_mach\n"),
            answer: Self.improved)
        await #expect { try await bench.finished() } throws: { "\($0)".contains("did you mean `exact_match`?") }
    }

    @Test(
        "Numbers have the digits that their size deserves and a true minus",
        arguments: [
            (0, "0"), (123.456, "123"), (12.345, "12.3"), (1.2345, "1.23"), (0.12345, "0.123"), (0.0012345, "0.00123"),
            (-0.5, "−0.500"), (nil, "–"),
        ] as [(Double?, String)])
    func digits(value: Double?, expected: String) {
        #expect(ExperimentVerdict.number(value) == expected)
    }
}

import Domain
import Testing

@testable import Evaluation

@Suite("Evaluators against their references")
struct EvaluatorParityTests {
    private func set(_ evaluator: String, _ parameters: JSONObject = [:]) throws -> EvaluatorSet {
        try EvaluatorSet([EvaluatorUse(name: "m", evaluator: evaluator, parameters: parameters)])
    }

    private func value(_ set: EvaluatorSet, _ row: JSONObject) throws -> Double {
        let score = try #require(set.score(row: row).first)
        return try #require(score.value, "\(score.reason ?? "")")
    }

    @Test("json_diff equals autoevals' JSONDiff to 1e-9")
    func jsonDiff() throws {
        let set = try set("json_diff")
        let rows = try Reference.rows("json_diff")
        #expect(rows.count > 2000)
        for row in rows {
            let expected = try #require(row["score"]?.double)
            #expect(abs(try value(set, row) - expected) < 1e-9, "\(JSONValue.object(row).text())")
        }
    }

    @Test("nDCG of ranked documents equals scikit-learn's to 1e-9")
    func retrieval() throws {
        let rows = try Reference.rows("retrieval")
        #expect(rows.count > 1500)
        let sets = try (1..<8).map { try set("document_retrieval", ["k": .int($0)]) }
        for row in rows {
            let k = try #require(row["k"]?.int)
            #expect(
                abs(try value(sets[k - 1], row) - (row["ndcg"]?.double ?? -1)) < 1e-9, "\(JSONValue.object(row).text())"
            )
        }
    }

    @Test("Tool calls are scored as Ragas does")
    func toolCalls() throws {
        let (f1, strict) = (try set("tool_call_f1"), try set("tool_call_accuracy"))
        let flexible = try set("tool_call_accuracy", ["strict_order": false])
        for row in try Reference.rows("tool_calls") {
            #expect(abs(try value(f1, row) - (row["f1"]?.double ?? -1)) < 1e-9, "\(JSONValue.object(row).text())")
            #expect(
                abs(try value(strict, row) - (row["strict"]?.double ?? -1)) < 1e-9, "\(JSONValue.object(row).text())")
            #expect(
                abs(try value(flexible, row) - (row["flexible"]?.double ?? -1)) < 1e-9,
                "\(JSONValue.object(row).text())")
        }
    }

    @Test("The metrics of a set of labels equal scikit-learn's to 1e-9")
    func labels() throws {
        let set = try set("classification", ["ignore_case": false])
        for row in try Reference.rows("labels") {
            var summary = set.makeSummary()
            for (truth, predicted) in zip(row["truth"]?.array ?? [], row["predicted"]?.array ?? []) {
                let sources: JSONObject = ["data": ["response": predicted, "ground_truth": truth]]
                summary.add(set.score(sources: sources), sources: sources)
            }
            let metric = try #require(summary.metrics().first)
            let values = Dictionary(uniqueKeysWithValues: metric.set.map { ($0.name, $0.value) })
            for name in ["accuracy", "macro_f1", "matthews_correlation"] {
                #expect(abs((values[name] ?? -9) - (row[name]?.double ?? 9)) < 1e-9, "\(name)")
            }
            #expect(metric.mean == values["accuracy"])
        }
    }
}

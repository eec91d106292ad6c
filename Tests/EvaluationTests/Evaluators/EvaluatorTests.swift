import Domain
import Testing

@testable import Evaluation

@Suite("Evaluators")
struct EvaluatorTests {
    private func score(_ evaluator: String, _ parameters: JSONObject = [:], _ row: JSONObject) throws -> Score {
        let set = try EvaluatorSet([EvaluatorUse(name: "m", evaluator: evaluator, parameters: parameters)])
        return try #require(set.score(row: row).first)
    }

    private func answer(_ response: JSONValue, _ truth: JSONValue) -> JSONObject {
        ["response": response, "ground_truth": truth]
    }

    @Test("Names and aliases are different, and every evaluator describes itself")
    func catalogue() {
        let names =
            EvaluatorCatalogue.all.flatMap { [$0.name] + $0.aliases }
            + JudgeCatalogue.all.flatMap { [$0.name] + $0.aliases }
        #expect(Set(names).count == names.count)
        for definition in EvaluatorCatalogue.all {
            #expect(!definition.metrics.isEmpty)
            #expect(definition.summary.hasSuffix("."), "\(definition.name)")
            #expect(Set(definition.metrics.map(\.name)).count == definition.metrics.count)
        }
    }

    @Test(
        "Azure's and promptfoo's names find the evaluator",
        arguments: [
            ("f1_score", "f1"), ("bleu_score", "bleu"), ("gleu_score", "gleu"), ("rouge_score", "rouge"),
            ("rouge-n", "rouge"),
            ("meteor_score", "meteor"), ("contains", "contains"), ("icontains-all", "icontains"),
            ("contains-any", "contains_any"),
            ("is-json", "is_json"), ("regex", "regex"), ("starts-with", "starts_with"), ("levenshtein", "levenshtein"),
            ("similar", "cosine_similarity"), ("latency", "latency_ms"), ("cost", "cost_usd"),
            ("equals", "exact_match"),
        ])
    func aliases(alias: String, name: String) throws {
        #expect(try EvaluatorCatalogue.find(alias).name == name)
    }

    @Test(
        "Values of simple evaluators",
        arguments: [
            ("exact_match", [:], "The Answer!", "answer", 1), ("exact_match", ["mode": "raw"], "a", "a ", 0),
            ("exact_match", ["mode": "strip"], " a", "a ", 1), ("exact_match", [:], "b", ["a", "B"], 1),
            ("exact_match", ["ignore_case": true, "ignore_numbers": true], "A1", "a2", 1),
            ("f1", [:], "a cat sat", "the cat sat down", 0.8), ("f1", [:], "x", ["y", "x"], 1), ("f1", [:], "", "a", 0),
            ("f1", [:], "日本 語", "日本", 2.0 / 3), ("bleu", [:], "the cat sat on the mat", "the cat sat on the mat", 1),
            ("sacrebleu", [:], "a b c d e", "a b c d e", 100.00000000000004),
            ("rouge", ["type": "rouge1"], "a b", "a c", 0.5),
            ("gleu", [:], "a b", "a b", 1), ("chrf", [:], "abc", "abc", 100),
            ("levenshtein", [:], "kitten", "sitting", 4.0 / 7),
            ("levenshtein", [:], "", "", 1), ("contains", [:], "hello world", "world", 1),
            ("contains", [:], "hello", ["he", "x"], 0),
            ("contains_any", [:], "hello", ["he", "x"], 1), ("icontains", ["value": "WORLD"], "hello world", nil, 1),
            ("starts_with", [:], "hello", "he", 1), ("ends_with", ["ignore_case": true], "hello", "LO", 1),
            ("regex", ["pattern": "^\\d+$"], "123", nil, 1),
            ("regex", ["pattern": "\\d", "mode": "absent"], "abc", nil, 1),
            ("regex", ["pattern": "a|ab", "mode": "full"], "ab", nil, 1),
            ("regex", ["pattern": "a", "mode": "full"], "ab", nil, 0),
            ("word_count", [:], "a b  c", nil, 3), ("length", [:], "日本👍🏽", nil, 4),
            ("is_json", [:], "{\"a\": 1}", nil, 1),
            ("is_json", [:], "{a: 1}", nil, 0), ("is_json", ["containers_only": true], "5", nil, 0),
            ("json_schema", ["schema": ["type": "object"]], "{}", nil, 1),
            ("json_schema", ["schema": ["type": "object"]], "[", nil, 0),
            ("json_diff", [:], "{\"a\": 1}", "{\"a\": 1.0}", 1), ("numeric_diff", [:], "105", 100, 1 - 5.0 / 205),
            ("last_number_match", [:], "so 3 + 15 = 18.", "It is\n#### 18", 1),
            ("last_number_match", [:], "A: $1,234", "1234", 1),
            ("last_number_match", [:], "none", "5", 0), ("classification", [:], " Yes", "yes", 1),
            ("probability", [:], 0.75, true, 0.0625),
            ("refusal", [:], "I'm sorry, but I can't help with that.", nil, 1),
            ("refusal", [:], "Sure! Here is how you do it: mix flour and water.", nil, 0),
        ] as [(String, JSONObject, JSONValue, JSONValue, Double)])
    func values(evaluator: String, parameters: JSONObject, response: JSONValue, truth: JSONValue, expected: Double)
        throws
    {
        let score = try score(evaluator, parameters, answer(response, truth))
        #expect(score.status == .scored, "\(score.reason ?? "")")
        #expect(abs((score.value ?? -1) - expected) < 1e-9, "\(score)")
    }

    @Test(
        "A line that cannot be scored has a status and a reason, and no value",
        arguments: [
            ("f1", ["response": "a"], Score.Status.error), ("f1", ["response": nil, "ground_truth": "a"], .error),
            ("f1", ["response": "a", "ground_truth": []], .error),
            ("numeric_diff", ["response": "x", "ground_truth": 1], .error),
            ("numeric_diff", ["response": .double(.nan), "ground_truth": 1], .error),
            ("rouge", ["response": "日本語", "ground_truth": "日本語"], .notApplicable),
            ("cosine_similarity", ["response_embedding": [1], "ground_truth_embedding": [1, 2]], .error),
            ("cosine_similarity", ["response_embedding": [0], "ground_truth_embedding": [1]], .error),
            ("quoted_spans", ["response": "no quotes", "context": "c"], .notApplicable),
            ("cost_usd", ["cost_usd": nil], .notApplicable), ("latency_ms", ["latency_ms": -1], .error),
            ("tool_call_f1", ["tool_calls": "x", "expected_tool_calls": []], .error),
            ("document_retrieval", ["retrieved_documents": ["a"], "retrieval_ground_truth": []], .notApplicable),
            ("probability", ["response": 1.5, "ground_truth": true], .error),
            ("last_number_match", ["response": "5", "ground_truth": "none"], .error),
        ] as [(String, JSONObject, Score.Status)])
    func unscored(evaluator: String, row: JSONObject, status: Score.Status) throws {
        let score = try score(evaluator, [:], row)
        #expect(score.status == status)
        #expect(score.value == nil)
        #expect(score.reason?.isEmpty == false)
        #expect(score.json == .null)
        #expect(score.columns["m_result"] == .null)
    }

    @Test("A regular expression that takes too much work is an error of the line")
    func slowPattern() throws {
        let row = answer(.string(String(repeating: "a", count: 60) + "!"), nil)
        #expect(try score("regex", ["pattern": "^(a+)+$"], row).status == .error)
    }

    @Test("Parameters are checked by name and kind")
    func parameters() throws {
        let unknown = #expect(throws: EvaluatorError.self) {
            try EvaluatorUse(name: "m", evaluator: "rouge", parameters: ["tipe": "x"])
        }
        #expect(unknown?.message.contains("`type`") == true)
        let kind = #expect(throws: EvaluatorError.self) {
            try EvaluatorUse(name: "m", evaluator: "rouge", parameters: ["type": "rouge9"])
        }
        #expect(kind?.message.contains("rougeLsum") == true)
        let missing = #expect(throws: EvaluatorError.self) { try EvaluatorUse(name: "m", evaluator: "regex") }
        #expect(missing?.message.contains("`pattern`") == true)
        let name = #expect(throws: EvaluatorError.self) { try EvaluatorUse(name: "m", evaluator: "exact_mach") }
        #expect(name?.message.contains("`exact_match`") == true)
        let input = #expect(throws: EvaluatorError.self) {
            try EvaluatorUse(name: "m", evaluator: "f1", mappings: ["respons": "x"])
        }
        #expect(input?.message.contains("`response`") == true)
        #expect(throws: EvaluatorError.self) {
            try EvaluatorSet([EvaluatorUse(name: "m", evaluator: "regex", parameters: ["pattern": "("])])
        }
        #expect(throws: EvaluatorError.self) {
            try EvaluatorSet([EvaluatorUse(name: "m", evaluator: "json_schema", parameters: ["schema": ["type": "x"]])])
        }
        let use = try EvaluatorUse(name: "m", evaluator: "f1")
        #expect(throws: EvaluatorError.self) { try EvaluatorSet([use, use]) }
    }

    @Test("The digest of a use changes with evaluator and settings, and not with its name")
    func digests() throws {
        let plain = try EvaluatorUse(name: "a", evaluator: "rouge").digest
        #expect(try EvaluatorUse(name: "b", evaluator: "rouge_score").digest == plain)
        #expect(try EvaluatorUse(name: "a", evaluator: "rouge", parameters: ["stemming": true]).digest != plain)
        #expect(try EvaluatorUse(name: "a", evaluator: "bleu").digest != plain)
    }

    @Test("Columns are Azure's")
    func columns() throws {
        let set = try EvaluatorSet([EvaluatorUse(name: "f1_score", evaluator: "f1", parameters: ["threshold": 0.9])])
        let scores = set.score(row: answer("a cat sat", "the cat sat down"))
        #expect(scores.map(\.metric) == ["f1_score", "f1_score.precision", "f1_score.recall"])
        let columns = try #require(scores.first?.columns)
        #expect(
            columns.keys == [
                "f1_score", "f1_score_score", "f1_score_passed", "f1_score_result", "f1_score_reason",
                "f1_score_status",
                "f1_score_threshold", "f1_score_properties",
            ])
        #expect(columns["f1_score_passed"] == false)
        #expect(columns["f1_score_result"] == "fail")
        #expect(columns["f1_score_threshold"] == 0.9)
        #expect(columns["f1_score_status"] == "completed")
        #expect(try score("exact_match", [:], answer("a", "a")).columns["m"] == true)
    }

    @Test("Inputs come from run outputs and data, and a missing column is an error of the line, not of the set")
    func mappings() throws {
        let set = try EvaluatorSet([
            EvaluatorUse(
                name: "em", evaluator: "exact_match",
                mappings: ["response": "${run.outputs.answer}", "ground_truth": "${data.answers}"]),
            EvaluatorUse(name: "len", evaluator: "length", mappings: ["response": "${run.outputs.none}"]),
        ])
        let scores = set.score(sources: ["data": ["answers": ["x", "y"]], "run.outputs": ["answer": "y"]])
        #expect(scores[0].value == 1)
        #expect(scores[1].status == .error)
        #expect(scores[1].reason?.contains("${run.outputs.none}") == true)
        #expect(scores.count == 3)
    }

    @Test("A summary counts errors apart, gives percentiles and pass rate, and corpus metrics over the set")
    func summary() throws {
        let set = try EvaluatorSet([
            EvaluatorUse(name: "f1", evaluator: "f1"), EvaluatorUse(name: "bleu", evaluator: "sacrebleu"),
        ])
        var summary = set.makeSummary()
        let rows: [JSONObject] = [
            answer("the cat sat on the mat", "the cat sat on the mat"), answer("no", "yes"), ["response": "alone"],
            answer("a dog ran in the park today", "the dog ran in a park today"),
        ]
        for row in rows { summary.add(set.score(row: row), sources: ["data": .object(row)]) }
        let metrics = summary.metrics()
        #expect(metrics.map(\.metric) == ["f1", "f1.precision", "f1.recall", "bleu"])
        let f1 = metrics[0]
        #expect(f1.count == 3)
        #expect(f1.errors == 1)
        #expect(f1.p50 == 1)
        #expect(f1.passRate == 2.0 / 3)
        #expect(abs((f1.mean ?? 0) - 2.0 / 3) < 1e-12)
        let corpus = try #require(metrics[3].set.first)
        #expect(corpus.name == "corpus_bleu")
        #expect(corpus.value != metrics[3].mean)
        #expect(set.makeSummary().metrics()[0].mean == nil)
    }
}

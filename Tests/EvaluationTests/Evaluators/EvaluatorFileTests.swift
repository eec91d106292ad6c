import Domain
import Testing

@testable import Evaluation

@Suite("Evaluator files")
struct EvaluatorFileTests {
    private func file(_ text: String) throws -> EvaluatorFile {
        try EvaluatorFile(YAMLReader.read(text: text, file: "e.yaml"))
    }

    @Test("A deterministic evaluator has parameters and mappings")
    func deterministic() throws {
        let file = try file(
            """
            name: overlap
            kind: deterministic
            evaluator: rouge_score
            parameters: {type: rouge2, threshold: 0.3}
            mappings: {response: "${run.outputs.answer}", ground_truth: "${data.gold}"}
            """)
        guard case .deterministic(let use) = file.kind else { return #expect(Bool(false)) }
        #expect(use.name == "overlap")
        #expect(use.definition.name == "rouge")
        #expect(use.settings.values["threshold"] == 0.3)
        let scores = try EvaluatorSet([use]).score(sources: [
            "data": ["gold": "a b c"], "run.outputs": ["answer": "a b c"],
        ])
        #expect(scores.first?.value == 1)
    }

    @Test("A judge may bring a rubric of its own")
    func rubric() async throws {
        let file = try file(
            """
            name: polite
            kind: judge
            connection: aoai
            model: gpt-4o
            direction: lower
            rubric:
              inputs: [response]
              task: Grade how rude the response is.
              levels: {5: very rude, 1: kind, 3: neutral}
            """)
        guard case .judge(let definition) = file.kind else { return #expect(Bool(false)) }
        #expect(definition.connection == "aoai")
        let client = RecordedJudge("{\"reason\": \"r\", \"score\": 5}")
        let judge = try JudgeCatalogue.make(definition.entry, name: file.name, model: client.model())
        let score = try #require(await judge.score(sources: ["data": ["response": "go away"]]).scores.first)
        #expect(score.value == 5)
        #expect(score.passed == false)
        let instruction = try #require(client.requests.first?["messages"]?.array?.first?["content"]?.string)
        #expect(instruction.contains("1: kind\n3: neutral\n5: very rude"))
    }

    @Test("A flow evaluator names its flow and the outputs that are metrics")
    func flow() throws {
        let file = try file(
            "name: graded\nkind: flow\nflow: flows/grade\noutputs: [grade, length]\nparameters: {threshold: 1}")
        guard case .flow(let definition) = file.kind else { return #expect(Bool(false)) }
        #expect(definition.flow == "flows/grade")
        #expect(definition.outputs.map(\.name) == ["grade", "length"])
        #expect(definition.threshold == 1)
    }

    @Test(
        "What is wrong is named with its place",
        arguments: [
            ("kind: judge", "1:", "name"), ("name: a\nkind: deterministc", "2:", "deterministic"),
            ("name: a\nkind: judge\nevaluator: relevence", "3:", "relevance"),
            ("name: a\nkind: deterministic\nevaluator: f1_scor", "3:", "f1_score"),
            ("name: a\nkind: deterministic\nevaluator: rouge\nparameters: {tpye: x}", "4:", "type"),
            ("name: a\nkind: deterministic\nevaluator: f1\nconection: x", "4:", "connection"),
            ("name: a\nkind: deterministic\nevaluator: f1\nconnection: x", "4:", "means nothing"),
            ("name: a\nkind: flow\nflow: f\noutputs: []", "4:", "outputs"),
            ("name: a\nkind: judge\nrubric: {task: t, levels: {1: a}}", "3:", "two levels"),
            ("name: a\nkind: judge\nrubric: {task: t, levels: {one: a, 2: b}}", "3:", "whole number"),
            ("name: a\nkind: judge\nevaluator: fluency\nrubric: {task: t, levels: {1: a, 2: b}}", "4:", "not both"),
        ])
    func errors(text: String, place: String, part: String) {
        let error = #expect(throws: (any Error).self) { try file(text) }
        let message = (error as? any Failure)?.message ?? ""
        #expect(message.hasPrefix("e.yaml:\(place)"), "\(message)")
        #expect(message.contains(part), "\(message)")
    }
}

@Suite("Flow evaluators")
struct FlowEvaluatorTests {
    /// A flow whose outputs depend on its input, as a table says.
    struct TableFlow: PreparedFlow {
        var name: String { "grade" }
        var digest: Digest { Digest(of: "grade") }
        var inputs: [(name: String, type: String, hasDefault: Bool)] {
            [("answer", "string", false), ("style", "string", true)]
        }
        var variants: [(node: String, defaultVariant: String, all: [String])] { [] }
        var connectionNames: [String] { [] }
        var outputNames: [String] { ["grade", "extra"] }
        var modelCallsPerLine: Int { 1 }
        var expectedCalls: [ExpectedCall] { [] }
        var aggregates: Bool { true }

        func run(line: Int, inputs: JSONObject) async -> LineRecord {
            var record = LineRecord(
                lineNumber: line, status: .completed, inputs: inputs, usage: TokenUsage(input: 7),
                cost: .known(nanoUSD: 3))
            switch inputs["answer"]?.string {
            case "good": record.outputs = ["grade": 1, "extra": true]
            case "text": record.outputs = ["grade": "0.5", "extra": nil]
            case "nan": record.outputs = ["grade": .double(.nan), "extra": "x"]
            default:
                record.status = .failed
                record.error = LineError(code: "ToolExecutionError", message: "boom")
            }
            return record
        }

        func aggregate(_ lines: [LineRecord]) async -> AggregationRecord {
            AggregationRecord(metrics: ["lines": .int(lines.count)])
        }
    }

    private func evaluator() throws -> FlowEvaluator {
        try FlowEvaluator(
            name: "graded", flow: TableFlow(), outputs: [MetricDefinition("grade"), MetricDefinition("extra")],
            mappings: ["answer": "${run.outputs.a}"], threshold: 1)
    }

    @Test("Numbers and truth values are scores, null says nothing, and what is no number is an error")
    func outputs() async throws {
        let evaluator = try evaluator()
        let good = await evaluator.score(sources: ["run.outputs": ["a": "good"]])
        #expect(good.scores.map(\.metric) == ["graded", "graded.extra"])
        #expect(good.scores.map(\.value) == [1, 1])
        #expect(good.scores[0].passed == true)
        #expect(good.scores[1].json == true)
        #expect(good.usage.cost == .known(nanoUSD: 3))
        let text = await evaluator.score(sources: ["run.outputs": ["a": "text"]])
        #expect(text.scores[0].value == 0.5)
        #expect(text.scores[1].status == .notApplicable)
        let nan = await evaluator.score(sources: ["run.outputs": ["a": "nan"]])
        #expect(nan.scores.allSatisfy { $0.status == .error && $0.value == nil })
    }

    @Test("A failed line is an error with the flow's own words, and aggregation sees only completed lines")
    func failed() async throws {
        let evaluator = try evaluator()
        var records: [LineRecord] = []
        for (line, answer) in ["good", "bad", "text"].enumerated() {
            let result = await evaluator.run(line: line, sources: ["run.outputs": ["a": .string(answer)]])
            if answer == "bad" { #expect(result.scores.scores[0].reason == "ToolExecutionError: boom") }
            if let record = result.record { records.append(record) }
        }
        #expect(await evaluator.aggregate(records).metrics["lines"] == 2)
        let unmapped = await evaluator.run(line: 3, sources: ["run.outputs": [:]])
        #expect(unmapped.record == nil)
        #expect(unmapped.scores.scores.allSatisfy { $0.status == .error })
    }
}

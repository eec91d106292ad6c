import Domain
import Foundation
import Testing

@testable import Evaluation

@Suite("Experiment files")
struct ExperimentReaderTests {
    private static let template = """
        name: claims
        flow: flows/answer
        runtime: old-runtime
        connections:
        - {name: aoai, connection_type: AzureOpenAIConnection, api_base: "https://x", api_version: v1, api_key: "${api_key}"}
        datasets:
        - {name: train, source: train.jsonl, description: all, mappings: {question: "${data.question}"}}
        - {name: test, source: data/test.jsonl, mappings: {question: "${data.q}"}}
        evaluators:
        - name: accuracy
          flow: flows/eval
          datasets:
          - {name: train, mappings: {truth: "${data.answer}", answer: "${run.outputs.answer}"}}
          - {name: labelled, source: labels.jsonl, reference: test, mappings: {truth: "${data.label}"}}
        - name: eval_by_name
          datasets:
          - {name: test, mappings: {truth: "${data.answer}"}}

        """

    /// A folder with the template's file, its data, and this overlay for the environment `pr`.
    private func folder(_ text: String = template, overlay: String? = nil) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for name in ["data", "flows/answer"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
        }
        for name in ["train.jsonl", "test.jsonl", "labels.jsonl", "small.jsonl"] {
            _ = try folder.write("data/\(name)", "{\"question\": 1}\n")
        }
        _ = try folder.write("experiment.yaml", text)
        if let overlay { _ = try folder.write("experiment.pr.yaml", overlay) }
        return folder
    }

    private func read(
        _ text: String = template, overlay: String? = nil, environment: String? = "pr"
    ) throws -> Experiment {
        let folder = try folder(text, overlay: overlay)
        return try ExperimentReader(file: "\(folder.path)/experiment.yaml").read(environment: environment)
    }

    private func message(_ text: String, overlay: String? = nil) -> String {
        do {
            _ = try read(text, overlay: overlay)
            return "read"
        } catch { return (error as? any Failure)?.message ?? "no Failure: \(error)" }
    }

    @Test("The template's file is read unchanged")
    func templateForm() throws {
        let experiment = try read(environment: nil)
        #expect((experiment.name, experiment.flow) == ("claims", "flows/answer"))
        #expect(experiment.declaredConnections.map { $0["name"] } == ["aoai"])
        #expect(experiment.declaredConnections.first?["api_key"] == "${api_key}")
        #expect(experiment.datasets.map(\.name) == ["train", "test"])
        #expect(experiment.datasets.map { ($0.source as NSString).lastPathComponent } == ["train.jsonl", "test.jsonl"])
        #expect(experiment.datasets[1].mappings == ["question": "${data.q}"])
        #expect(experiment.evaluators.map(\.kind) == [.flow("flows/eval"), .flow("eval_by_name")])
        let accuracy = experiment.evaluators[0]
        #expect(accuracy.datasets?.keys.sorted() == ["test", "train"])
        #expect(accuracy.datasets?["test"] == ["truth": "${data.label}"])
        #expect(accuracy.sources.keys.sorted() == ["test"])
        #expect(accuracy.sources["test"]?.hasSuffix("/data/labels.jsonl") == true)
    }

    @Test("The flow's name is the experiment's where none is given")
    func flowName() throws {
        let text = "name: claims\ndatasets: [{name: a, source: train.jsonl}]\n"
        #expect(try read(text).flow == "claims")
    }

    @Test(
        "Without an overlay, or with an empty one, the base counts", arguments: [nil, "", "# nothing\n"] as [String?])
    func noOverlay(overlay: String?) throws {
        let experiment = try read(overlay: overlay)
        #expect(experiment.datasets.map(\.name) == ["train", "test"])
        #expect(experiment.evaluators.count == 2)
        #expect(experiment.declaredConnections.count == 1)
    }

    @Test("A block of the overlay replaces the base's whole, and one that is absent is inherited")
    func replaces() throws {
        let overlay = """
            datasets:
            - {name: train, source: small.jsonl, mappings: {other: "${data.o}"}}
            evaluators: []
            """
        let experiment = try read(overlay: overlay)
        #expect(experiment.datasets.map(\.name) == ["train"])
        #expect(experiment.datasets[0].source.hasSuffix("/data/small.jsonl"))
        #expect(experiment.datasets[0].mappings == ["other": "${data.o}"])
        #expect(experiment.evaluators.isEmpty)
        #expect(experiment.declaredConnections.count == 1)
    }

    @Test(
        "A block that is there but empty clears the base's",
        arguments: ["evaluators:", "evaluators: []", "evaluators: null"])
    func clears(overlay: String) throws {
        let experiment = try read(overlay: overlay + "\n")
        #expect(experiment.evaluators.isEmpty)
        #expect(experiment.datasets.count == 2)
        #expect(try read(overlay: "connections:\n").declaredConnections.isEmpty)
        #expect(try read(overlay: "connections:\n").evaluators.count == 2)
    }

    @Test("Name and flow are never overlaid")
    func identity() throws {
        let experiment = try read(overlay: "name: other\nflow: other\nevaluators:\n")
        #expect((experiment.name, experiment.flow) == ("claims", "flows/answer"))
    }

    @Test("An overlay of another environment does not count, and neither does one without an environment")
    func otherEnvironment() throws {
        #expect(try read(overlay: "evaluators:\n", environment: "prod").evaluators.count == 2)
        #expect(try read(overlay: "evaluators:\n", environment: nil).evaluators.count == 2)
    }

    @Test("An experiment without datasets is refused, however they came to be missing")
    func withoutDatasets() {
        #expect(message("name: x\n").contains("needs `datasets`"))
        #expect(message("name: x\ndatasets: []\n").contains("`datasets` is empty"))
        #expect(message(Self.template, overlay: "datasets:\n").contains("needs `datasets`"))
        #expect(message(Self.template, overlay: "datasets: []\n").contains("`datasets` is empty"))
    }

    @Test("Evaluators that are inherited must still find their datasets")
    func inheritedEvaluators() {
        let overlay = "datasets: [{name: train, source: small.jsonl}]\n"
        #expect(message(Self.template, overlay: overlay).contains("no such dataset"))
    }

    @Test(
        "Each of the template's errors is found",
        arguments: [
            ("flow: f\n", "an experiment needs `name`"),
            ("- {name: a, source: train.jsonl, reference: b}", "no `reference`"),
            ("- {source: train.jsonl}", "needs `name`"), ("- {name: a}", "the dataset `a` needs `source`"),
            ("- {name: a, source: nowhere.jsonl}", "`nowhere.jsonl` does not exist"),
            ("- {name: a, source: \"azureml:data:3\"}", "in Azure"),
            ("- {name: a, source: train.jsonl}\n- {name: a, source: test.jsonl}", "two datasets are named `a`"),
            ("- {name: a, source: train.jsonl, maping: {}}", "no key `maping`; did you mean `mappings`?"),
        ])
    func datasetErrors(text: String, expected: String) {
        let whole = text.hasPrefix("-") ? "name: x\ndatasets:\n\(text)\n" : text
        #expect(message(whole).contains(expected), "\(message(whole))")
    }

    @Test(
        "Each error of an evaluator's datasets is found",
        arguments: [
            ("{name: trai}", "there is no such dataset; did you mean `train`?"),
            ("{name: train, source: labels.jsonl}", "`train` is a base dataset, so it has no `source`"),
            ("{name: train, reference: train}", "`reference` goes with `source`"),
            ("{name: own, source: labels.jsonl}", "needs `reference`"),
            ("{name: own, source: labels.jsonl, reference: tran}", "did you mean `train`?"),
            ("{source: labels.jsonl}", "needs `name`"),
            ("{name: train}, {name: own, source: labels.jsonl, reference: train}", "`train` twice"),
        ])
    func evaluatorErrors(text: String, expected: String) {
        let whole =
            "name: x\ndatasets: [{name: train, source: train.jsonl}]\nevaluators:\n- {name: e, flow: f, datasets: [\(text)]}\n"
        #expect(message(whole).contains(expected), "\(message(whole))")
    }

    @Test("Our own form is read with all it has")
    func ownForm() throws {
        let experiment = try read(
            """
            name: x
            flow: f
            baseline: warm
            design: one_at_a_time
            variants:
              temperature:
              - {id: cold, set: {ask.temperature: 0, ask.stop.x: [a]}}
              - {id: warm, node: ask, variant: v2, connection: big, set: {ask.temperature: 1}}
              - {id: both, variants: {ask: v3, judge: v1}, connections: {judge: c2}, connection: all}
            connections: {ask: c1, "*": c0}
            datasets:
            - {name: d, source: train.jsonl, cluster: passage, limit: 3, expected: answer}
            evaluators: [exact_match, {name: mine, evaluator: f1, parameters: {a: 1}, connection: j, model: m}]
            primary: mine
            repetitions: 4
            seed: -7
            limits: {max_calls: 10, max_cost_usd: 0.5}
            concurrency: 9
            ignore_clusters: true
            x-note: ignored
            """)
        #expect(experiment.baseline == "warm" && experiment.primary == "mine" && experiment.design == .oneAtATime)
        let levels = experiment.factors[0].levels
        #expect(levels[0].overrides == ["ask": ["temperature": 0, "stop.x": ["a"]]])
        #expect(levels[1].variants == ["ask": "v2"] && levels[1].connections == ["ask": "big"])
        #expect(levels[2].variants == ["ask": "v3", "judge": "v1"])
        #expect(levels[2].connections == ["*": "all", "judge": "c2"])
        #expect(experiment.connections == ["ask": "c1", "*": "c0"])
        let dataset = experiment.datasets[0]
        #expect((dataset.cluster, dataset.limit, dataset.expected) == ("passage", 3, "answer"))
        #expect(experiment.evaluators.map(\.kind) == [.named("exact_match"), .named("f1")])
        #expect(experiment.evaluators[1].parameters == ["a": 1])
        #expect((experiment.repetitions, experiment.seed, experiment.concurrency) == (4, -7, 9))
        #expect((experiment.maximumCalls, experiment.maximumCostUSD) == (10, 0.5))
        #expect(experiment.ignoresClusters)
    }

    @Test(
        "What is wrong in our own form is an error that says what was meant",
        arguments: [
            ("desing: all", "no key `desing`; did you mean `design`?"), ("design: some", "`all` or `one_at_a_time`"),
            ("repetitions: 0", "from 1 to 1000"), ("concurrency: 1001", "from 1 to 1000"),
            ("seed: x", "a whole number"),
            ("limits: {max_call: 1}", "did you mean `max_calls`?"), ("limits: {max_calls: -1}", "`max_calls` must be"),
            ("connections: c", "a map of nodes"), ("variants: {p: []}", "has no levels"),
            ("variants: {p: [{id: a}, {id: a}]}", "two levels `a`"),
            ("variants: {p: [{variant: v, id: a}]}", "needs `node`"),
            ("variants: {p: [{id: a, set: {temperature: 1}}]}", "NODE.INPUT"), ("variants: {p: [{}]}", "needs `id`"),
            ("evaluators: [a, a]", "two evaluators are named `a`"),
            ("evaluators: [a, {name: a}]", "two evaluators are named `a`"),
            ("ignore_clusters: yes", "true or false"),
        ])
    func ownErrors(text: String, expected: String) {
        let whole = "name: x\ndatasets: [{name: a, source: train.jsonl}]\n\(text)\n"
        #expect(message(whole).contains(expected), "\(message(whole))")
        #expect(message(whole).contains("experiment.yaml:"), "\(message(whole))")
    }
}

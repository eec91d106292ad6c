import Domain
import Testing

@testable import Evaluation

@Suite("Variants of an experiment")
struct ExperimentExpansionTests {
    private func experiment(_ factors: [(String, [String])], _ design: Experiment.Design? = nil) -> Experiment {
        Experiment(
            name: "x", flow: "f", directory: "/",
            factors: factors.map { name, levels in
                Experiment.Factor(
                    name: name, levels: levels.map { Experiment.Level(id: $0, overrides: ["n": [name: .string($0)]]) })
            }, design: design, datasets: [], evaluators: [], repetitions: 1, seed: 0, connections: [:],
            declaredConnections: [], concurrency: 1, ignoresClusters: false)
    }

    private let three: [(String, [String])] = [("p", ["a", "b"]), ("t", ["0", "1", "2"]), ("m", ["x"])]

    @Test("All combinations come once each, the first levels first, the last factor changing fastest")
    func all() throws {
        let variants = try experiment(three).expandedVariants()
        #expect(variants.map(\.id) == ["a-0-x", "a-1-x", "a-2-x", "b-0-x", "b-1-x", "b-2-x"])
        #expect(variants[4].overrides == ["n": ["p": "b", "t": "1", "m": "x"]])
        #expect(variants[4].settings == ["p": "b", "t": "1", "m": "x"])
    }

    @Test("One factor at a time keeps the others at their first level: 1 + Σ(k − 1) variants, the base once")
    func oneAtATime() throws {
        let variants = try experiment(three, .oneAtATime).expandedVariants()
        #expect(variants.map(\.id) == ["a-0-x", "b-0-x", "a-1-x", "a-2-x"])
    }

    @Test("Without factors there is one variant, the flow as it is")
    func none() throws {
        #expect(try experiment([]).expandedVariants().map(\.id) == ["default"])
    }

    @Test("Too many combinations are refused, also when their number overflows")
    func tooMany() throws {
        let levels = (0..<8).map { "l\($0)" }
        #expect(try experiment([("a", levels), ("b", levels)]).expandedVariants().count == 64)
        for count in [3, 21, 22, 64] {
            let many = experiment((0..<count).map { ("f\($0)", levels) })
            #expect { try many.expandedVariants() } throws: { "\($0)".contains("more than 500 combinations") }
        }
        let long = experiment([("a", (0..<600).map { "l\($0)" })], .oneAtATime)
        #expect { try long.expandedVariants() } throws: { "\($0)".contains("more than 500 variants") }
    }

    @Test("Two variants never have the same name")
    func sameNames() {
        #expect {
            try experiment([("a", ["x-y", "x"]), ("b", ["z", "y-z"])]).expandedVariants()
        } throws: {
            "\($0)".contains("`x-y-z`")
        }
    }

    @Test("Two factors that choose different variants of one node are refused")
    func conflict() {
        var conflicting = experiment([])
        conflicting.factors = ["v1", "v2"].map {
            Experiment.Factor(name: "f\($0)", levels: [Experiment.Level(id: $0, variants: ["ask": $0])])
        }
        #expect { try conflicting.expandedVariants() } throws: { "\($0)".contains("the node `ask`") }
    }

    @Test("A file in the template's form runs the flow's own variants one at a time, unless it says otherwise")
    func flowVariants() async throws {
        let nodes = [
            (node: "n", defaultVariant: "n1", all: ["n0", "n1"]), (node: "m", defaultVariant: "m0", all: ["m0", "m1"]),
        ]
        func ids(_ more: String) async throws -> [String] {
            let bench = try ExperimentBench(
                rows: ExperimentBench.rows(1),
                text: "name: x\ndatasets:\n- {name: d, source: rows.jsonl, mappings: {q: \"${data.q}\"}}\n" + more,
                nodes: nodes
            ) { _, _ in .answer("") }
            return try await bench.plan().variants.map(\.variant.id)
        }
        #expect(try await ids("") == ["n1-m0", "n0-m0", "n1-m1"])
        #expect(try await ids("design: one_at_a_time\n") == ["n1-m0", "n0-m0", "n1-m1"])
        #expect(try await ids("design: all\n") == ["n1-m0", "n1-m1", "n0-m0", "n0-m1"])
        #expect(try await ids(ExperimentBench.evaluators).count == 4)
    }
}

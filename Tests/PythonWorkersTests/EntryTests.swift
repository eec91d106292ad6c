import Domain
import Testing

@testable import PythonWorkers

@Suite("Flex flows")
struct EntryTests {
    private let source = """
        import dataclasses
        from promptflow.core import AzureOpenAIModelConfiguration
        from promptflow.connections import CustomConnection
        made = 0

        @dataclasses.dataclass
        class Answer:
            text: str
            score: float

        def plain(question: str = "none") -> str:
            return "re: " + question

        async def later(question: str) -> Answer:
            return Answer(question, 0.5)

        def streamed():
            return {"text": (piece for piece in ["a", "b"])}

        class Judge:
            def __init__(self, model: AzureOpenAIModelConfiguration = None, place: CustomConnection = None, scale: int = 1):
                global made
                made += 1
                self.model, self.place, self.scale = model, place, scale
            def __call__(self, answer: str) -> dict:
                return {"score": len(answer) * self.scale, "made": made, "model": self.model and self.model.azure_endpoint,
                        "place": self.place and self.place.url}
            def __aggregate__(self, lines: list):
                return {"mean": sum(line["score"] for line in lines) / len(lines)}

        class Async:
            async def __call__(self, x: int):
                return x + 1
        """

    private func call(_ tool: PythonTool, _ arguments: JSONObject, connections: [String: Connection] = [:]) async throws
        -> PythonResult
    {
        try await Fixture.with(["main.py": source], workers: 1) { fixture in
            try await fixture.inSession { try await $0.call(tool, arguments: arguments, connections: connections) }
        }
    }

    @Test("A function is called, with its defaults, and may be a coroutine that gives a data class")
    func callsFunctions() async throws {
        let plain = try await call(.entry("main:plain", initialization: [:]), ["question": "q"]).output
        #expect(plain == "re: q")
        let withDefault = try await call(.entry("main:plain", initialization: [:]), [:]).output
        #expect(withDefault == "re: none")
        let later = try await call(.entry("main:later", initialization: [:]), ["question": "q"]).output
        #expect(later == ["text": "q", "score": 0.5])
        let streamed = try await call(.entry("main:streamed", initialization: [:]), [:]).output
        #expect(streamed == ["text": "ab"])
        let asynchronous = try await call(.entry("main:Async", initialization: [:]), ["x": 1]).output
        #expect(asynchronous == 2)
    }

    @Test("A class is made once per worker and initialisation, and its lines share it with the aggregation")
    func sharesInstances() async throws {
        try await Fixture.with(["main.py": source], workers: 1) { fixture in
            let outputs = try await fixture.inSession { session in
                var outputs: [JSONValue] = []
                for scale in [1, 1, 2, 1] {
                    outputs.append(
                        try await session.call(
                            .entry("main:Judge", initialization: ["scale": .int(scale)]), arguments: ["answer": "four"],
                            connections: [:]
                        ).output)
                }
                return outputs
            }
            #expect(outputs.map { $0["score"] } == [4, 4, 8, 4])
            #expect(outputs.map { $0["made"] } == [1, 1, 2, 2])
            let total = try await fixture.inSession { session in
                try await session.call(
                    .entryAggregate("main:Judge", initialization: ["scale": 1]),
                    arguments: ["whatever": .array(outputs)], connections: [:])
            }
            #expect(total.output == ["mean": 5.0])
            #expect(total.metrics == ["mean": 5.0])
        }
    }

    @Test("Connections and model configurations reach the class as objects")
    func resolvesInitialisation() async throws {
        let azure = Connection(
            name: "aoai", type: .azureOpenAI, settings: ["api_base": "http://azure"],
            secrets: ["api_key": Secret("kkkk")])
        let custom = Connection(name: "shop", type: .custom, settings: ["url": "http://shop"])
        let named = PythonTool.entry(
            "main:Judge", initialization: ["model": ["azure_deployment": "d", "connection": "aoai"], "place": "shop"])
        let byParameter = try await call(named, ["answer": "x"], connections: ["model": azure, "place": custom]).output
        #expect(byParameter["model"] == "http://azure")
        #expect(byParameter["place"] == "http://shop")
        let byName = try await call(named, ["answer": "x"], connections: ["aoai": azure, "shop": custom])
        #expect(byName.output["model"] == "http://azure")
        let values = PythonTool.entry(
            "main:Judge", initialization: ["model": ["azure_deployment": "d", "azure_endpoint": "http://own"]])
        let direct = try await call(values, ["answer": "x"]).output
        #expect(direct["model"] == "http://own")
    }

    @Test("The signature of an entry is the one of its call")
    func readsSignatures() async throws {
        let signature = try await Fixture.with(["main.py": source]) { fixture in
            try await fixture.runtime.signature(of: .entry("main:Judge", initialization: [:]), in: fixture.place)
        }
        #expect(signature.parameters == [PythonParameter(name: "answer", annotation: "str")])
    }

    @Test(
        "Wrong entries are told apart",
        arguments: [
            ("main", "has to be `module:function`"), ("nowhere:f", "cannot load module nowhere"),
            ("main:nothing", "has no `nothing`"),
            ("main:Answer", "class Answer has no method __call__"),
        ])
    func refusesWrongEntries(entry: String, message: String) async throws {
        let failure = try await #require(throws: PythonFailure.self) {
            _ = try await call(.entry(entry, initialization: [:]), [:])
        }
        #expect(failure.kind == .load)
        #expect(failure.message.contains(message), "\(failure.message)")
    }
}

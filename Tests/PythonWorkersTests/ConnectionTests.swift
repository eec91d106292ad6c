import Domain
import Testing

@testable import PythonWorkers

@Suite("Connections in Python tools")
struct ConnectionTests {
    private let azure = Connection(
        name: "aoai", type: .azureOpenAI,
        settings: ["api_base": "https://x.example", "api_type": "azure", "api_version": "2024-06-01"],
        secrets: ["api_key": Secret("k3y-azure")])

    private func run(
        _ annotation: String, _ expression: String, _ connection: Connection, preamble: String = ""
    ) async throws -> JSONValue {
        let source = tool(
            "c: \(annotation)", "return \(expression)", preamble: "from promptflow.connections import *\n" + preamble)
        return try await Fixture.with(["t.py": source]) { fixture in
            try await fixture.call("t.py", ["c": .string(connection.name)], connections: ["c": connection]).output
        }
    }

    @Test("A connection has prompt flow's class, settings and secrets")
    func makesTypedConnections() async throws {
        let expression =
            "[type(c).__name__, c.name, c.type, c.api_base, c.api_type, c.api_version, c.api_key, dict(**c)['api_key'], c['api_base']]"
        let expected: JSONValue = [
            "AzureOpenAIConnection", "aoai", "AzureOpenAI", "https://x.example", "azure", "2024-06-01", "k3y-azure",
            "k3y-azure", "https://x.example",
        ]
        for annotation in ["AzureOpenAIConnection", "object", "'AzureOpenAIConnection'"] {
            let output = try await run(annotation, expression, azure)
            #expect(output == expected)
        }
    }

    @Test("A parameter that takes several classes gets the connection's own")
    func choosesAmongUnions() async throws {
        let open = Connection(
            name: "o", type: .openAI, settings: ["base_url": "http://b", "organization": "g"],
            secrets: ["api_key": Secret("kkkk")])
        let output = try await run(
            "Union[AzureOpenAIConnection, OpenAIConnection]",
            "[type(c).__name__, c.base_url, c.organization, c.api_key]", open,
            preamble: "from typing import Union")
        #expect(output == ["OpenAIConnection", "http://b", "g", "kkkk"])
    }

    @Test("A custom connection offers its values as attributes, and serves the classes that Pawang has no type for")
    func makesCustomConnections() async throws {
        let custom = Connection(
            name: "s", type: .custom, settings: ["api_base": "http://search", "extra": "e"],
            secrets: ["api_key": Secret("key-1")])
        let own = try await run(
            "CustomConnection",
            "[c.api_base, c.extra, c.api_key, c.secrets, c.configs['extra'], c.is_secret('api_key'), hasattr(c, 'none')]",
            custom)
        #expect(own == ["http://search", "e", "key-1", ["api_key": "key-1"], "e", true, false])
        let search = try await run(
            "CognitiveSearchConnection", "[type(c).__name__, c.api_base, c.api_key, c.api_version]", custom)
        #expect(search == ["CognitiveSearchConnection", "http://search", "key-1", "2023-11-01"])
    }

    @Test("A flow's own connection class gets its settings and secrets in place of its defaults")
    func makesStrongTypes() async throws {
        let custom = Connection(
            name: "m", type: .custom, settings: ["url": "given"], secrets: ["token": Secret("t0ken")])
        let output = try await run(
            "Mine", "[c.url, c.token, c.other, type(c).__name__]", custom,
            preamble: """
                from promptflow.contracts.types import Secret
                class Mine(CustomStrongTypeConnection):
                    token: Secret
                    url: str = "default"
                    other: str = "kept"
                """)
        #expect(output == ["given", "t0ken", "kept", "Mine"])
    }

    @Test("A connection of another class than the parameter takes is refused by name")
    func refusesOtherClasses() async throws {
        let failure = try await #require(
            throws: PythonFailure.self
        ) { _ = try await run("OpenAIConnection", "1", azure) }
        #expect(failure.kind == .load)
        #expect(
            failure.message.contains("'c' takes OpenAIConnection, and connection `aoai` is a AzureOpenAIConnection"))
    }

    @Test("No secret is shown: not by printing the connection, not in messages, tracebacks or what is printed")
    func hidesSecrets() async throws {
        let source = """
            from promptflow.core import tool, AzureOpenAIModelConfiguration
            @tool
            def run(c, fail: bool):
                print(c, repr(c), str([c]), c.api_key)
                print(AzureOpenAIModelConfiguration("d", api_key=c.api_key))
                if fail: raise ValueError("bad key " + c.api_key)
                return c
            """
        try await Fixture.with(["t.py": source]) { fixture in
            let result = try await fixture.call("t.py", ["c": "aoai", "fail": false], connections: ["c": azure])
            #expect(!result.log.contains("k3y-azure"))
            #expect(result.log.contains("<AzureOpenAIConnection aoai>"))
            #expect(!result.output.text().contains("k3y-azure"))
            let failure = try await fixture.failure("t.py", ["c": "aoai", "fail": true], connections: ["c": azure])
            #expect(failure.message == "(ValueError) bad key •••")
            #expect(!failure.traceback.contains("k3y-azure"))
        }
    }
}

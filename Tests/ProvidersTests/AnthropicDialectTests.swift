import Domain
import Foundation
import Providers
import Testing

@Suite("Anthropic behind OpenAI's shape")
struct AnthropicDialectTests {
    private static let message = """
        {"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[{"type":"thinking","thinking":"hm",\
        "signature":"s"},{"type":"text","text":"Hello"},{"type":"tool_use","id":"t1","name":"find","input":{"q":1}}],\
        "stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":10,"cache_creation_input_tokens":3,\
        "cache_read_input_tokens":7,"output_tokens":5}}
        """

    @Test("A request is translated: system, tools, tool results, images, stop words, limits")
    func request() async throws {
        let body: JSONObject = [
            "model": "claude", "temperature": 1.5, "stop": ["END"], "max_tokens": 50, "user": "u",
            "messages": [
                ["role": "system", "content": "Be brief."], ["role": "developer", "content": "Be kind."],
                [
                    "role": "user",
                    "content": [
                        ["type": "text", "text": "Look"],
                        ["type": "image_url", "image_url": ["url": "data:image/png;base64,AAAA"]],
                        ["type": "image_url", "image_url": ["url": "https://x/y.png"]],
                    ],
                ],
                [
                    "role": "assistant", "content": nil,
                    "tool_calls": [
                        ["id": "a", "type": "function", "function": ["name": "find", "arguments": "{\"q\": 1}"]],
                        ["id": "b", "type": "function", "function": ["name": "now", "arguments": ""]],
                    ],
                ],
                ["role": "tool", "tool_call_id": "a", "content": "one"],
                ["role": "tool", "tool_call_id": "b", "content": "two"],
                ["role": "user", "content": "Go on"],
            ],
            "tools": [
                [
                    "type": "function",
                    "function": ["name": "find", "description": "d", "parameters": ["type": "object"]],
                ]
            ],
            "tool_choice": "required", "parallel_tool_calls": false,
        ]
        try await withProvider(script: { _, _ in [.answer(Self.message)] }) { client, server in
            _ = try await client.send(.chat(server.base + "/v1", type: .anthropic, body: body))
            let sent = try #require(server.requests.first)
            #expect(sent.path == "/v1/messages")
            #expect(sent.header("x-api-key") == "sk-very-secret-1234")
            #expect(sent.header("anthropic-version") == "2023-06-01")
            let expected: JSONValue = [
                "model": "claude", "max_tokens": 50,
                "system": [["type": "text", "text": "Be brief."], ["type": "text", "text": "Be kind."]],
                "messages": [
                    [
                        "role": "user",
                        "content": [
                            ["type": "text", "text": "Look"],
                            [
                                "type": "image",
                                "source": ["type": "base64", "media_type": "image/png", "data": "AAAA"],
                            ],
                            ["type": "image", "source": ["type": "url", "url": "https://x/y.png"]],
                        ],
                    ],
                    [
                        "role": "assistant",
                        "content": [
                            ["type": "tool_use", "id": "a", "name": "find", "input": ["q": 1]],
                            ["type": "tool_use", "id": "b", "name": "now", "input": [:]],
                        ],
                    ],
                    [
                        "role": "user",
                        "content": [
                            ["type": "tool_result", "tool_use_id": "a", "content": [["type": "text", "text": "one"]]],
                            ["type": "tool_result", "tool_use_id": "b", "content": [["type": "text", "text": "two"]]],
                            ["type": "text", "text": "Go on"],
                        ],
                    ],
                ],
                "temperature": 1.0, "stop_sequences": ["END"], "metadata": ["user_id": "u"],
                "tools": [["name": "find", "description": "d", "input_schema": ["type": "object"]]],
                "tool_choice": ["type": "any", "disable_parallel_tool_use": true],
            ]
            // Through text: 1.0 is written as it is read.
            #expect(sent.json?.text(sortedKeys: true) == expected.text(sortedKeys: true))
        }
    }

    @Test("An answer comes back as a chat completion; cached tokens count as input; thinking is left out")
    func answer() async throws {
        try await withProvider(script: { _, _ in [.answer(Self.message)] }) { client, server in
            let response = try await client.send(.chat(server.base, type: .anthropic))
            #expect(response.text == "Hello")
            #expect(response.usage == TokenUsage(input: 20, output: 5, cachedInput: 7, cacheWrite: 3))
            #expect(response.provider == "anthropic")
            #expect(response.body["object"] == "chat.completion")
            let choice = response.body["choices"]?.array?.first
            #expect(choice?["finish_reason"] == "tool_calls")
            #expect(
                choice?["message"]?["tool_calls"] == [
                    ["id": "t1", "type": "function", "function": ["name": "find", "arguments": "{\"q\":1}"]]
                ])
            #expect(server.requests.first?.json?["max_tokens"] == 4096)
        }
    }

    @Test(
        "Every stop reason has its finish reason",
        arguments: [
            ("end_turn", "stop"), ("stop_sequence", "stop"), ("max_tokens", "length"), ("tool_use", "tool_calls"),
            ("refusal", "content_filter"), ("model_context_window_exceeded", "length"), ("pause_turn", "stop"),
        ])
    func stopReasons(reason: String, expected: String) async throws {
        let body =
            #"{"type":"message","model":"c","content":[],"stop_reason":"\#(reason)","usage":{"input_tokens":1,"output_tokens":1}}"#
        try await withProvider(script: { _, _ in [.answer(body)] }) { client, server in
            let response = try await client.send(.chat(server.base, type: .anthropic))
            #expect(response.body["choices"]?.array?.first?["finish_reason"] == .string(expected))
        }
    }

    private static let stream = """
        event: message_start
        data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"claude","content":[],"stop_reason":null,"usage":{"input_tokens":11,"output_tokens":1,"cache_read_input_tokens":4}}}

        event: content_block_start
        data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

        event: ping
        data: {"type":"ping"}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi "}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"you"}}

        event: content_block_stop
        data: {"type":"content_block_stop","index":0}

        event: content_block_start
        data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"find","input":{}}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\\"q\\": "}}

        event: content_block_delta
        data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"2}"}}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":9}}

        event: message_stop
        data: {"type":"message_stop"}


        """

    @Test("A streamed message is delivered in pieces and becomes the same completion; usage is cumulative")
    func streaming() async throws {
        try await withProvider(script: { _, _ in [.head(), .text(Self.stream), .close] }) { client, server in
            let collector = Collector()
            let response = try await client.send(.chat(server.base, type: .anthropic)) { collector.take($0) }
            #expect(collector.all == ["Hi ", "you"])
            #expect(response.text == "Hi you")
            #expect(response.usage == TokenUsage(input: 15, output: 9, cachedInput: 4))
            let call = response.body["choices"]?.array?.first?["message"]?["tool_calls"]?.array?.first
            #expect(call?["function"] == ["name": "find", "arguments": "{\"q\":2}"])
        }
    }

    @Test("A stream cut before its last event is interrupted, an error event is the provider's failure")
    func brokenStreams() async throws {
        let cut = Self.stream.components(separatedBy: "event: message_delta")[0]
        let error =
            cut
            + "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n"
        try await withProvider(script: { _, number in [.head(), .text(number == 0 ? cut : error), .close] }) {
            client, server in
            let first = await failure(of: { _ = try await client.send(.chat(server.base, type: .anthropic)) { _ in } })
            #expect(first?.kind == .interrupted)
            let second = await failure(of: { _ = try await client.send(.chat(server.base, type: .anthropic)) { _ in } })
            #expect(second?.kind == .server)
            #expect(second?.message.contains("Overloaded") == true)
        }
    }

    @Test("What Anthropic cannot do is refused before anything is sent")
    func refused() async throws {
        try await withProvider(script: { _, _ in [.answer(Self.message)] }) { client, server in
            let several = ModelRequest.chat(
                server.base, type: .anthropic, body: ["model": "c", "messages": [], "n": 2])
            #expect(await failure(of: { _ = try await client.send(several) })?.kind == .misconfigured)
            let embedding = ModelRequest.chat(server.base, type: .anthropic, operation: .embedding)
            #expect(await failure(of: { _ = try await client.send(embedding) })?.kind == .misconfigured)
            #expect(server.requests.isEmpty)
        }
    }
}

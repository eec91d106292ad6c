import Domain
import Gateway
import Testing

@Suite("Round trips")
struct RoundTripTests {
    @Test("Random conversations come back from Anthropic's dialect as they were")
    func chatAndBack() throws {
        var random = SeededGenerator(seed: 20_261_123)
        for _ in 0..<2000 {
            let chat = JSONValue.object(RandomChat.request(&random))
            let there = try Translation.request(
                chat, from: .chat, to: .anthropic, model: "m", defaultOutputLimit: 1000, isStream: false)
            #expect(there.losses.isEmpty)
            let back = try Translation.request(
                try JSONValue(parsing: there.body), from: .messages, to: .openAI, model: "m", defaultOutputLimit: 1000,
                isStream: false)
            #expect(back.losses.isEmpty)
            let returned = try JSONValue(parsing: back.body)
            guard returned == chat else {
                Issue.record(
                    "\(chat.text())\nbecame\n\(String(decoding: there.body, as: UTF8.self))\nand\n\(returned.text())")
                return
            }
        }
    }

    @Test("Thinking goes to a chat client and back, whole or streamed, without a changed byte")
    func thinkingComesBack() throws {
        let blocks: JSONValue = [
            ["type": "thinking", "thinking": "Hm “é” \\ \n\u{1}.", "signature": "c2ln/+=="],
            ["type": "redacted_thinking", "data": "eHg="],
        ]
        let message: JSONValue = [
            "id": "msg_1", "type": "message", "role": "assistant", "model": "c",
            "content": .array(blocks.array.map { $0 + [["type": "text", "text": "Yes."]] } ?? []),
            "stop_reason": "end_turn", "usage": ["input_tokens": 1, "output_tokens": 1],
        ]
        let answer = try JSONValue(
            parsing: Translation.answer(message, from: .messages, to: .chat, publicModel: "m", created: 1))
        let turn = try #require(answer["choices"]?.array?.first?["message"])
        let next: JSONValue = [
            "model": "m",
            "messages": [["role": "user", "content": "a"], turn, ["role": "user", "content": "b"]],
        ]
        let request = try JSONValue(
            parsing: Translation.request(
                next, from: .chat, to: .anthropic, model: "m", defaultOutputLimit: 1, isStream: false
            ).body)
        #expect(request["messages"]?.array?[1]["content"] == message["content"])
    }

    @Test("Thinking goes to a Responses client and back without a changed byte")
    func thinkingComesBackToResponses() throws {
        let message: JSONValue = [
            "id": "msg_1", "type": "message", "role": "assistant", "model": "c",
            "content": [
                ["type": "thinking", "thinking": "Hm.", "signature": "c2ln"],
                ["type": "redacted_thinking", "data": "eHg="],
                ["type": "tool_use", "id": "toolu_1", "name": "f", "input": ["a": 1]],
            ],
            "stop_reason": "tool_use", "usage": ["input_tokens": 1, "output_tokens": 1],
        ]
        let answer = try JSONValue(
            parsing: Translation.answer(message, from: .messages, to: .responses, publicModel: "m", created: 1))
        var input: [JSONValue] = [["role": "user", "content": "a"]]
        input += try #require(answer["output"]?.array)
        input.append(["type": "function_call_output", "call_id": "toolu_1", "output": "x"])
        let request = try JSONValue(
            parsing: Translation.request(
                ["model": "m", "input": .array(input)], from: .responses, to: .anthropic, model: "m",
                defaultOutputLimit: 1,
                isStream: false
            ).body)
        #expect(request["messages"]?.array?[1]["content"] == message["content"])
    }

    @Test("A whole answer goes to the other dialect and back", arguments: ["stop", "length", "tool_calls"])
    func answers(reason: String) throws {
        var message: JSONObject = ["role": "assistant", "content": "Hi “é”.", "refusal": nil]
        if reason == "tool_calls" {
            message["tool_calls"] = [
                ["id": "call_1", "type": "function", "function": ["name": "f", "arguments": #"{"a":[1,2.5,null]}"#]]
            ]
        }
        let completion: JSONValue = [
            "id": "chatcmpl-1", "object": "chat.completion", "created": 7, "model": "m",
            "choices": [
                ["index": 0, "message": .object(message), "logprobs": nil, "finish_reason": .string(reason)]
            ],
            "usage": [
                "prompt_tokens": 60, "completion_tokens": 4, "total_tokens": 64,
                "prompt_tokens_details": ["cached_tokens": 30, "cache_write_tokens": 20],
                "completion_tokens_details": ["reasoning_tokens": 0],
            ],
        ]
        let there = try Translation.answer(completion, from: .chat, to: .messages, publicModel: "m", created: 7)
        let back = try Translation.answer(
            try JSONValue(parsing: there), from: .messages, to: .chat, publicModel: "m", created: 7)
        #expect(try JSONValue(parsing: back) == completion)
    }
}

/// A generator that gives the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Random chat requests of the part of OpenAI's dialect that Anthropic's expresses without a loss.
private enum RandomChat {
    static func request(_ random: inout SeededGenerator) -> JSONObject {
        var chat: JSONObject = ["model": "m"]
        var messages: [JSONValue] = []
        if Bool.random(using: &random) { messages.append(["role": "system", "content": .string(text(&random))]) }
        for turn in 0..<Int.random(in: 1...4, using: &random) {
            messages.append(["role": "user", "content": userContent(&random)])
            messages += assistant(turn, &random)
        }
        messages.append(["role": "user", "content": userContent(&random)])
        chat["messages"] = .array(messages)
        chat["max_completion_tokens"] = .int(Int.random(in: 1...9999, using: &random))
        if Bool.random(using: &random) {
            chat["temperature"] = .double(Double(Int.random(in: 0...10, using: &random)) / 10)
        }
        if Bool.random(using: &random) { chat["top_p"] = 0.5 }
        if Bool.random(using: &random) { chat["stop"] = [.string("x" + text(&random)), "END"] }
        if Bool.random(using: &random) { chat["user"] = .string(text(&random)) }
        if Bool.random(using: &random) {
            chat["reasoning_effort"] = .string(["low", "high", "max"].randomElement(using: &random) ?? "low")
        }
        if Bool.random(using: &random) { addTools(to: &chat, &random) }
        if Bool.random(using: &random) {
            chat["response_format"] = [
                "type": "json_schema", "json_schema": ["name": "answer", "schema": schema(&random), "strict": true],
            ]
        }
        return chat
    }

    /// A turn of the assistant: words, or tools and their results, after which it speaks.
    private static func assistant(_ turn: Int, _ random: inout SeededGenerator) -> [JSONValue] {
        guard Bool.random(using: &random) else { return [["role": "assistant", "content": .string(text(&random))]] }
        let ids = (0..<Int.random(in: 1...3, using: &random)).map { "call_\(turn)_\($0)" }
        let calls = ids.map { id -> JSONValue in
            [
                "id": .string(id), "type": "function",
                "function": ["name": "f", "arguments": .string(object(&random, depth: 2).text())],
            ]
        }
        let words: JSONValue = Bool.random(using: &random) ? .string(text(&random)) : .null
        let results = ids.map { id -> JSONValue in
            ["role": "tool", "tool_call_id": .string(id), "content": .string(text(&random))]
        }
        return [["role": "assistant", "content": words, "tool_calls": .array(calls)]] + results
            + [["role": "assistant", "content": .string(text(&random))]]
    }

    private static func userContent(_ random: inout SeededGenerator) -> JSONValue {
        guard Int.random(in: 0..<3, using: &random) == 0 else { return .string(text(&random)) }
        return [
            ["type": "text", "text": .string(text(&random))],
            ["type": "image_url", "image_url": ["url": "data:image/png;base64,iVBORw0KGgo="]],
            ["type": "file", "file": ["filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="]],
        ]
    }

    private static func addTools(to chat: inout JSONObject, _ random: inout SeededGenerator) {
        var function: JSONObject = ["name": "f", "description": .string(text(&random)), "parameters": schema(&random)]
        if Bool.random(using: &random) { function["strict"] = true }
        chat["tools"] = [["type": "function", "function": .object(function)]]
        let choices: [JSONValue] = ["auto", "required", ["type": "function", "function": ["name": "f"]]]
        if let choice = choices.randomElement(using: &random) { chat["tool_choice"] = choice }
        if Bool.random(using: &random) { chat["parallel_tool_calls"] = false }
    }

    private static func schema(_ random: inout SeededGenerator) -> JSONValue {
        ["type": "object", "properties": object(&random, depth: 1), "required": []]
    }

    private static func object(_ random: inout SeededGenerator, depth: Int) -> JSONValue {
        var members: JSONObject = [:]
        for number in 0..<Int.random(in: 0...3, using: &random) {
            let leaves: [JSONValue] = [nil, true, 7, -2.5, .string(text(&random)), [1, "b"]]
            let deeper = depth > 0 && Bool.random(using: &random)
            members["k\(number)"] =
                deeper ? object(&random, depth: depth - 1) : leaves.randomElement(using: &random) ?? nil
        }
        return .object(members)
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        let pieces = ["a", "é", "“", "\"", "\\", "\n", "👋", "{", " ", "\u{1}", "z"]
        return "t"
            + (0..<Int.random(in: 0...6, using: &random)).compactMap { _ in pieces.randomElement(using: &random) }
            .joined()
    }
}

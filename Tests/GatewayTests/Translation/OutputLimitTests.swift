import Domain
import Gateway
import Testing

@Suite("Output limits of translated requests")
struct OutputLimitTests {
    private static func translated(
        _ client: Operation, _ upstream: Dialect, _ members: JSONObject, provider: String = "openai", limit: Int? = nil
    ) throws -> JSONValue {
        var body: JSONObject = ["model": "m", "messages": [["role": "user", "content": "a"]]]
        if client == .responses { body["input"] = "a" }
        body.merge(members)
        let request = try Translation.request(
            .object(body), from: client, to: upstream, model: "m", defaultOutputLimit: 4096, isStream: false,
            provider: provider, outputLimit: limit)
        return try JSONValue(parsing: request.body)
    }

    @Test("A limit above the target's is lowered to it")
    func lowered() throws {
        #expect(try Self.translated(.chat, .anthropic, ["max_tokens": 999_999_999], limit: 100)["max_tokens"] == 100)
        #expect(
            try Self.translated(.messages, .openAI, ["max_tokens": 999_999_999], limit: 100)["max_completion_tokens"]
                == 100)
    }

    @Test("A limit below the target's stays")
    func kept() throws {
        #expect(try Self.translated(.chat, .anthropic, ["max_completion_tokens": 7], limit: 100)["max_tokens"] == 7)
        #expect(try Self.translated(.messages, .openAI, ["max_tokens": 7], limit: 100)["max_completion_tokens"] == 7)
    }

    @Test("Where the client sets none, the target's own is asked for")
    func added() throws {
        #expect(try Self.translated(.chat, .anthropic, [:], limit: 100)["max_tokens"] == 100)
        #expect(try Self.translated(.responses, .openAI, [:], limit: 100)["max_completion_tokens"] == 100)
        #expect(try Self.translated(.responses, .openAI, [:])["max_completion_tokens"] == nil)
        #expect(try Self.translated(.chat, .anthropic, [:])["max_tokens"] == 4096)
    }

    @Test("Servers that know only the older name get the older name")
    func olderName() throws {
        let local = try Self.translated(.messages, .openAI, ["max_tokens": 7], provider: "llama.cpp")
        #expect(local["max_tokens"] == 7)
        #expect(local["max_completion_tokens"] == nil)
        let azure = try Self.translated(.messages, .openAI, ["max_tokens": 7], provider: "azure.ai.openai")
        #expect(azure["max_tokens"] == nil)
        #expect(azure["max_completion_tokens"] == 7)
    }
}

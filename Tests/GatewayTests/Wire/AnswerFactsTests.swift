import Domain
import Testing

@testable import Gateway

@Suite("Reading whole answers")
struct AnswerFactsTests {
    private func facts(_ operation: Gateway.Operation, _ text: String) throws -> AnswerFacts {
        try AnswerFacts.read(operation, Array(text.utf8))
    }

    private func failure(_ operation: Gateway.Operation, _ text: String) -> GatewayFailure? {
        do {
            _ = try AnswerFacts.read(operation, Array(text.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test("Model, usage, finish reason and tier of a chat are read")
    func chat() throws {
        let facts = try facts(
            .chat,
            """
            {"id":"c","model":"gpt-5","service_tier":"flex","choices":[{"index":0,"message":{"role":"assistant",
            "content":"Hello you"},"finish_reason":"length"}],
            "usage":{ "prompt_tokens":5,"completion_tokens":3,"total_tokens":8 }}
            """)
        #expect(facts.model == "gpt-5")
        #expect(facts.finishReason == "length")
        #expect(facts.serviceTier == "flex")
        #expect(facts.usage?.tokens == TokenUsage(input: 5, output: 3))
        #expect(facts.usage?.serviceTier == "flex")
        #expect(facts.usage?.raw == #"{ "prompt_tokens":5,"completion_tokens":3,"total_tokens":8 }"#)
        #expect(facts.outputTokens == 3)
    }

    @Test("An answer without usage has none, and its output is counted")
    func noUsage() throws {
        let facts = try facts(
            .chat,
            #"{"choices":[{"message":{"content":null,"tool_calls":[{"function":{"name":"ab","arguments":"{}"}}]}}]}"#)
        #expect(facts.usage == nil)
        #expect(facts.outputTokens == 1)
    }

    @Test("Responses, messages, embeddings and counts are read")
    func others() throws {
        let responses = try facts(
            .responses,
            #"{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[{"type":"message","content":[{"type":"output_text","text":"Hello"}]}],"usage":{"input_tokens":4,"output_tokens":2}}"#
        )
        #expect(responses.finishReason == "max_output_tokens")
        #expect(responses.usage?.tokens == TokenUsage(input: 4, output: 2))
        #expect(responses.outputTokens == 2)
        let messages = try facts(
            .messages,
            #"{"type":"message","model":"c","content":[{"type":"tool_use","name":"f","input":{"a":[1,"x"]}}],"stop_reason":"tool_use","usage":{"input_tokens":4,"output_tokens":2,"cache_read_input_tokens":6,"service_tier":"batch"}}"#
        )
        #expect(messages.finishReason == "tool_use")
        #expect(messages.serviceTier == "batch")
        #expect(messages.usage?.tokens == TokenUsage(input: 10, output: 2, cachedInput: 6))
        let embeddings = try facts(
            .embeddings,
            #"{"object":"list","data":[{"embedding":"AAAA"}],"model":"e","usage":{"prompt_tokens":7,"total_tokens":7}}"#
        )
        #expect(embeddings.usage?.tokens == TokenUsage(input: 7))
        #expect(try facts(.countTokens, #"{"input_tokens":12}"#).usage == nil)
    }

    @Test(
        "What is no answer is malformed",
        arguments: [
            (.chat, ""), (.chat, "<html>502</html>"), (.chat, "{}"), (.chat, "[]"), (.chat, #"{"choices":[]}"#),
            (.chat, #"{"choices":[{"index":0}]}"#), (.chat, #"{"choices":[{"index":0,"message":{"content":"cut"#),
            (.responses, #"{"status":"completed"}"#), (.messages, #"{"content":"text"}"#),
            (.embeddings, #"{"data":[]}"#),
            (.embeddings, #"{"object":"list"}"#), (.countTokens, "{}"),
        ] as [(Gateway.Operation, String)])
    func malformed(operation: Gateway.Operation, text: String) {
        #expect(failure(operation, text)?.kind == .upstreamMalformed)
    }

    @Test("An error in an answer with a status of success is a failure")
    func hiddenError() {
        #expect(failure(.chat, #"{"error":{"message":"no","code":429}}"#)?.kind == .upstreamRateLimited)
        #expect(failure(.chat, #"{"choices":[{"message":{},"finish_reason":"error"}]}"#)?.kind == .upstreamFailed)
    }

    @Test("Deeply nested answers do not crash")
    func depth() throws {
        let deep = String(repeating: #"{"a":"#, count: 100_000) + "1" + String(repeating: "}", count: 100_000)
        let text =
            #"{"content":[{"type":"tool_use","name":"f","input":\#(deep)}],"usage":{"input_tokens":1,"x":\#(deep)}}"#
        #expect(try facts(.messages, text).usage?.tokens.input == 1)
    }
}

import Domain
import Testing

@testable import Gateway

@Suite("Passing Responses streams on")
struct ResponsesStreamTests {
    private static func response(_ status: String, _ more: String = "") -> String {
        #"{"id":"r1","object":"response","status":"\#(status)","model":"up-1","output":[]\#(more)}"#
    }

    private static let usage =
        #","service_tier":"flex","usage":{"input_tokens":20,"input_tokens_details":{"cached_tokens":5},"output_tokens":8,"output_tokens_details":{"reasoning_tokens":3},"total_tokens":28}"#

    private static let opening = [
        #"{"type":"response.created","sequence_number":0,"response":\#(response("in_progress", #","usage":null"#))}"#,
        #"{"type":"response.in_progress","sequence_number":1,"response":\#(response("in_progress"))}"#,
        #"{"type":"response.output_item.added","sequence_number":2,"item":{"type":"message","content":[]}}"#,
        #"{"type":"response.content_part.added","sequence_number":3,"part":{"type":"output_text","text":""}}"#,
    ]
    private static let text =
        #"{"type":"response.output_text.delta","sequence_number":4,"delta":"Hello","obfuscation":"zzzzzzzz"}"#

    @Test("Events are forwarded as they came up to the last one, whose usage counts")
    func verbatim() {
        let last =
            #"{"type":"response.completed","sequence_number":5,"response":\#(Self.response("completed", Self.usage))}"#
        let text = stream(Self.opening + [Self.text, last], named: true)
        let trial = StreamTrial(.responses, text)
        #expect(trial.output == text)
        #expect(trial.progress.isComplete && trial.progress.hasContent)
        #expect(trial.progress.finishReason == "completed")
        #expect(trial.progress.usage?.tokens == TokenUsage(input: 20, output: 8, cachedInput: 5, reasoning: 3))
        #expect(trial.progress.usage?.serviceTier == "flex")
        #expect(trial.progress.outputTokens == 2)
    }

    @Test("The events of the life cycle are no content")
    func lifeCycle() {
        let bytes = Array(stream(Self.opening, named: true).utf8)
        #expect(!StreamTrial(.responses, [bytes], ends: false).progress.hasContent)
        for data in [
            #"{"type":"response.output_item.added","item":{"type":"function_call","name":"f","arguments":""}}"#,
            #"{"type":"response.web_search_call.searching"}"#, #"{"type":"response.reasoning_text.delta","delta":"x"}"#,
        ] {
            let trial = StreamTrial(.responses, [Array(stream([data], named: true).utf8)], ends: false)
            #expect(trial.progress.hasContent, "\(data)")
        }
    }

    @Test("An incomplete answer is complete as a stream and says why it ended")
    func incomplete() {
        let last = Self.response("incomplete", #","incomplete_details":{"reason":"max_output_tokens"}"# + Self.usage)
        let trial = StreamTrial(
            .responses, stream([Self.text, #"{"type":"response.incomplete","response":\#(last)}"#], named: true))
        #expect(trial.progress.isComplete)
        #expect(trial.progress.finishReason == "max_output_tokens")
    }

    @Test("A failed response is a failure, even as the first thing after the life cycle, and its usage counts")
    func failed() {
        let last = Self.response(
            "failed", #","error":{"code":"rate_limit_exceeded","message":"Slow down"}"# + Self.usage)
        let trial = StreamTrial(
            .responses, stream(Self.opening + [#"{"type":"response.failed","response":\#(last)}"#], named: true))
        #expect(trial.progress.failure?.kind == .upstreamRateLimited)
        #expect(!trial.progress.hasContent && !trial.progress.isComplete)
        #expect(trial.progress.usage?.tokens.output == 8)
        let error = #"{"type":"error","code":"server_error","message":"Oops","param":null,"sequence_number":1}"#
        #expect(StreamTrial(.responses, stream([error], named: true)).progress.failure?.kind == .upstreamFailed)
    }

    @Test("There is no [DONE]: a stream that ends before its last event is interrupted")
    func interrupted() {
        let trial = StreamTrial(.responses, stream(Self.opening + [Self.text], named: true))
        #expect(trial.progress.failure?.kind == .upstreamInterrupted)
    }

    @Test("The model's name is replaced within the response")
    func publicModel() {
        let text = stream(Self.opening, named: true)
        let trial = StreamTrial(.responses, text, publicModel: "fast")
        #expect(trial.output == text.replacing(#""model":"up-1""#, with: #""model":"fast""#))
    }

    @Test("A failure and a cut are written as the dialect's events, numbered on")
    func endings() throws {
        let stream = PassThroughStream(.responses, wantsUsage: false)
        var out: [UInt8] = []
        Array(GatewayTests.stream(Self.opening + [Self.text], named: true).utf8).withUnsafeBytes {
            stream.take($0, into: &out)
        }
        out = []
        stream.cut(GatewayFailure(.budgetExceeded, "Used up."), into: &out)
        let events = String(decoding: out, as: UTF8.self).split(separator: "\n\n")
        #expect(events.count == 2)
        #expect(events[0].hasPrefix("event: response.incomplete\ndata: "))
        let incomplete = try JSONValue(parsing: String(events[0].split(separator: "\n")[1].dropFirst(6)))
        #expect(incomplete["sequence_number"]?.int == 5)
        #expect(incomplete["response"]?["id"]?.string == "r1")
        #expect(incomplete["response"]?["status"]?.string == "incomplete")
        #expect(incomplete["response"]?["incomplete_details"]?["reason"]?.string == "max_output_tokens")
        #expect(events[1].hasPrefix("event: error\ndata: "))
        let error = try JSONValue(parsing: String(events[1].split(separator: "\n")[1].dropFirst(6)))
        #expect(error["type"]?.string == "error")
        #expect(error["sequence_number"]?.int == 6)
        #expect(error["message"]?.string == "Used up.")
        #expect(error["error"]?["code"]?.string == "budget_exceeded")
    }
}

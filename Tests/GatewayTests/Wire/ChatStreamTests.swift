import Domain
import Testing

@testable import Gateway

@Suite("Passing chat streams on")
struct ChatStreamTests {
    private static func chunk(_ choices: String, _ more: String = "") -> String {
        #"{"id":"c1","object":"chat.completion.chunk","created":5,"model":"up-1","choices":[\#(choices)]\#(more)}"#
    }

    private static func delta(_ delta: String, finish: String = "null", index: Int = 0) -> String {
        chunk(#"{"index":\#(index),"delta":\#(delta),"finish_reason":\#(finish)}"#, #","usage":null"#)
    }

    private static let usage =
        #""usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"prompt_tokens_details":{"cached_tokens":4}}"#

    private static let whole = [
        delta(#"{"role":"assistant","content":"","refusal":null}"#), delta(#"{"content":"Hel"}"#),
        delta(#"{"content":"lo"}"#), delta("{}", finish: #""stop""#), chunk("", "," + usage), "[DONE]",
    ]

    @Test("Events are forwarded as they came where the client asked for usage")
    func verbatim() {
        let text = ": hello\n\n" + stream(Self.whole)
        let trial = StreamTrial(.chat, text, wantsUsage: true)
        #expect(trial.output == text)
        #expect(trial.progress.isComplete && trial.progress.hasContent)
        #expect(trial.progress.failure == nil)
        #expect(trial.progress.usage?.tokens == TokenUsage(input: 9, output: 2, cachedInput: 4))
        #expect(trial.progress.model == "up-1")
        #expect(trial.progress.finishReason == "stop")
        #expect(trial.progress.outputTokens == 2)
    }

    @Test("Usage is taken out where the client did not ask: the chunk, and its null in all others")
    func stripped() {
        let trial = StreamTrial(.chat, stream(Self.whole))
        let expected = stream(Self.whole.filter { !$0.contains("prompt_tokens") }).replacing(
            #","usage":null"#, with: "")
        #expect(trial.output == expected)
        #expect(!trial.output.contains("usage"))
        #expect(trial.progress.usage?.tokens.input == 9)
        #expect(trial.progress.usage?.raw == String(Self.usage.dropFirst(#""usage":"#.count)))
    }

    @Test("Usage beside a choice loses only itself, and the usage member may stand first or alone")
    func usageBesideChoices() {
        let last = Self.chunk(#"{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}"#, "," + Self.usage)
        let trial = StreamTrial(.chat, stream([last, "[DONE]"]))
        #expect(trial.output == stream([last.replacing("," + Self.usage, with: ""), "[DONE]"]))
        #expect(trial.progress.usage?.tokens.output == 2)
        let first = #"{"usage" : null , "choices":[{"index":0,"delta":{"content":"x"}}]}"#
        #expect(
            StreamTrial(.chat, stream([first])).output
                == stream([#"{ "choices":[{"index":0,"delta":{"content":"x"}}]}"#]))
    }

    @Test("A chunk with usage and no choices at all is taken out as well")
    func usageWithoutChoices() {
        let trial = StreamTrial(.chat, stream([Self.whole[1], "{" + Self.usage + "}", "[DONE]"]))
        #expect(trial.output == stream([Self.whole[1], "[DONE]"]).replacing(#","usage":null"#, with: ""))
        #expect(trial.progress.usage?.tokens.input == 9)
    }

    @Test("Role, empty deltas, filter results and comments are no content")
    func noContent() {
        let text =
            ": ping\n\n"
            + stream([
                #"{"choices":[],"prompt_filter_results":[{"prompt_index":0}],"model":""}"#,
                Self.delta(#"{"role":"assistant","content":null,"refusal":null,"tool_calls":[]}"#), Self.delta("{}"),
            ])
        let bytes = Array(text.utf8)
        let trial = StreamTrial(.chat, [bytes], ends: false)
        #expect(!trial.progress.hasContent)
        #expect(trial.progress.outputTokens == 0)
        #expect(trial.output.hasPrefix(": ping\n\ndata: {\"choices\":[],\"prompt_filter_results\""))
    }

    @Test(
        "Text, refusals, reasoning, tool calls and unknown members with something in them are content",
        arguments: [
            #"{"content":"x"}"#, #"{"refusal":"no"}"#, #"{"reasoning_content":"hm"}"#, #"{"reasoning":"hm"}"#,
            #"{"tool_calls":[{"index":0,"id":"t","type":"function","function":{"name":"f","arguments":""}}]}"#,
            #"{"function_call":{"name":"f","arguments":""}}"#, #"{"audio":{"id":"a"}}"#,
        ])
    func content(delta: String) {
        #expect(StreamTrial(.chat, [Array(stream([Self.delta(delta)]).utf8)], ends: false).progress.hasContent)
    }

    @Test("Output tokens are a quarter of the bytes, but at least one for each event with text")
    func ownCount() {
        let long = Self.delta(#"{"content":"\#(String(repeating: "x", count: 41))"}"#)
        #expect(StreamTrial(.chat, stream([long])).progress.outputTokens == 11)
        let short = (0..<7).map { _ in Self.delta(#"{"content":"x"}"#) }
        #expect(StreamTrial(.chat, stream(short)).progress.outputTokens == 7)
        let call = Self.delta(#"{"tool_calls":[{"index":0,"function":{"name":"abcd","arguments":"{\"a\":12}"}}]}"#)
        #expect(StreamTrial(.chat, stream([call])).progress.outputTokens == 3)
    }

    @Test("The model's name is replaced in every event if asked")
    func publicModel() {
        let trial = StreamTrial(.chat, stream(Self.whole), wantsUsage: true, publicModel: "fast \"one\"")
        #expect(trial.output == stream(Self.whole).replacing(#""up-1""#, with: #""fast \"one\"""#))
        #expect(trial.progress.model == "up-1")
    }

    @Test("Events in several data lines and with other line ends are edited as well")
    func severalLines() {
        let text =
            "event: x\rdata: {\"choices\":[{\"index\":0,\rdata: \"delta\":{\"content\":\"a\"}}],\"usage\":null}\r\r"
        let trial = StreamTrial(.chat, text)
        #expect(
            trial.output
                == "event: x\ndata: {\"choices\":[{\"index\":0,\ndata: \"delta\":{\"content\":\"a\"}}]}\n\n")
        let untouched = StreamTrial(.chat, text, wantsUsage: true)
        #expect(untouched.output == text.dropLast(2) + "\r\n\n")
    }

    @Test("An answer without its last event is complete if every choice is finished, and the event is added")
    func missingDone() {
        let trial = StreamTrial(.chat, stream(Array(Self.whole.dropLast(2))))
        #expect(trial.progress.isComplete)
        #expect(trial.output.hasSuffix("data: [DONE]\n\n"))
        let two = StreamTrial(
            .chat,
            stream([
                Self.delta(#"{"content":"a"}"#, finish: #""stop""#), Self.delta(#"{"content":"b"}"#, index: 1),
            ]))
        #expect(!two.progress.isComplete)
        #expect(two.progress.failure?.kind == .upstreamInterrupted)
    }

    @Test("A last event without its empty line counts")
    func unendedLastEvent() {
        let text = stream(Array(Self.whole.dropLast())) + "data: [DONE]"
        let trial = StreamTrial(.chat, text)
        #expect(trial.progress.isComplete)
        #expect(trial.output.hasSuffix("data: [DONE]\n\n"))
    }

    @Test("Cut anywhere before the finish, the answer is interrupted, never complete and never malformed")
    func interrupted() {
        let bytes = Array(stream(Array(Self.whole[..<3])).utf8)
        for cut in 0...bytes.count {
            let trial = StreamTrial(.chat, [Array(bytes[..<cut])])
            #expect(!trial.progress.isComplete)
            #expect(trial.progress.failure?.kind == .upstreamInterrupted, "cut at \(cut)")
            #expect(trial.output.isEmpty || trial.output.hasSuffix("\n\n"))
        }
    }

    @Test("A stream with nothing in it is malformed")
    func empty() {
        #expect(StreamTrial(.chat, stream(["[DONE]"])).progress.failure?.kind == .upstreamMalformed)
        #expect(StreamTrial(.chat, "").progress.failure?.kind == .upstreamInterrupted)
    }

    @Test(
        "What is no JSON object is malformed",
        arguments: ["{\"choices\":[", "hello", "[1]", "{\"a\":NaN}", "<html>", "{\"a\":\"\\x\"}", ""])
    func malformed(data: String) {
        let trial = StreamTrial(.chat, stream([Self.whole[1], data, Self.whole[2]]))
        #expect(trial.progress.failure?.kind == .upstreamMalformed)
        #expect(trial.progress.hasContent)
        #expect(trial.output == stream([Self.whole[1]]).replacing(#","usage":null"#, with: ""))
    }

    @Test("An error event is the stream's failure and is not forwarded itself")
    func errorEvent() {
        let error =
            #"{"error":{"message":"Rate limit for sk-abcdefghijklmnop","type":"rate_limit_error","code":"rate_limit_exceeded"}}"#
        let trial = StreamTrial(.chat, stream([Self.whole[1], error, "[DONE]"]))
        #expect(trial.progress.failure?.kind == .upstreamRateLimited)
        #expect(trial.progress.failure?.message == "The upstream limits the gateway's rate: Rate limit for •••")
        #expect(trial.progress.refusal?.reason == .rateLimited)
        #expect(!trial.output.contains("error"))
        #expect(!trial.progress.isComplete)
        let harmless = Self.whole[1].replacing(#""object""#, with: #""error":null,"object""#)
        #expect(StreamTrial(.chat, [Array(stream([harmless]).utf8)], ends: false).progress.failure == nil)
    }

    @Test("An event that is named `error` is one, whatever its data looks like")
    func namedError() {
        let text = stream([Self.whole[1]]) + "event: error\ndata: {\"message\":\"boom\",\"code\":503}\n\n"
        let trial = StreamTrial(.chat, text)
        #expect(trial.progress.refusal?.reason == .overloaded)
        #expect(trial.progress.failure?.message == "The upstream is overloaded (status 503): boom")
    }

    @Test("The finish reason `error` is a failure")
    func finishedByError() {
        let trial = StreamTrial(.chat, stream([Self.whole[1], Self.delta("{}", finish: #""error""#)]))
        #expect(trial.progress.failure?.kind == .upstreamFailed)
    }

    @Test("The tier that was really used is noticed before or after the usage")
    func serviceTier() {
        let first = Self.chunk(#"{"index":0,"delta":{"content":"x"}}"#, #","service_tier":"default""#)
        let last = Self.chunk("", "," + Self.usage + #","service_tier":"flex""#)
        #expect(StreamTrial(.chat, stream([first, last, "[DONE]"])).progress.usage?.serviceTier == "flex")
    }

    @Test("A failure is written as an event that the official client takes for an error, without [DONE]")
    func fail() throws {
        let stream = PassThroughStream(.chat, wantsUsage: false)
        var out: [UInt8] = []
        stream.fail(GatewayFailure(.upstreamInterrupted, "It \"broke\"."), into: &out)
        let text = String(decoding: out, as: UTF8.self)
        #expect(
            text
                == #"data: {"error":{"message":"It \"broke\".","type":"server_error","param":null,"code":"upstream_interrupted"}}"#
                + "\n\n")
    }

    @Test("A cut finishes every open choice with `length` before the error event")
    func cut() throws {
        let stream = PassThroughStream(.chat, wantsUsage: false, publicModel: "fast")
        var out: [UInt8] = []
        let text = GatewayTests.stream([
            Self.delta(#"{"content":"a"}"#), Self.delta(#"{"content":"b"}"#, index: 1),
            Self.delta("{}", finish: #""stop""#, index: 1), Self.delta(#"{"content":"c"}"#, index: 2),
        ])
        Array(text.utf8).withUnsafeBytes { stream.take($0, into: &out) }
        out = []
        stream.cut(GatewayFailure(.budgetExceeded, "Used up."), into: &out)
        let events = String(decoding: out, as: UTF8.self).split(separator: "\n\n").map { $0.dropFirst(6) }
        let chunk = try JSONValue(parsing: String(events[0]))
        #expect(chunk["id"]?.string == "c1")
        #expect(chunk["model"]?.string == "fast")
        #expect(chunk["choices"]?.array?.map { $0["index"]?.int } == [0, 2])
        #expect(chunk["choices"]?.array?.allSatisfy { $0["finish_reason"]?.string == "length" } == true)
        #expect(try JSONValue(parsing: String(events[1]))["error"]?["code"]?.string == "budget_exceeded")
        #expect(events.count == 2)
        #expect(stream.progress.finishReason == "length")
    }
}

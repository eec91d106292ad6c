import Domain
import Testing

@testable import Gateway

@Suite("Passing Messages streams on")
struct MessagesStreamTests {
    private static let start =
        #"{"type":"message_start","message":{"id":"m1","type":"message","role":"assistant","model":"up-1","content":[],"stop_reason":null,"usage":{"input_tokens":10,"cache_creation_input_tokens":100,"cache_read_input_tokens":50,"output_tokens":1,"cache_creation":{"ephemeral_5m_input_tokens":60,"ephemeral_1h_input_tokens":40},"service_tier":"standard"}}}"#
    private static let block =
        #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#
    private static let text =
        #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}"#
    private static let stop = #"{"type":"content_block_stop","index":0}"#
    private static let end =
        #"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":15}}"#
    private static let whole = [start, #"{"type":"ping"}"#, block, text, stop, end, #"{"type":"message_stop"}"#]

    @Test("Events are forwarded as they came, and usage is put together from the first and the last")
    func verbatim() {
        let text = stream(Self.whole, named: true)
        let trial = StreamTrial(.messages, text)
        #expect(trial.output == text)
        #expect(trial.progress.isComplete && trial.progress.hasContent)
        #expect(trial.progress.finishReason == "end_turn")
        #expect(
            trial.progress.usage?.tokens
                == TokenUsage(input: 160, output: 15, cachedInput: 50, cacheWrite: 100, cacheWriteLong: 40))
        #expect(trial.progress.usage?.serviceTier == "standard")
        #expect(trial.progress.model == "up-1")
    }

    @Test("Later counts replace earlier ones, an explicit zero too, and what is left out stays")
    func cumulative() {
        let corrections = [
            #"{"type":"message_delta","delta":{},"usage":{"output_tokens":7,"cache_read_input_tokens":0}}"#,
            #"{"type":"message_delta","delta":{"stop_reason":"max_tokens"},"usage":{"output_tokens":9,"input_tokens":null,"server_tool_use":{"web_search_requests":2}}}"#,
        ]
        let trial = StreamTrial(
            .messages, stream([Self.start] + corrections + [#"{"type":"message_stop"}"#], named: true))
        #expect(
            trial.progress.usage?.tokens
                == TokenUsage(
                    input: 110, output: 9, cachedInput: 0, cacheWrite: 100, cacheWriteLong: 40, searches: 2))
        #expect(trial.progress.finishReason == "max_tokens")
    }

    @Test("Start, ping, empty blocks and signatures are no content; thinking and tool calls are")
    func content() {
        func hasContent(_ data: String...) -> Bool {
            StreamTrial(.messages, [Array(stream(data, named: true).utf8)], ends: false).progress.hasContent
        }
        #expect(!hasContent(Self.start, #"{"type":"ping"}"#, Self.block))
        #expect(
            !hasContent(#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}"#))
        #expect(
            !hasContent(
                #"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"abc"}}"#))
        #expect(hasContent(Self.text))
        #expect(
            hasContent(#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"#))
        #expect(
            hasContent(
                #"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}"#
            ))
    }

    @Test("An error event is a failure with what can be done about it")
    func error() {
        let error = #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"q"}"#
        let trial = StreamTrial(.messages, stream([Self.start, error], named: true))
        #expect(trial.progress.refusal?.reason == .overloaded)
        #expect(trial.progress.failure?.kind == .upstreamFailed)
        #expect(trial.output == stream([Self.start], named: true))
    }

    @Test("A stream that ends before message_stop is interrupted")
    func interrupted() {
        let trial = StreamTrial(.messages, stream(Array(Self.whole.dropLast()), named: true))
        #expect(trial.progress.failure?.kind == .upstreamInterrupted)
        #expect(trial.progress.usage?.tokens.output == 15)
    }

    @Test("The model's name is replaced in the first event")
    func publicModel() {
        let text = stream(Self.whole, named: true)
        let trial = StreamTrial(.messages, text, publicModel: "fast")
        #expect(trial.output == text.replacing(#""model":"up-1""#, with: #""model":"fast""#))
    }

    @Test("A cut closes the open block and says max_tokens before the error event")
    func cut() {
        let stream = PassThroughStream(.messages, wantsUsage: false)
        var out: [UInt8] = []
        Array(GatewayTests.stream([Self.start, Self.block, Self.text], named: true).utf8).withUnsafeBytes {
            stream.take($0, into: &out)
        }
        out = []
        stream.cut(GatewayFailure(.budgetExceeded, "Used up."), into: &out)
        #expect(
            String(decoding: out, as: UTF8.self) == """
                event: content_block_stop
                data: {"type":"content_block_stop","index":0}

                event: message_delta
                data: {"type":"message_delta","delta":{"stop_reason":"max_tokens","stop_sequence":null},"usage":{"output_tokens":2}}

                event: error
                data: {"type":"error","error":{"type":"rate_limit_error","message":"Used up."}}


                """)
    }
}

import Domain
import Gateway
import Testing

@Suite("Ends of translated streams")
struct StreamEndTests {
    private static let failure = GatewayFailure(.upstreamInterrupted, "The upstream went away.")
    private static let budget = GatewayFailure(.budgetExceeded, "The budget of the key is used up.", shouldRetry: false)

    private static func begun(_ upstream: Operation, _ client: Operation) -> (any AnswerStream, [UInt8]) {
        let stream = Translation.stream(
            from: upstream, to: client, publicModel: "public", wantsStreamUsage: false, created: 1)
        let body =
            upstream == .chat
            ? #"data: {"id":"1","choices":[{"index":0,"delta":{"content":"Hi there"},"finish_reason":null}]}"#
            : #"data: {"type":"message_start","message":{"id":"1","usage":{"input_tokens":3,"output_tokens":1}}}"#
                + "\n\n"
                + #"data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"Hi"}}"#
        var out: [UInt8] = []
        Array((body + "\n\n").utf8).withUnsafeBytes { stream.take($0, into: &out) }
        return (stream, out)
    }

    private static func written(_ act: (inout [UInt8]) -> Void) -> String {
        var out: [UInt8] = []
        act(&out)
        return String(decoding: out, as: UTF8.self)
    }

    @Test("A failure is an error event in OpenAI's chat, without [DONE]")
    func chatFails() {
        let (stream, _) = Self.begun(.messages, .chat)
        let end = Self.written { stream.fail(Self.failure, into: &$0) }
        #expect(
            end == #"data: {"error":{"message":"The upstream went away.","type":"server_error","param":null,"#
                + #""code":"upstream_interrupted"}}"# + "\n\n")
    }

    @Test("A failure is an error event of Anthropic's")
    func messagesFail() {
        let (stream, _) = Self.begun(.chat, .messages)
        let end = Self.written { stream.fail(Self.failure, into: &$0) }
        #expect(
            end == "event: error\n"
                + #"data: {"type":"error","error":{"type":"api_error","message":"The upstream went away."}}"# + "\n\n")
    }

    @Test("A failure is an error event of the Responses with the next number")
    func responsesFail() throws {
        let (stream, _) = Self.begun(.chat, .responses)
        let end = Self.written { stream.fail(Self.failure, into: &$0) }
        #expect(end.hasPrefix("event: error\ndata: {\"type\":\"error\",\"code\":\"upstream_interrupted\""))
        #expect(end.contains(#""sequence_number":5}"#))
    }

    @Test("A cut is a finish for length and then the error", arguments: [Operation.chat, .messages, .responses])
    func cut(client: Operation) throws {
        let (stream, _) = Self.begun(client == .chat ? .messages : .chat, client)
        let end = Self.written { stream.cut(Self.budget, into: &$0) }
        let events = end.split(separator: "\n\n").map(String.init)
        switch client {
        case .chat:
            #expect(events.count == 2)
            #expect(events[0].contains(#""delta":{},"finish_reason":"length""#))
            #expect(stream.progress.finishReason == "length")
        case .messages:
            #expect(events.count == 3)
            #expect(events[0].contains(#"{"type":"content_block_stop","index":0}"#))
            #expect(events[1].contains(#""stop_reason":"max_tokens""#))
            #expect(!end.contains("message_stop"))
        default:
            #expect(events.count == 5)
            #expect(events[3].contains(#""type":"response.incomplete""#))
            #expect(events[3].contains(#""reason":"max_output_tokens""#))
        }
        #expect(events.last?.contains("The budget of the key is used up.") == true)
    }

    @Test("Nothing is written after the end", arguments: [Operation.chat, .messages, .responses])
    func nothingAfterTheEnd(client: Operation) {
        let (stream, _) = Self.begun(client == .chat ? .messages : .chat, client)
        _ = Self.written { stream.fail(Self.failure, into: &$0) }
        let late = Self.written { out in
            Array("data: {\"type\":\"message_stop\"}\n\ndata: [DONE]\n\n".utf8).withUnsafeBytes {
                stream.take($0, into: &out)
            }
            stream.end(into: &out)
            stream.fail(Self.failure, into: &out)
            stream.cut(Self.budget, into: &out)
        }
        #expect(late.isEmpty)
    }

    @Test("An interruption is told, not written")
    func interruption() {
        let (stream, _) = Self.begun(.chat, .messages)
        #expect(Self.written { stream.end(into: &$0) }.isEmpty)
        #expect(stream.progress.failure?.kind == .upstreamInterrupted)
        #expect(!stream.progress.isComplete)
    }

    @Test("Nothing but roles and lifecycle is no content")
    func noContentYet() {
        let stream = Translation.stream(from: .chat, to: .messages, publicModel: "m", wantsStreamUsage: false)
        let body = #"data: {"id":"1","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"# + "\n\n"
        _ = Self.written { out in Array(body.utf8).withUnsafeBytes { stream.take($0, into: &out) } }
        #expect(!stream.progress.hasContent)
    }

    @Test("An error inside the stream says what can be done about it")
    func errorsCanBeTreated() {
        let stream = Translation.stream(from: .messages, to: .chat, publicModel: "m", wantsStreamUsage: false)
        let body = #"data: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"# + "\n\n"
        let out = Self.written { out in Array(body.utf8).withUnsafeBytes { stream.take($0, into: &out) } }
        #expect(out.isEmpty)
        #expect(stream.progress.failure?.kind == .upstreamFailed)
        #expect(stream.progress.refusal?.treatment == .retry)
    }
}

import Domain
import Testing

@testable import Gateway

@Suite("Reading requests")
struct RequestScanTests {
    private func scan(_ text: String, _ operation: Gateway.Operation = .chat) throws -> RequestScan {
        try RequestScan(operation, Array(text.utf8))
    }

    /// The failure that a body leads to.
    private func failure(_ text: String, _ operation: Gateway.Operation = .chat) -> GatewayFailure? {
        do {
            _ = try RequestScan(operation, Array(text.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test("What the gateway acts on is read from a chat")
    func chat() throws {
        let scan = try scan(
            #"""
            {"model":"gpt-5-mini","messages":[{"role":"user","content":"hello there"}],"stream":true,"n":2,
             "stream_options":{"include_usage":true},"max_completion_tokens":50,"user":"u1","service_tier":"flex",
             "metadata":{"team":"a","session_id":"s","nested":{"x":1}},"tools":[{"type":"function"}],"other":[1,{"model":"x"}]}
            """#)
        #expect(scan.model == "gpt-5-mini")
        #expect(scan.isStream && scan.wantsStreamUsage && scan.hasTools)
        #expect(scan.maximumOutputTokens == 50)
        #expect(scan.choices == 2)
        #expect(scan.user == "u1")
        #expect(scan.serviceTier == "flex")
        #expect(scan.metadata == ["team": "a", "session_id": "s"])
        #expect(!scan.hasImages && !scan.hasAudio && !scan.cachesInput && !scan.hasStoredInput)
    }

    @Test("Members that are null count as not given")
    func nulls() throws {
        let scan = try scan(
            #"{"model":"m","stream":null,"n":null,"max_tokens":null,"stream_options":null,"user":null,"metadata":null}"#
        )
        #expect(!scan.isStream && !scan.wantsStreamUsage)
        #expect(scan.choices == 1)
        #expect(scan.maximumOutputTokens == nil)
        #expect(scan.user == nil)
    }

    @Test("The end user is safety_identifier before user, and metadata.user_id for Anthropic")
    func users() throws {
        #expect(try scan(#"{"model":"m","safety_identifier":"s","user":"u"}"#).user == "s")
        #expect(try scan(#"{"model":"m","user":"u","safety_identifier":"s"}"#).user == "s")
        #expect(try scan(#"{"model":"m","metadata":{"user_id":"a"},"max_tokens":1}"#, .messages).user == "a")
        #expect(try scan(#"{"model":"m","metadata":{"user_id":"a"}}"#).user == nil)
        let long = String(repeating: "x", count: 513)
        #expect(try scan(#"{"model":"m","user":"\#(long)","metadata":{"k":"\#(long)"}}"#).user == nil)
    }

    @Test("Each operation has its own output limits; of several the highest counts, llama.cpp's word included")
    func limits() throws {
        #expect(try scan(#"{"model":"m","max_tokens":5,"max_completion_tokens":9}"#).maximumOutputTokens == 9)
        #expect(try scan(#"{"model":"m","max_tokens":5,"n_predict":700}"#).maximumOutputTokens == 700)
        #expect(try scan(#"{"model":"m","max_output_tokens":5}"#).maximumOutputTokens == nil)
        #expect(try scan(#"{"model":"m","max_output_tokens":5,"input":"x"}"#, .responses).maximumOutputTokens == 5)
        #expect(try scan(#"{"model":"m","max_tokens":5}"#, .messages).maximumOutputTokens == 5)
        #expect(try scan(#"{"model":"m","max_tokens":5,"input":"x"}"#, .embeddings).maximumOutputTokens == nil)
    }

    @Test("Inputs to embed are counted: texts, or lists of tokens, of which one alone is one input")
    func embeddings() throws {
        #expect(try scan(#"{"model":"m","input":"x","encoding_format":"base64"}"#, .embeddings).inputs == 1)
        #expect(try scan(#"{"model":"m","input":["x","y"]}"#, .embeddings).inputs == 2)
        #expect(try scan(#"{"model":"m","input":[1,2,3]}"#, .embeddings).inputs == 1)
        #expect(try scan(#"{"model":"m","input":[[1],[2,3]]}"#, .embeddings).inputs == 2)
        #expect(
            try scan(#"{"model":"m","input":"x","encoding_format":"base64"}"#, .embeddings).encodingFormat == "base64")
    }

    @Test("The model of the path counts instead of the body's, which may be missing")
    func pathModel() throws {
        #expect(try RequestScan(.chat, Array(#"{"model":"x"}"#.utf8), pathModel: "deployed").model == "deployed")
        #expect(try RequestScan(.chat, Array("{}".utf8), pathModel: "deployed").model == "deployed")
    }

    @Test("A key with escapes is the key that it means")
    func escapedKeys() throws {
        #expect(try scan(#"{"mod\u0065l":"a\u0062c"}"#).model == "abc")
    }

    @Test(
        "A wrong body is refused with the member that is wrong",
        arguments: [
            ("", nil), ("hello", nil), ("[]", nil), ("\"x\"", nil), ("{", nil), (#"{"model":"m"}x"#, nil),
            (#"{"messages":[]}"#, "model"), (#"{"model":null}"#, "model"), (#"{"model":7}"#, "model"),
            (#"{"model":""}"#, "model"), (#"{"model":"a","model":"b"}"#, "model"),
            (#"{"model":"a","mod\u0065l":"b"}"#, "model"), (#"{"model":"m","stream":"true"}"#, "stream"),
            (#"{"model":"m","stream":1}"#, "stream"), (#"{"model":"m","n":0}"#, "n"), (#"{"model":"m","n":1.5}"#, "n"),
            (#"{"model":"m","max_tokens":-1}"#, "max_tokens"), (#"{"model":"m","max_tokens":"5"}"#, "max_tokens"),
            (#"{"model":"m","max_tokens":1e3}"#, "max_tokens"),
            (#"{"model":"m","max_tokens":99999999999999999999}"#, "max_tokens"),
            (#"{"model":"m","max_tokens":5,"max_tokens":6}"#, "max_tokens"),
            (#"{"model":"m","messages":"hi"}"#, "messages"),
            (#"{"model":"m","stream_options":true}"#, "stream_options"),
            (#"{"model":"m","stream_options":{"include_usage":1}}"#, "stream_options"),
            (#"{"model":"m","stream_options":{"include_usage":true,"include_usage":false}}"#, "stream_options"),
            (#"{"model":"m","service_tier":{}}"#, "service_tier"),
        ] as [(String, String?)])
    func wrongBodies(text: String, parameter: String?) {
        let failure = failure(text)
        #expect(failure?.kind == .invalidRequest)
        #expect(failure?.parameter == parameter)
        #expect(failure?.status == 400)
    }

    @Test("A message about a wrong member says what it must be and what it is")
    func messages() {
        #expect(
            failure(#"{"model":["m"]}"#)?.message == "`model` must be a string, but it is an array.")
        #expect(
            failure(#"{"model":"m","n":-3}"#)?.message
                == "`n` must be a whole number of at least 1, but it is another number.")
    }

    @Test("Deep nesting neither crashes nor is refused: it is the upstream's business")
    func depth() throws {
        let text =
            #"{"model":"m","x":"# + String(repeating: "[", count: 200_000)
            + String(repeating: "]", count: 200_000) + "}"
        #expect(try scan(text).model == "m")
    }

    @Test("A small body cannot ask for much memory")
    func memoryIsBounded() {
        // Each pair of bytes is a value of 16: the parser would need eight times the text.
        let text = #"{"model":"m","x":["# + String(repeating: "1,", count: 4 << 20) + "1]}"
        #expect(failure(text)?.kind == .invalidRequest)
    }
}

@Suite("Estimating input")
struct InputEstimateTests {
    private func estimate(_ text: String, _ operation: Gateway.Operation = .chat) throws -> RequestScan {
        try RequestScan(operation, Array(text.utf8))
    }

    @Test("Text counts 3.2 bytes a token, rounded up, with 8 tokens for each message")
    func text() throws {
        let words = String(repeating: "word ", count: 1000)
        let one = try estimate(#"{"model":"m","messages":[{"role":"user","content":"\#(words)"}]}"#)
        #expect((1570...1600).contains(one.estimatedInputTokens))
        let two = try estimate(
            #"{"model":"m","messages":[{"role":"user","content":"\#(words)"},{"role":"user","content":"\#(words)"}]}"#)
        #expect(two.estimatedInputTokens > 2 * 1562 + 16)
    }

    @Test("An image counts 1,700 tokens and its base64 nothing, in either dialect")
    func images() throws {
        let data = String(repeating: "QUJD", count: 50_000)
        let openAI = try estimate(
            """
            {"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"what?"},
            {"type":"image_url","image_url":{"url":"data:image/png;base64,\(data)"}}]}]}
            """)
        #expect(openAI.hasImages)
        #expect((1700...1800).contains(openAI.estimatedInputTokens))
        let anthropic = try estimate(
            """
            {"model":"m","max_tokens":9,"messages":[{"role":"user","content":[
            {"type":"image","source":{"type":"base64","media_type":"image/png","data":"\(data)"}}]}]}
            """, .messages)
        #expect(anthropic.hasImages)
        #expect((1700...1800).contains(anthropic.estimatedInputTokens))
    }

    @Test("Text does not escape the count by looking like media")
    func hiddenText() throws {
        let data = "data:image/png;base64," + String(repeating: "QUJD", count: 50_000)
        let scan = try estimate(#"{"model":"m","messages":[{"role":"user","content":"\#(data)"}]}"#)
        #expect(scan.estimatedInputTokens > 60_000)
    }

    @Test("Audio and documents count by their size")
    func media() throws {
        let data = String(repeating: "QUJD", count: 32_000)
        let audio = try estimate(
            """
            {"model":"m","modalities":["text","audio"],"messages":[{"role":"user","content":[
            {"type":"input_audio","input_audio":{"data":"\(data)","format":"wav"}}]}]}
            """)
        #expect(audio.hasAudio)
        #expect((1000...1100).contains(audio.estimatedInputTokens))
        let document = try estimate(
            """
            {"model":"m","max_tokens":1,"messages":[{"role":"user","content":[
            {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"\(data)"}}]}]}
            """, .messages)
        #expect((16_000...16_200).contains(document.estimatedInputTokens))
    }

    @Test("A list of tokens counts at least its tokens")
    func tokens() throws {
        let list = (0..<1000).map { String($0 * 97 % 50_000) }.joined(separator: ",")
        let scan = try estimate(#"{"model":"m","input":[\#(list)]}"#, .embeddings)
        #expect((1000...1400).contains(scan.estimatedInputTokens))
    }

    @Test("Marks for the cache and input kept by the provider are noticed")
    func caches() throws {
        let scan = try estimate(
            """
            {"model":"m","max_tokens":1,"system":[{"type":"text","text":"x","cache_control":{"type":"ephemeral","ttl":"1h"}}],
            "messages":[]}
            """, .messages)
        #expect(scan.cachesInput && scan.cachesInputLong)
        #expect(try estimate(#"{"model":"m","input":"x","previous_response_id":"r"}"#, .responses).hasStoredInput)
    }
}

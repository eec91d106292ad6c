import Domain
import Testing

@testable import Gateway

@Suite("Error answers and model lists")
struct ErrorBodyTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("OpenAI's shape has all four members, and headers say whether to try again")
    func openAI() {
        let failure = GatewayFailure(
            .budgetExceeded, "Used up.", parameter: nil, retryAfterSeconds: 60, shouldRetry: false)
        let body = ErrorBody(failure, .openAI)
        #expect(body.status == 429)
        #expect(
            text(body.bytes)
                == #"{"error":{"message":"Used up.","type":"insufficient_quota","param":null,"code":"budget_exceeded"}}"#
        )
        let headers = body.headers.map { "\($0.name): \($0.value)" }
        #expect(headers == ["content-type: application/json", "x-should-retry: false", "retry-after: 60"])
    }

    @Test("Anthropic's shape names the type and repeats the request's id")
    func anthropic() {
        let body = ErrorBody(GatewayFailure(.invalidKey, "No."), .anthropic, requestID: "r1")
        #expect(body.status == 401)
        #expect(
            text(body.bytes)
                == #"{"type":"error","error":{"type":"authentication_error","message":"No."},"request_id":"r1"}"#)
    }

    @Test("The upstream's own code is passed on")
    func upstreamCode() {
        let failure = GatewayFailure(
            .upstreamRefused, "Too long.", upstreamStatus: 400, upstreamCode: "context_length_exceeded")
        #expect(text(ErrorBody(failure, .openAI).bytes).contains(#""code":"context_length_exceeded""#))
    }

    @Test("Every kind of failure has a type in both dialects and a status of an error")
    func everyKind() {
        for kind in GatewayFailure.Kind.allCases {
            let failure = GatewayFailure(kind, "x")
            #expect((400..<600).contains(failure.status))
            #expect(text(ErrorBody(failure, .openAI).bytes).contains(#""code":"\#(kind.rawValue)""#))
            #expect(text(ErrorBody(failure, .anthropic).bytes).contains(#"_"#))
        }
    }

    @Test("Models are listed in either dialect, and one by its name with slashes")
    func models() {
        let list = ModelList([
            .init(name: "fast", created: 1_700_000_000), .init(name: "org/slow", created: 951_782_400, owner: "o"),
        ])
        #expect(
            text(list.bytes(.openAI))
                == #"{"object":"list","data":[{"id":"fast","object":"model","created":1700000000,"owned_by":"pawang"},"#
                + #"{"id":"org/slow","object":"model","created":951782400,"owned_by":"o"}]}"#)
        #expect(
            list.bytes(of: "org/slow", .anthropic).map(text)
                == #"{"type":"model","id":"org/slow","display_name":"org/slow","created_at":"2000-02-29T00:00:00Z"}"#)
        #expect(text(list.bytes(.anthropic)).contains(#""has_more":false,"first_id":"fast","last_id":"org/slow""#))
        #expect(text(list.bytes(.anthropic)).contains("2023-11-14T22:13:20Z"))
        #expect(list.bytes(of: "none", .openAI) == nil)
        #expect(
            text(ModelList([]).bytes(.anthropic)) == #"{"data":[],"has_more":false,"first_id":null,"last_id":null}"#)
    }
}

import Domain
import Testing

@testable import Gateway

@Suite("Refusals of upstreams")
struct UpstreamRefusalTests {
    private func refusal(_ status: Int, _ body: String, _ headers: [String: String] = [:]) -> UpstreamRefusal {
        UpstreamRefusal(status: status, body: Array(body.utf8), now: 784_111_770) { headers[$0] }
    }

    private static func openAI(_ type: String, _ code: String, _ message: String = "No.") -> String {
        #"{"error":{"message":"\#(message)","type":"\#(type)","param":"messages","code":"\#(code)"}}"#
    }

    @Test(
        "Each kind of refusal is told apart, whatever its shape",
        arguments: [
            (400, openAI("invalid_request_error", "invalid_value"), .invalidRequest, .giveUp, .upstreamRefused),
            (
                400, openAI("invalid_request_error", "context_length_exceeded"), .contextLength, .giveUp,
                .upstreamRefused
            ),
            (
                400, #"{"error":{"code":400,"message":"x","type":"exceed_context_size_error"}}"#, .contextLength,
                .giveUp,
                .upstreamRefused
            ),
            (
                400,
                #"{"object":"error","message":"This model's maximum context length is 10","type":"BadRequestError","code":400}"#,
                .contextLength, .giveUp, .upstreamRefused
            ),
            (
                400,
                #"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens"}}"#,
                .contextLength, .giveUp, .upstreamRefused
            ),
            (
                400,
                #"{"error":{"code":"content_filter","message":"f","innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#,
                .contentFilter, .giveUp, .upstreamRefused
            ),
            (
                400, openAI("invalid_request_error", "content_policy_violation"), .contentFilter, .giveUp,
                .upstreamRefused
            ),
            (
                400,
                #"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low"}}"#,
                .quotaExceeded, .tryAnother, .upstreamRateLimited
            ),
            (
                401, openAI("invalid_request_error", "invalid_api_key"), .authentication, .tryAnother,
                .upstreamAuthentication
            ),
            (403, "<html>", .authentication, .tryAnother, .upstreamAuthentication),
            (402, "", .quotaExceeded, .tryAnother, .upstreamRateLimited),
            (404, #"{"detail":"Not Found"}"#, .notFound, .tryAnother, .upstreamFailed),
            (404, #"{"error":{"code":"DeploymentNotFound","message":"x"}}"#, .notFound, .tryAnother, .upstreamFailed),
            (408, "", .timeout, .retry, .upstreamTimeout), (409, "", .failed, .retry, .upstreamFailed),
            (413, "", .tooLarge, .giveUp, .upstreamRefused),
            (
                422, #"{"detail":[{"msg":"field required"}]}"#,
                .invalidRequest, .giveUp, .upstreamRefused
            ),
            (429, openAI("requests", "rate_limit_exceeded"), .rateLimited, .retry, .upstreamRateLimited),
            (
                429, openAI("insufficient_quota", "insufficient_quota"), .quotaExceeded, .tryAnother,
                .upstreamRateLimited
            ),
            (
                429,
                #"{"type":"error","error":{"type":"rate_limit_error","message":"x","details":{"error_code":"enforced_spend_limit_reached"}}}"#,
                .quotaExceeded, .tryAnother, .upstreamRateLimited
            ),
            (500, "", .failed, .retry, .upstreamFailed), (502, "bad gateway", .failed, .retry, .upstreamFailed),
            (503, openAI("server_error", "x"), .overloaded, .retry, .upstreamFailed),
            (504, "", .timeout, .retry, .upstreamTimeout),
            (
                529, #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#, .overloaded,
                .retry,
                .upstreamFailed
            ),
            (302, "", .failed, .retry, .upstreamFailed),
        ] as [(Int, String, UpstreamRefusal.Reason, UpstreamRefusal.Treatment, GatewayFailure.Kind)])
    func reasons(
        status: Int, body: String, reason: UpstreamRefusal.Reason, treatment: UpstreamRefusal.Treatment,
        kind: GatewayFailure.Kind
    ) {
        let refusal = refusal(status, body)
        #expect(refusal.reason == reason)
        #expect(refusal.treatment == treatment)
        #expect(refusal.failure.kind == kind)
    }

    @Test("A refusal of the request keeps the provider's status, words, code and parameter")
    func passedOn() {
        let failure = refusal(422, Self.openAI("invalid_request_error", "bad_value", "Wrong temperature.")).failure
        #expect(failure.status == 422)
        #expect(failure.message == "Wrong temperature.")
        #expect(failure.upstreamCode == "bad_value")
        #expect(failure.parameter == "messages")
    }

    @Test("Anthropic's code for a context that is too long becomes the one that clients know")
    func contextCode() {
        let body = #"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 > 8"}}"#
        #expect(refusal(400, body).failure.upstreamCode == "context_length_exceeded")
    }

    @Test(
        "How long to wait is read from headers, in milliseconds, seconds or as a date, and bounded",
        arguments: [
            (["retry-after": "7"], .seconds(7)), (["retry-after": "0.5"], .milliseconds(500)),
            (["retry-after-ms": "250", "retry-after": "9"], .milliseconds(250)),
            (["retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"], .seconds(7)),
            (["retry-after": "Sun, 06 Nov 1994 08:00:00 GMT"], .zero), (["retry-after": "1e99"], .seconds(86_400)),
            (["retry-after": "-5"], .zero), (["retry-after": "soon"], nil), (["retry-after": "nan"], nil), ([:], nil),
        ] as [([String: String], Duration?)])
    func retryAfter(headers: [String: String], expected: Duration?) {
        #expect(refusal(429, "", headers).retryAfter == expected)
    }

    @Test("The client is told to wait only as long as its library is willing to")
    func retryAfterForClient() {
        #expect(refusal(429, "", ["retry-after": "6.2"]).failure.retryAfterSeconds == 7)
        #expect(refusal(429, "", ["retry-after": "121"]).failure.retryAfterSeconds == nil)
    }

    @Test("An upstream that says not to try again is not")
    func shouldNotRetry() {
        #expect(refusal(500, "", ["x-should-retry": "false"]).treatment == .tryAnother)
        #expect(refusal(500, "", ["x-should-retry": "true"]).treatment == .retry)
        #expect(refusal(429, Self.openAI("insufficient_quota", "x")).failure.shouldRetry == false)
    }

    @Test(
        "Keys in a provider's words are taken out, other words stay",
        arguments: [
            ("Incorrect API key provided: sk-proj-abcdefgh1234.", "Incorrect API key provided: •••."),
            ("key sk-ab***********yz is wrong", "key ••• is wrong"),
            ("token=0123456789abcdef0123456789abcdef!", "token=•••!"),
            ("Bearer eyJhbGciOi.eyJzdWIiOi.c2ln", "Bearer •••.•••.c2ln"),
            ("request req_011CSHoEeqs5C35K2UUqR7Fy failed", "request req_011CSHoEeqs5C35K2UUqR7Fy failed"),
            ("id 123e4567-e89b-12d3-a456-426614174000", "id 123e4567-e89b-12d3-a456-426614174000"),
            ("a\n  b\tc", "a b c"),
        ])
    func redaction(text: String, expected: String) {
        #expect(KeyRedaction.excerpt(text) == expected)
    }

    @Test("A long message is cut")
    func longMessage() {
        #expect(KeyRedaction.excerpt(String(repeating: "word ", count: 1000)).count == 1001)
    }
}

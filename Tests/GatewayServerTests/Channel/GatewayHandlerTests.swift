import Gateway
import Testing

@testable import GatewayServer

@Suite("Client connections")
struct GatewayHandlerTests {
    @Test("Requests sent ahead are answered in order, the router's among them")
    func pipelining() async throws {
        let upstream = try await ScriptedUpstream { number, _ in [.send(Answers.chat("answer \(number)"))] }
        try await TestGateway.run {
            $0.add("target", port: upstream.port)
        } _: { gateway in
            let call = gateway.request(TestGateway.chat(), closes: false)
            let health = "GET /health HTTP/1.1\r\nhost: x\r\n\r\n"
            let last = "GET /v1/models HTTP/1.1\r\nhost: x\r\nx-api-key: \(gateway.key)\r\nconnection: close\r\n\r\n"
            let text = try await RawClient.send([call + health + call + health + last], port: gateway.port)
            let order = [
                "answer 1", #"{"status":"Healthy","version":""}"#, "answer 2", #"{"status":"Healthy","version":""}"#,
                #""object":"list""#,
            ]
            var rest = text[...]
            for part in order {
                let place = try #require(rest.firstRange(of: part), "\(part) is missing or in the wrong place: \(text)")
                rest = rest[place.upperBound...]
            }
        }
        try await upstream.stop()
    }

    @Test("A request in many pieces is one request")
    func pieces() async throws {
        let upstream = try await ScriptedUpstream { _, _ in [.send(Answers.chat())] }
        try await TestGateway.run {
            $0.add("target", port: upstream.port)
        } _: { gateway in
            let request = gateway.request(TestGateway.chat())
            let pieces = request.split(by: 17)
            let first = Reply(try await RawClient.send(pieces, port: gateway.port))
            #expect(first.status == 200)
            let chunked = request.replacing(
                "content-length: \(TestGateway.chat().utf8.count)", with: "transfer-encoding: chunked"
            )
            .replacing(TestGateway.chat(), with: Answers.chunk(TestGateway.chat()) + Answers.last)
            let second = Reply(try await RawClient.send([chunked], port: gateway.port))
            #expect(second.status == 200)
        }
        try await upstream.stop()
    }

    @Test("A body beyond the bound is refused, whether it says its length or not", arguments: [true, false])
    func bodyLimit(saysLength: Bool) async throws {
        try await TestGateway.run {
            $0.server.bodyLimit = 1000
        } _: { gateway in
            let body = String(repeating: "x", count: 2000)
            var request = gateway.request(body, closes: false)
            if !saysLength {
                request = request.replacing("content-length: 2000", with: "transfer-encoding: chunked")
                    .replacing("\r\n\r\n", with: "\r\n\r\n7d0\r\n")
            }
            let reply = Reply(
                try await RawClient.send([request], port: gateway.port) { $0.contains("request_too_large") })
            #expect(reply.status == 413)
            #expect(reply.body.contains("request_too_large"))
        }
    }

    @Test("`Expect: 100-continue` is answered before the body, and a refusal instead of it")
    func expectation() async throws {
        let upstream = try await ScriptedUpstream { _, _ in [.send(Answers.chat())] }
        try await TestGateway.run {
            $0.add("target", port: upstream.port)
        } _: { gateway in
            let request = gateway.request(TestGateway.chat()).replacing(
                "\r\n\r\n", with: "\r\nexpect: 100-continue\r\n\r\n")
            let text = try await RawClient.send([request], port: gateway.port)
            #expect(text.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"))
            let refused = request.replacing(gateway.key, with: "wrong").split(separator: "\r\n\r\n")[0] + "\r\n\r\n"
            let reply = Reply(try await RawClient.send([String(refused)], port: gateway.port))
            #expect(reply.status == 401)
            #expect(reply.headers["connection"] == "close")
        }
        try await upstream.stop()
    }

    @Test("What is no HTTP is answered with 400")
    func badRequest() async throws {
        try await TestGateway.run({ _ in }) { gateway in
            let reply = Reply(try await RawClient.send(["GET / NOHTTP\r\n\r\n"], port: gateway.port))
            #expect(reply.status == 400)
            #expect(reply.body.contains("invalid_request"))
        }
    }

    @Test("HTTP/1.0 gets its streams without chunks")
    func oldProtocol() async throws {
        let upstream = try await ScriptedUpstream { _, _ in [.send(Answers.stream())] }
        try await TestGateway.run {
            $0.add("target", port: upstream.port)
        } _: { gateway in
            let request = gateway.request(TestGateway.chat(stream: true)).replacing("HTTP/1.1", with: "HTTP/1.0")
            let reply = Reply(try await RawClient.send([request], port: gateway.port))
            #expect(reply.headers["transfer-encoding"] == nil)
            #expect(reply.body.hasPrefix("data: "))
            #expect(reply.body.hasSuffix("data: [DONE]\n\n"))
        }
        try await upstream.stop()
    }

    @Test("Models are listed as the key may use them, in the client's dialect")
    func models() async throws {
        try await TestGateway.run {
            $0.key.models = ["f*"]
        } _: { gateway in
            func get(_ path: String, _ more: String = "") async throws -> Reply {
                Reply(
                    try await RawClient.send(
                        [
                            "GET \(path) HTTP/1.1\r\nhost: x\r\napi-key: \(gateway.key)\r\n\(more)connection: close\r\n\r\n"
                        ],
                        port: gateway.port))
            }
            let list = try await get("/v1/models")
            #expect(list.body.contains(#""id":"fast""#))
            let anthropic = try await get("/v1/models", "anthropic-version: 2023-06-01\r\n")
            #expect(anthropic.body.contains(#""has_more":false"#))
            let one = try await get("/v1/models/fast")
            #expect(one.status == 200)
            let none = try await get("/v1/models/slow")
            #expect(none.status == 404)
            let kept = try await get("/v1/responses/resp_1")
            #expect(kept.status == 404)
            let nowhere = try await get("/nowhere")
            #expect(nowhere.status == 404)
            #expect(nowhere.body.hasPrefix(#"{"error":{"message":"There is nothing at GET /nowhere."#))
            let wrong = try await get("/v1/chat/completions")
            #expect(wrong.headers["allow"] == "POST")
        }
    }

    @Test("A key that is missing, or may not use the model, is told so in the dialect of what it asked")
    func refusals() async throws {
        try await TestGateway.run {
            $0.add("target", port: 1)
            $0.key.models = ["other"]
        } _: { gateway in
            let forbidden = try await gateway.post(TestGateway.chat())
            #expect(forbidden.status == 403)
            let unknown = try await gateway.post(TestGateway.chat(model: "nothing"), path: "/v1/messages")
            #expect(unknown.status == 404)
            #expect(unknown.body.hasPrefix(#"{"type":"error""#))
            let broken = try await gateway.post("{")
            #expect(broken.status == 400)
        }
    }
}

extension String {
    /// The text in pieces of a size.
    fileprivate func split(by size: Int) -> [String] {
        var rest = self[...]
        var pieces: [String] = []
        while !rest.isEmpty {
            pieces.append(String(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return pieces
    }
}

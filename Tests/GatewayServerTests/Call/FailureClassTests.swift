import Domain
import Gateway
import Testing

@testable import GatewayServer

/// One way in which an upstream fails.
struct FailureClass: Sendable, CustomTestStringConvertible {
    var name: String
    /// What it does with a request for a whole answer, and with one for a stream.
    var whole: [UpstreamStep]
    var stream: [UpstreamStep]
    /// What the client is told where there is no other target.
    var code: String
    var status: Int
    /// Whether the failure comes after the stream's first content, so that the client has seen some of it.
    var isMidStream = false

    var testDescription: String { name }

    /// The guard that ends it.
    func guarded(isStream: Bool) -> AttemptFailure.Guard? {
        switch name {
        case "slow headers": .head
        case "slow first token": isStream ? .firstToken : .stall
        case "stall", "truncated gzip": .stall
        default: nil
        }
    }

    private init(
        _ name: String, _ steps: [UpstreamStep], stream: [UpstreamStep]? = nil, code: String, status: Int,
        isMidStream: Bool = false
    ) {
        self.name = name
        whole = steps
        self.stream = stream ?? steps
        self.code = code
        self.status = status
        self.isMidStream = isMidStream
    }

    /// A stream whose rest comes after the client has seen its beginning.
    private static let begun: [UpstreamStep] = [.send(Answers.streamHead + Answers.role + Answers.delta("Par")), .gate]

    static let all = [
        FailureClass("reset before headers", [.reset], code: "upstream_unreachable", status: 502),
        FailureClass("closed before headers", [.close], code: "upstream_unreachable", status: 502),
        FailureClass(
            "429 with Retry-After",
            [.send(Answers.error("429 Too Many Requests", "rate_limit_exceeded", headers: "retry-after: 3600\r\n"))],
            code: "upstream_rate_limited", status: 429),
        FailureClass(
            "429 without Retry-After", [.send(Answers.error("429 Too Many Requests", "rate_limit_exceeded"))],
            code: "upstream_rate_limited", status: 429),
        FailureClass("500", [.send(Answers.error("500 Oops", "server_error"))], code: "upstream_failed", status: 502),
        FailureClass("503", [.send(Answers.error("503 Busy", "server_error"))], code: "upstream_failed", status: 502),
        FailureClass(
            "401", [.send(Answers.error("401 Unauthorized", "invalid_api_key"))], code: "upstream_authentication",
            status: 502),
        FailureClass("slow headers", [.stay], code: "upstream_timeout", status: 504),
        FailureClass(
            "slow first token",
            [.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\ncontent-type: application/json\r\n\r\n")],
            stream: [.send(Answers.streamHead + Answers.role)], code: "upstream_timeout", status: 504),
        FailureClass(
            "stall", [.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\ncontent-type: application/json\r\n\r\n{\"id\"")],
            stream: begun, code: "upstream_timeout", status: 504, isMidStream: true),
        FailureClass(
            "cut",
            [.send("HTTP/1.1 200 OK\r\ncontent-length: 99\r\ncontent-type: application/json\r\n\r\n{\"id\""), .close],
            stream: begun + [.close], code: "upstream_interrupted", status: 502, isMidStream: true),
        FailureClass(
            "ends without its last event",
            [.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"id\""), .close],
            stream: begun + [.send(Answers.last)], code: "upstream_interrupted", status: 502, isMidStream: true),
        FailureClass(
            "malformed", [.send(Answers.json("{\"choices\": oops"))], stream: begun + [.send(Answers.event("{oops"))],
            code: "upstream_malformed", status: 502, isMidStream: true),
        FailureClass(
            "error after 200", [.send(Answers.json(#"{"error":{"message":"No.","type":"server_error","code":null}}"#))],
            stream: [
                .send(
                    Answers.streamHead + Answers.role
                        + Answers.event(#"{"error":{"message":"No.","type":"server_error"}}"#) + Answers.last)
            ],
            code: "upstream_failed", status: 502),
        FailureClass(
            "empty 200", [.send(Answers.json(""))], stream: [.send(Answers.streamHead + Answers.last)], code: "",
            status: 502),
        FailureClass(
            "wrong content type",
            [.send("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<html></html>")],
            code: "upstream_malformed", status: 502),
        FailureClass(
            "truncated gzip",
            [
                .send(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: 12\r\n\r\n"
                ), .bytes([31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 171, 86]),
            ],
            stream: [
                .send(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: gzip\r\ncontent-length: 12\r\n\r\n"
                ), .bytes([31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 171, 86]),
            ],
            code: "", status: 502),
        FailureClass(
            "no HTTP", [.send("hello\r\n\r\n")], code: "upstream_malformed", status: 502),
    ]
}

@Suite("Failure classes", .serialized)
struct FailureClassTests {
    private func add(
        _ setup: inout GatewaySetup, _ id: String, port: Int, weight: Int, guarded: AttemptFailure.Guard? = nil
    ) {
        setup.add(id, port: port) { declaration in
            declaration.weight = weight
            // Only the guard under test is short: on a busy machine the others must not be first.
            let short = Duration.milliseconds(200)
            switch guarded {
            case .head: declaration.headTimeout = short
            case .firstToken: declaration.firstTokenTimeout = short
            case .stall: declaration.stallTimeout = short
            default: break
            }
        }
    }

    @Test(
        "Another target answers, and the client sees nothing of the failure", arguments: FailureClass.all,
        [false, true])
    func fallsOver(failure: FailureClass, isStream: Bool) async throws {
        if isStream, failure.isMidStream { return }
        let bad = try await ScriptedUpstream { _, _ in isStream ? failure.stream : failure.whole }
        let good = try await ScriptedUpstream { _, _ in [.send(isStream ? Answers.stream() : Answers.chat())] }
        try await TestGateway.run {
            add(&$0, "bad", port: bad.port, weight: 1, guarded: failure.guarded(isStream: isStream))
            add(&$0, "good", port: good.port, weight: 0)
        } _: { gateway in
            let reply = try await gateway.post(TestGateway.chat(stream: isStream))
            #expect(reply.status == 200, "\(reply)")
            #expect(reply.isComplete)
            #expect(reply.headers["x-pawang-target"] == "good")
            #expect(reply.headers["x-pawang-attempts"] == "2")
            #expect(reply.body.contains(isStream ? #""content":"lo""# : #""content":"Hello""#))
            #expect(!reply.body.contains("usage") || !isStream, "usage that was not asked for")
            let entries = try gateway.entries()
            #expect(entries.map(\.attempt) == [1, 2], "\(entries)")
            #expect(entries.last?.costNanoUSD == 20)
            #expect(entries.last?.basis == .exact)
            #expect(entries.first?.failure != nil)
        }
        #expect(bad.requests.count == 1)
        try await bad.stop()
        try await good.stop()
    }

    @Test(
        "Without another target the client is told, and the ledger knows", arguments: FailureClass.all, [false, true])
    func isTold(failure: FailureClass, isStream: Bool) async throws {
        let bad = try await ScriptedUpstream { _, _ in isStream ? failure.stream : failure.whole }
        try await TestGateway.run {
            add(&$0, "bad", port: bad.port, weight: 1, guarded: failure.guarded(isStream: isStream))
            $0.route.retries.attempts = 1
        } _: { gateway in
            let request = gateway.request(TestGateway.chat(stream: isStream))
            let reply = Reply(
                try await RawClient.send([request], port: gateway.port) { text in
                    if text.contains("Par") { bad.release() }
                    return false
                })
            if isStream, failure.isMidStream {
                #expect(reply.status == 200)
                #expect(reply.body.contains(#""content":"Par""#))
                #expect(reply.body.contains(#"data: {"error":{"message""#), "\(reply)")
                #expect(!reply.body.contains("[DONE]"))
            } else {
                #expect(reply.status == failure.status, "\(reply)")
                #expect(reply.body.hasPrefix(#"{"error":{"message""#))
            }
            #expect(reply.isComplete)
            #expect(reply.body.contains(failure.code), "\(reply.body)")
            let entries = try gateway.entries()
            #expect(entries.count == 1)
            #expect(entries.first?.failure != nil)
            #expect(gateway.ledger.health.open == 0)
        }
        try await bad.stop()
    }

    @Test("A refused connection costs nothing and has no entry")
    func connectionRefused() async throws {
        let port = try await ScriptedUpstream.closedPort()
        let good = try await ScriptedUpstream { _, _ in [.send(Answers.chat())] }
        try await TestGateway.run {
            add(&$0, "bad", port: port, weight: 1)
            add(&$0, "good", port: good.port, weight: 0)
        } _: { gateway in
            let reply = try await gateway.post(TestGateway.chat())
            #expect(reply.status == 200)
            #expect(reply.headers["x-pawang-attempts"] == "2")
            #expect(try gateway.entries().map(\.attempt) == [2])
        }
        try await good.stop()
    }

    @Test("One of two keys that is refused is followed by the other")
    func secondKey() async throws {
        let upstream = try await ScriptedUpstream { _, request in
            request.contains("Bearer one")
                ? [.send(Answers.error("401 Unauthorized", "invalid_api_key"))] : [.send(Answers.chat())]
        }
        try await TestGateway.run {
            $0.add("target", port: upstream.port, keys: ["one", "two"])
        } _: { gateway in
            let first = try await gateway.post(TestGateway.chat())
            #expect(first.status == 200)
            #expect(try gateway.entries().map(\.costNanoUSD) == [0, 20])
            let second = try await gateway.post(TestGateway.chat())
            #expect(second.headers["x-pawang-attempts"] == "1")
        }
        try await upstream.stop()
    }

    @Test("An answer beyond the bound is given up, whether it says its length or not", arguments: [true, false])
    func oversized(saysLength: Bool) async throws {
        let body = String(repeating: "x", count: 5000)
        let answer =
            saysLength
            ? Answers.json(body)
            : "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n\(body)"
        let upstream = try await ScriptedUpstream { _, _ in [.send(answer), .close] }
        try await TestGateway.run {
            $0.add("target", port: upstream.port)
            $0.server.answerLimit = 1000
        } _: { gateway in
            let reply = try await gateway.post(TestGateway.chat())
            #expect(reply.status == 502)
            #expect(reply.body.contains("upstream_too_large"))
        }
        try await upstream.stop()
    }

    @Test(
        "A client that goes away ends the upstream call, which is billed by what was counted", arguments: [false, true])
    func clientDisconnects(isStream: Bool) async throws {
        let upstream = try await ScriptedUpstream { _, _ in
            isStream ? [.send(Answers.streamHead + Answers.role + Answers.delta("Hello there"))] : [.stay]
        }
        try await TestGateway.run {
            $0.add("target", port: upstream.port)
        } _: { gateway in
            if isStream {
                let text = try await RawClient.send(
                    [gateway.request(TestGateway.chat(stream: true))], port: gateway.port
                ) {
                    $0.contains("Hello there")
                }
                #expect(text.contains("200 OK"))
            } else {
                let pieces = [gateway.request(TestGateway.chat(more: #""max_tokens":7,"#))]
                try await RawClient.sendAndLeave(pieces, port: gateway.port) { upstream.requests.count == 1 }
            }
            while upstream.closed == 0 { await Task.yield() }
            while try gateway.entries().isEmpty { await Task.yield() }
            let entry = try #require(try gateway.entries().first)
            #expect(entry.basis == .estimated)
            #expect(entry.status == 499)
            #expect(entry.usage.output == (isStream ? 3 : 7), "\(entry.usage)")
            #expect(entry.failure == "client_closed_request")
        }
        try await upstream.stop()
    }
}

import Domain
import Gateway
import Testing

@testable import GatewayServer

@Suite("Model calls")
struct ModelCallTests {
    @Test("A request goes out with our key and the upstream's model, everything else as the client wrote it")
    func passesThrough() async throws {
        let upstream = try await ScriptedUpstream { _, _ in [.send(Answers.chat())] }
        try await TestGateway.run {
            $0.add("target", port: upstream.port)
        } _: { gateway in
            let body =
                #"{ "unknown" : [1.50, {"a":null}], "model": "fast", "max_tokens": 7, "messages":[{"role":"user","content":"\u00e9"}] }"#
            let reply = try await gateway.post(
                body,
                headers: [
                    "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "cookie: secret",
                    "openai-beta: assistants=v2", "x-forwarded-for: 10.0.0.1",
                ])
            #expect(reply.status == 200)
            #expect(reply.body == Answers.chat().split(separator: "\r\n\r\n").last.map(String.init))
            #expect(reply.headers["x-pawang-cost-nano-usd"] == "20")
            let request = try #require(upstream.requests.first)
            #expect(request.hasPrefix("POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:\(upstream.port)\r\n"))
            #expect(request.hasSuffix(body.replacing(#""fast""#, with: #""real-model""#)))
            #expect(request.contains("authorization: Bearer one\r\n"))
            #expect(request.contains("openai-beta: assistants=v2\r\n"))
            #expect(request.contains("traceparent: 00-0af7651916cd43dd8448eb211c80319c-"))
            for secret in [gateway.key, "cookie", "b7ad6b7169203331", "10.0.0.1"] { #expect(!request.contains(secret)) }
            let entry = try #require(try gateway.entries().first)
            #expect(entry.trace == "0af7651916cd43dd8448eb211c80319c")
            #expect(entry.parentSpan == "b7ad6b7169203331")
            #expect(entry.attribution.team == "core")
            #expect(entry.usage == TokenUsage(input: 10, output: 5))
            #expect(entry.responseModel == "real-model")
            #expect(entry.priceVersion == "test-1")
        }
        try await upstream.stop()
    }

    @Test("One line is logged for each request, without key or prompt")
    func logs() async throws {
        let upstream = try await ScriptedUpstream { _, _ in [.send(Answers.chat())] }
        let log = TestLog()
        try await TestGateway.run {
            $0.add("target", port: upstream.port)
        } _: { gateway in
            _ = try await gateway.post(TestGateway.chat())
            _ = try await RawClient.send(
                [
                    "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer wrong\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
                ],
                port: gateway.port)
            while gateway.log.text.split(separator: "\n").count < 2 { await Task.yield() }
            log.append(Array(gateway.log.text.utf8))
            #expect(!gateway.log.text.contains(gateway.key))
        }
        let lines = try log.text.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
        #expect(lines.count == 2)
        #expect(lines.first?["status"] == .int(200))
        #expect(lines.first?["cost_nano_usd"] == .int(20))
        #expect(lines.last?["failure"] == .string("invalid_api_key"))
        #expect(!log.text.contains("Hi"))
        #expect(!log.text.contains("wrong"))
        try await upstream.stop()
    }

    @Test("Usage is asked for in every stream, and shown to whom asked", arguments: [false, true])
    func streamUsage(isWanted: Bool) async throws {
        let upstream = try await ScriptedUpstream { _, _ in [.send(Answers.stream())] }
        try await TestGateway.run {
            $0.add("target", port: upstream.port)
        } _: { gateway in
            let options = #""stream_options":{"include_usage":true},"#
            let reply = try await gateway.post(TestGateway.chat(stream: true, more: isWanted ? options : ""))
            #expect(reply.body.contains("prompt_tokens") == isWanted)
            #expect(reply.body.hasSuffix("data: [DONE]\n\n"))
            #expect(reply.headers["content-type"] == "text/event-stream; charset=utf-8")
            #expect(reply.headers["x-accel-buffering"] == "no")
            #expect(upstream.requests.first?.contains(#""include_usage":true"#) == true)
            let entry = try #require(try gateway.entries().first)
            #expect(entry.costNanoUSD == 20)
            #expect(entry.basis == .exact)
            #expect(entry.timeToFirstToken != nil)
            #expect(entry.finishReason == "stop")
        }
        try await upstream.stop()
    }

    @Test("A budget that is used up refuses the call before any upstream hears of it")
    func budget() async throws {
        let upstream = try await ScriptedUpstream { _, _ in [.send(Answers.chat())] }
        try await TestGateway.run {
            $0.add("target", port: upstream.port)
            $0.budgets = [
                BudgetRule(
                    name: "team core, per day", scope: BudgetScope(.team, "core"), window: .day, limitNanoUSD: 60,
                    owner: "ana@example.org")
            ]
        } _: { gateway in
            let first = try await gateway.post(TestGateway.chat(more: #""max_tokens":5,"#))
            #expect(first.status == 200)
            let second = try await gateway.post(TestGateway.chat(more: #""max_tokens":50,"#))
            #expect(second.status == 429)
            #expect(second.headers["x-should-retry"] == "false")
            #expect(second.body.contains("team core, per day"))
            #expect(second.body.contains("ana@example.org"))
            #expect(try gateway.entries().count == 1)
        }
        #expect(upstream.requests.count == 1)
        try await upstream.stop()
    }

    @Test("A stream that outgrows its reservation is cut where the budget ends")
    func cut() async throws {
        let words = (0..<200).map { "word\($0) and some more text to be counted as tokens" }
        let upstream = try await ScriptedUpstream { _, _ in
            [.send(Answers.streamHead + Answers.role + Answers.delta("first")), .gate]
                + words.map { .send(Answers.delta($0)) } + [.stay]
        }
        try await TestGateway.run {
            $0.add("target", port: upstream.port)
            $0.budgets = [
                BudgetRule(name: "all", scope: BudgetScope(.global), window: .total, limitNanoUSD: 150)
            ]
        } _: { gateway in
            let request = gateway.request(TestGateway.chat(stream: true, more: #""max_tokens":20,"#))
            let reply = Reply(
                try await RawClient.send([request], port: gateway.port) { text in
                    if text.contains("first") { upstream.release() }
                    return false
                })
            #expect(reply.status == 200)
            #expect(reply.isComplete)
            #expect(reply.body.contains(#""finish_reason":"length""#), "\(reply.body.suffix(600))")
            #expect(reply.body.contains("budget_exceeded"))
            #expect(!reply.body.contains("[DONE]"))
            let entry = try #require(try gateway.entries().first)
            #expect(entry.failure == "budget_exceeded")
            #expect(entry.basis == .estimated)
            while upstream.closed == 0 { await Task.yield() }
        }
        try await upstream.stop()
    }

    @Test("A request that is sent again by its name gets the first one's answer")
    func idempotency() async throws {
        let upstream = try await ScriptedUpstream { number, _ in [.send(Answers.chat("answer \(number)"))] }
        try await TestGateway.run {
            $0.add("target", port: upstream.port)
        } _: { gateway in
            let first = try await gateway.post(TestGateway.chat(), headers: ["idempotency-key: a"])
            let again = try await gateway.post(TestGateway.chat(), headers: ["idempotency-key: a"])
            #expect(again.body == first.body)
            #expect(again.headers["x-pawang-cache"] == "replay")
            let other = try await gateway.post(TestGateway.chat(more: #""seed":1,"#), headers: ["idempotency-key: a"])
            #expect(other.status == 400)
            let new = try await gateway.post(TestGateway.chat(), headers: ["idempotency-key: b"])
            #expect(new.body.contains("answer 2"))
            #expect(try gateway.entries().count == 2)
        }
        try await upstream.stop()
    }

    @Test("The same request at the same time waits for the first one's answer")
    func joins() async throws {
        let upstream = try await ScriptedUpstream { number, _ in [.gate, .send(Answers.chat("answer \(number)"))] }
        try await TestGateway.run {
            $0.add("target", port: upstream.port)
        } _: { gateway in
            async let first = gateway.post(TestGateway.chat(), headers: ["idempotency-key: a"])
            while upstream.requests.isEmpty { await Task.yield() }
            async let second = gateway.post(
                TestGateway.chat(), headers: ["idempotency-key: a", "x-stainless-retry-count: 1"])
            upstream.release()
            let bodies = [try await first.body, try await second.body]
            #expect(bodies[0] == bodies[1])
        }
        #expect(upstream.requests.count == 1)
        try await upstream.stop()
    }

    @Test("The exact cache answers again, as it did the first time", arguments: [false, true])
    func cache(isStream: Bool) async throws {
        let upstream = try await ScriptedUpstream { _, _ in [.send(isStream ? Answers.stream() : Answers.chat())] }
        try await TestGateway.run {
            $0.add("target", port: upstream.port)
            $0.route.cache = CacheSettings()
            $0.cache = AnswerCache()
        } _: { gateway in
            let first = try await gateway.post(TestGateway.chat(stream: isStream))
            let again = try await gateway.post(TestGateway.chat(stream: isStream))
            #expect(again.status == 200)
            #expect(again.body == first.body)
            #expect(again.isComplete)
            #expect(again.headers["x-pawang-cache"] == "hit")
            #expect(again.headers["content-type"] == first.headers["content-type"])
            let entries = try gateway.entries()
            #expect(entries.filter(\.isCacheHit).map(\.costNanoUSD) == [0])
            #expect(entries.count == 2)
        }
        #expect(upstream.requests.count == 1)
        try await upstream.stop()
    }

    @Test("A client of one dialect is answered by an upstream of the other")
    func translates() async throws {
        let upstream = try await ScriptedUpstream { _, _ in [.send(Answers.json(Answers.message))] }
        try await TestGateway.run {
            $0.add("target", port: upstream.port, dialect: .anthropic, model: "claude")
        } _: { gateway in
            let reply = try await gateway.post(TestGateway.chat(more: #""seed":1,"#))
            #expect(reply.status == 200, "\(reply)")
            let body = try JSONValue(parsing: reply.body)
            #expect(body["choices"]?.array?.first?["message"]?["content"] == .string("Hello"))
            #expect(body["usage"]?["prompt_tokens"] == .int(10))
            #expect(reply.headers["x-pawang-lost"] == "seed")
            #expect(upstream.requests.first?.hasPrefix("POST /v1/messages HTTP/1.1") == true)
            #expect(upstream.requests.first?.contains("anthropic-version: 2023-06-01\r\n") == true)
            let entry = try #require(try gateway.entries().first)
            #expect(entry.operation == "chat")
            #expect(entry.usage == TokenUsage(input: 10, output: 5))
        }
        try await upstream.stop()
    }

    @Test("Owners named by the client count only where the key lets them")
    func delegation() async throws {
        let upstream = try await ScriptedUpstream { _, _ in [.send(Answers.chat())] }
        try await TestGateway.run {
            $0.add("target", port: upstream.port)
            $0.key.delegates = [.service]
        } _: { gateway in
            let body = TestGateway.chat(
                more: #""user":"u1","metadata":{"service":"web","team":"evil","session_id":"s1"},"#)
            _ = try await gateway.post(body, headers: ["x-pawang-team: evil"])
            let entry = try #require(try gateway.entries().first)
            #expect(entry.attribution.team == "core")
            #expect(entry.attribution.service == "web")
            #expect(entry.attribution.user == "u1")
            #expect(entry.attribution.session == "s1")
        }
        try await upstream.stop()
    }

    @Test("The client's own time-out is the call's deadline")
    func deadline() async throws {
        let upstream = try await ScriptedUpstream { _, _ in [.stay] }
        try await TestGateway.run {
            $0.add("target", port: upstream.port)
        } _: { gateway in
            let reply = try await gateway.post(TestGateway.chat(), headers: ["x-request-timeout-ms: 100"])
            #expect(reply.status == 504)
            #expect(reply.body.contains("deadline_exceeded"))
            #expect(try gateway.entries().first?.basis == .estimated)
        }
        try await upstream.stop()
    }

    @Test("A count of tokens that no target can give is our own estimate, and costs nothing")
    func countTokens() async throws {
        let upstream = try await ScriptedUpstream { _, _ in [.stay] }
        try await TestGateway.run {
            $0.add("target", port: upstream.port)
        } _: { gateway in
            let reply = try await gateway.post(TestGateway.chat(), path: "/v1/messages/count_tokens")
            #expect(reply.status == 200)
            #expect(reply.headers["x-pawang-estimated"] == "true")
            #expect(try JSONValue(parsing: reply.body)["input_tokens"]?.int ?? 0 > 0)
            #expect(gateway.ledger.health.open == 0)
        }
        #expect(upstream.requests.isEmpty)
        try await upstream.stop()
    }

    @Test("A kept connection that the upstream has closed is not the client's problem")
    func staleConnection() async throws {
        let upstream = try await ScriptedUpstream { number, _ in
            // The second request meets a connection that ends instead of answering.
            number == 2 ? [.close] : [.send(Answers.chat("answer \(number)"))]
        }
        try await TestGateway.run {
            $0.add("target", port: upstream.port)
            // Nobody can know whether the upstream took the request, so sending it again is an attempt of its own.
            $0.route.retries.attempts = 2
        } _: { gateway in
            _ = try await gateway.post(TestGateway.chat())
            let reply = try await gateway.post(TestGateway.chat())
            #expect(reply.status == 200)
            #expect(reply.body.contains("answer 3"))
            // It cannot be known whether the upstream took the second request, so that is kept as an estimate.
            let entries = try gateway.entries()
            #expect(entries.count == 3)
            #expect(entries.filter { $0.basis == .estimated }.map(\.failure) == ["upstream_unreachable"])
        }
        try await upstream.stop()
    }

    @Test("With `drain`, an answer is read to its end after its client has gone, for its exact usage")
    func drains() async throws {
        let upstream = try await ScriptedUpstream { _, _ in
            [.send(Answers.streamHead + Answers.role + Answers.delta("Par")), .gate]
                + [.send(Answers.delta("tial") + Answers.finish + Answers.usage + Answers.done + Answers.last)]
        }
        try await TestGateway.run {
            $0.add("target", port: upstream.port)
            $0.route.onDisconnect = .drain
        } _: { gateway in
            _ = try await RawClient.send([gateway.request(TestGateway.chat(stream: true))], port: gateway.port) {
                $0.contains("Par")
            }
            upstream.release()
            while try gateway.entries().isEmpty { await Task.yield() }
            let entry = try #require(try gateway.entries().first)
            #expect(entry.basis == .exact)
            #expect(entry.costNanoUSD == 20)
            #expect(entry.status == 499)
        }
        try await upstream.stop()
    }
}

import Gateway
import Testing

@testable import GatewayServer

@Suite("Starting and stopping")
struct GatewayServerTests {
    @Test("A stopping server lets a stream end")
    func streamEnds() async throws {
        let upstream = try await ScriptedUpstream { _, _ in
            [.send(Answers.streamHead + Answers.role + Answers.delta("Par")), .gate]
                + [.send(Answers.delta("tial") + Answers.finish + Answers.usage + Answers.done + Answers.last)]
        }
        try await TestGateway.run {
            $0.add("target", port: upstream.port)
        } _: { gateway in
            let reply = Reply(
                try await RawClient.send(
                    [gateway.request(TestGateway.chat(stream: true), closes: false)], port: gateway.port
                ) { text in
                    if text.contains("Par"), !text.contains("tial") {
                        gateway.stop()
                        upstream.release()
                    }
                    return false
                })
            #expect(reply.isComplete)
            #expect(reply.body.hasSuffix("data: [DONE]\n\n"))
        }
        try await upstream.stop()
    }

    @Test("What does not end in time is ended with an error, and settled")
    func drainEnds() async throws {
        let upstream = try await ScriptedUpstream { _, _ in
            [.send(Answers.streamHead + Answers.role + Answers.delta("Par")), .stay]
        }
        try await TestGateway.run {
            $0.add("target", port: upstream.port)
            $0.server.drain = .milliseconds(50)
        } _: { gateway in
            let reply = Reply(
                try await RawClient.send([gateway.request(TestGateway.chat(stream: true))], port: gateway.port) {
                    text in
                    if text.contains("Par") { gateway.stop() }
                    return false
                })
            #expect(reply.body.contains("gateway_stopping"))
            let entry = try #require(try gateway.entries().first)
            #expect(entry.basis == .estimated)
            #expect(gateway.ledger.health.open == 0)
        }
        try await upstream.stop()
    }
}

import Domain
import Foundation
import Providers
import Testing

/// What a hostile upstream does, and what the caller must learn from it.
@Suite("Failure classes of an upstream")
struct FailureClassTests {
    private static let chunk =
        #"data: {"id":"c","model":"g","choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}"# + "\n\n"

    private static func limits(firstByte: Duration = .seconds(20), stall: Duration = .seconds(20)) -> ExchangeLimits {
        var limits = ExchangeLimits()
        limits.firstByte = firstByte
        limits.stall = stall
        return limits
    }

    /// Sends one chat to a script and returns the failure and what was streamed before it.
    private func outcome(
        _ actions: [ScriptedServer.Action], isStreaming: Bool = false, limits: ExchangeLimits = limits(),
        timeout: Duration = .seconds(20)
    ) async throws -> (failure: ProviderFailure?, texts: [String]) {
        try await withProvider(limits: limits, script: { _, _ in actions }) { client, server in
            let collector = Collector()
            let request = ModelRequest.chat(server.base, timeout: timeout)
            var onText: (@Sendable (String) -> Void)?
            if isStreaming { onText = { collector.take($0) } }
            let listener = onText
            let found = await failure(of: { _ = try await client.send(request, onText: listener) })
            #expect(found?.description.contains("sk-very-secret-1234") != true)
            return (found, collector.all)
        }
    }

    @Test("A refused connection")
    func refused() async throws {
        try await withProvider(script: { _, _ in [] }) { client, server in
            let base = server.base
            await server.stop()
            let found = await failure(of: { _ = try await client.send(.chat(base)) })
            #expect(found?.kind == .connect)
            #expect(found?.message.contains("refused") == true)
        }
    }

    @Test("An unknown host")
    func unknownHost() async throws {
        try await withProvider(script: { _, _ in [] }) { client, _ in
            let found = await failure(of: { _ = try await client.send(.chat("http://no-such-host.invalid")) })
            #expect(found?.kind == .connect)
        }
    }

    @Test("Another protocol than HTTPS where TLS is asked for")
    func noTLS() async throws {
        try await withProvider(script: { _, _ in [.answer("{}")] }) { client, server in
            let base = server.base.replacingOccurrences(of: "http:", with: "https:")
            let found = await failure(of: { _ = try await client.send(.chat(base, timeout: .seconds(5))) })
            #expect(found?.kind == .connect || found?.kind == .timeout)
        }
    }

    @Test("A reset before any header, and an orderly end before any header")
    func resetBeforeHeaders() async throws {
        #expect(try await outcome([.reset]).failure?.kind == .interrupted)
        #expect(try await outcome([.close]).failure?.kind == .interrupted)
    }

    @Test("429 with Retry-After in seconds, in milliseconds, as a date, and without")
    func rateLimited() async throws {
        let body =
            #"{"error":{"message":"slow down sk-very-secret-1234","type":"requests","code":"rate_limit_exceeded"}}"#
        func found(_ headers: String) async throws -> ProviderFailure? {
            try await outcome([.answer(body, status: "429 Too Many Requests", headers: headers)]).failure
        }
        let seconds = try await found("retry-after: 7\r\n")
        #expect(seconds?.kind == .rateLimited)
        #expect(seconds?.status == 429)
        #expect(seconds?.retryAfter == .seconds(7))
        #expect(seconds?.message.contains("slow down") == true)
        #expect(try await found("retry-after: 7\r\nretry-after-ms: 250\r\n")?.retryAfter == .milliseconds(250))
        #expect(try await found("retry-after: Sun, 22 Nov 2026 12:00:30 GMT\r\n")?.retryAfter == .seconds(30))
        #expect(try await found("retry-after: -1\r\n")?.retryAfter == nil)
        #expect(try await found("")?.retryAfter == nil)
    }

    @Test("429 for a used-up quota is told apart")
    func quota() async throws {
        let body =
            #"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#
        #expect(try await outcome([.answer(body, status: "429 X")]).failure?.kind == .quotaExceeded)
    }

    @Test(
        "Each error status has its kind, and the message holds status and the provider's words",
        arguments: [
            ("400 Bad Request", ProviderFailure.Kind.badRequest), ("401 Unauthorized", .authentication),
            ("403 Forbidden", .authentication), ("404 Not Found", .badRequest),
            ("402 Payment Required", .quotaExceeded),
            ("408 Request Timeout", .timeout), ("422 Unprocessable", .unprocessable), ("500 Internal", .server),
            ("503 Unavailable", .server), ("529 Overloaded", .server), ("302 Found", .misconfigured),
        ])
    func statuses(status: String, kind: ProviderFailure.Kind) async throws {
        for isStreaming in [false, true] {
            let body = #"{"error":{"message":"the reason is plain","type":"t"}}"#
            let found = try await outcome([.answer(body, status: status)], isStreaming: isStreaming).failure
            #expect(found?.kind == kind)
            #expect(found?.message.contains("HTTP \(status.prefix(3))") == true)
            #expect(found?.message.contains("the reason is plain") == true)
        }
    }

    @Test("A provider's long message is cut, and keys in it are hidden, also starred-out ones")
    func longMessage() async throws {
        let long = String(repeating: "word ", count: 500)
        let body =
            #"{"error":{"message":"Incorrect API key provided: sk-abc***wxyz or sk-very-secret-1234. \#(long)"}}"#
        let message = try await outcome([.answer(body, status: "401 X")]).failure?.message ?? ""
        #expect(message.count < 450)
        #expect(!message.contains("sk-abc") && !message.contains("wxyz") && !message.contains("very-secret"))
    }

    @Test("Slow headers: the whole time is the bound for an answer at once, the first byte's for a stream")
    func slowHeaders() async throws {
        let whole = try await outcome([.hang], timeout: .milliseconds(200)).failure
        #expect(whole?.kind == .timeout)
        #expect(whole?.message.contains("0.2 s") == true)
        let stream = try await outcome([.hang], isStreaming: true, limits: Self.limits(firstByte: .milliseconds(150)))
            .failure
        #expect(stream?.kind == .timeout)
        #expect(stream?.message.contains("begin") == true)
    }

    @Test("A slow first token and a stall in the middle end in a timeout that says so")
    func stalls() async throws {
        let first = try await outcome(
            [.head(), .hang], isStreaming: true, limits: Self.limits(stall: .milliseconds(150)))
        #expect(first.failure?.kind == .timeout)
        let middle = try await outcome(
            [.head(), .text(Self.chunk), .hang], isStreaming: true, limits: Self.limits(stall: .milliseconds(500)))
        #expect(middle.failure?.kind == .timeout)
        #expect(middle.failure?.message.contains("stopped") == true)
        #expect(middle.texts == ["Hel"])
    }

    @Test("A stream cut in the middle, by an end, by a reset, or inside an event, is interrupted")
    func cuts() async throws {
        let ends: [[ScriptedServer.Action]] = [[.close], [.reset], [.text("data: {\"id\":"), .close]]
        for end in ends {
            let found = try await outcome([.head(), .text(Self.chunk)] + end, isStreaming: true)
            #expect(found.failure?.kind == .interrupted)
        }
    }

    @Test("[DONE] without a finish reason is a cut stream; a finish reason without [DONE] is whole")
    func ends() async throws {
        let done = try await outcome([.head(), .text(Self.chunk + "data: [DONE]\n\n"), .close], isStreaming: true)
        #expect(done.failure?.kind == .interrupted)
        let finish = #"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"# + "\n\n"
        #expect(try await outcome([.head(), .text(Self.chunk + finish), .close], isStreaming: true).failure == nil)
    }

    @Test("A malformed event and an event that is no object")
    func malformedEvents() async throws {
        for event in ["data: {nope\n\n", "data: 3\n\n"] {
            let found = try await outcome([.head(), .text(Self.chunk + event), .close], isStreaming: true)
            #expect(found.failure?.kind == .malformed)
        }
    }

    @Test("An error event after 200, in a stream and in a body")
    func errorAfter200() async throws {
        let event = #"data: {"error":{"message":"boom","type":"server_error","code":null}}"# + "\n\n"
        let stream = try await outcome([.head(), .text(Self.chunk + event), .close], isStreaming: true)
        #expect(stream.failure?.kind == .server)
        #expect(stream.failure?.message.contains("boom") == true)
        #expect(stream.failure?.status == 200)
        let body = try await outcome([.answer(#"{"error":{"message":"boom","code":429}}"#)])
        #expect(body.failure?.kind == .rateLimited)
    }

    @Test("An empty 200, with and without a stream, and an answer without choices")
    func empty() async throws {
        #expect(try await outcome([.answer("")]).failure?.kind == .malformed)
        #expect(try await outcome([.head(), .close], isStreaming: true).failure?.kind == .interrupted)
        #expect(
            try await outcome([.head(), .text("data: [DONE]\n\n"), .close], isStreaming: true).failure?.kind
                == .malformed)
        #expect(try await outcome([.answer(#"{"choices":[]}"#)]).failure?.kind == .malformed)
    }

    @Test("A wrong content type is named", arguments: [false, true])
    func wrongType(isStreaming: Bool) async throws {
        let found = try await outcome([.answer("<html>Login</html>", type: "text/html")], isStreaming: isStreaming)
            .failure
        #expect(found?.kind == .malformed)
        #expect(found?.message.contains("text/html") == true)
    }

    @Test("A body above the limit, declared or not, is refused without being kept")
    func oversized() async throws {
        var limits = Self.limits()
        limits.maximumBodyBytes = 1 << 20
        let large = String(repeating: "x", count: (1 << 20) + 1)
        #expect(try await outcome([.answer(large)], limits: limits).failure?.kind == .tooLarge)
        #expect(
            try await outcome([.head("application/json"), .text(large), .close], limits: limits).failure?.kind
                == .tooLarge)
    }

    @Test("A Content-Length that promises too much breaks off; one that promises too little leaves no JSON")
    func lies() async throws {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
        let many = try await outcome([.text(head + "500\r\n\r\n{\"choices\":["), .close]).failure
        #expect(many?.kind == .interrupted)
        let few = try await outcome([.text(head + "5\r\n\r\n{\"choices\":[{}]}"), .close]).failure
        #expect(few?.kind == .malformed || few?.kind == .interrupted)
    }

    @Test("A whole gzip body is read; a truncated one and a damaged one are malformed")
    func gzip() async throws {
        // gzip of {"choices":[{"index":0,"message":{"content":"zip"},"finish_reason":"stop"}]}
        let whole = try #require(Data(base64Encoded: Self.zipped)).map { $0 }
        #expect(try await outcome([.answer(whole, headers: "content-encoding: gzip\r\n")]).failure == nil)
        let cut = try await outcome([.answer(Array(whole.dropLast(20)), headers: "content-encoding: gzip\r\n")]).failure
        #expect(cut?.kind == .malformed)
        var damaged = whole
        for place in 12..<20 { damaged[place] ^= 0xFF }
        let broken = try await outcome([.answer(damaged, headers: "content-encoding: gzip\r\n")]).failure
        #expect(broken?.kind == .malformed)
    }

    @Test("Something that is not HTTP is malformed")
    func notHTTP() async throws {
        #expect(try await outcome([.text("SSH-2.0-OpenSSH_9.2\r\n\r\n"), .close]).failure?.kind == .malformed)
    }

    @Test("A caller that gives up gets `canceled`, and the upstream sees the connection end")
    func canceled() async throws {
        let began = AsyncStream.makeStream(of: Void.self)
        try await withProvider(script: { _, _ in
            began.continuation.yield()
            return [.head(), .text(Self.chunk), .hang]
        }) { client, server in
            let task = Task {
                await failure(of: { _ = try await client.send(.chat(server.base)) { _ in } })
            }
            for await _ in began.stream { break }
            task.cancel()
            #expect(await task.value?.kind == .canceled)
        }
    }

    private static let zipped =
        "H4sIAAAAAAACAw3IMQ6AIAwF0Lv8mcG5VzHGkFqlA62xDEbC3eWNr4OLK0uA1g61Q17QklAlIl8C6mC3JtZA+PTGSDjVNMr+SA632dF8/jZ+MuX1K0wAAAA="
}

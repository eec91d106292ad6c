import Domain
import Gateway
import Testing

@testable import GatewayServer

@Suite("Flows as models")
struct FlowModelTests {
    static func user(_ text: String) -> JSONValue { ["role": "user", "content": .string(text)] }

    @Test("A chat flow gets the last question and the turns before it in prompt flow's form")
    func chatHistory() async throws {
        let bench = try FlowBench()
        let sent = await bench.chat([
            "model": "flow/chat",
            "messages": [
                ["role": "system", "content": "be nice"], Self.user("one"), ["role": "assistant", "content": "uno"],
                Self.user("two"), ["role": "assistant", "content": "dos"],
                ["role": "user", "content": [["type": "text", "text": "three"], ["type": "text", "text": "four"]]],
            ],
        ])
        #expect(sent.status == 200)
        let answer = try #require(sent.json)
        #expect(answer["model"] == "flow/chat")
        #expect(answer["object"] == "chat.completion")
        #expect(answer["choices"]?.array?.first?["message"]?["content"]?.string?.contains("three") == true)
        #expect(answer["usage"]?["total_tokens"] == 15)
        #expect(sent.header("x-pawang-lost") == "system messages")
        #expect(sent.header("x-pawang-cost-nano-usd") == "30")
        let history = try FlowConversation(
            body: JSONValue.object([
                "messages": [
                    Self.user("one"), ["role": "assistant", "content": "uno"], Self.user("left open"), Self.user("two"),
                ]
            ]).bytes(), interface: TwinFlow.chat.interface
        ).inputs
        #expect(
            history == [
                "question": "two",
                "history": [
                    ["inputs": ["question": "one"], "outputs": ["answer": "uno"]],
                    ["inputs": ["question": "left open"], "outputs": ["answer": ""]],
                ],
            ])
    }

    @Test("A stream has one head, the text of the answer's node only, its usage if asked, and its end mark")
    func stream() async throws {
        let bench = try FlowBench()
        let sent = await bench.chat([
            "messages": [Self.user("one two")], "stream": true, "stream_options": ["include_usage": true],
        ])
        #expect(sent.headCount == 1)
        #expect(sent.header("content-type") == "text/event-stream; charset=utf-8")
        #expect(sent.events.last == "[DONE]")
        let chunks = try sent.events.dropLast().map { try JSONValue(parsing: $0) }
        let texts = chunks.compactMap { $0["choices"]?.array?.first?["delta"]?["content"]?.string }
        #expect(texts == ["", "one ", "two "])
        #expect(chunks.count { $0["choices"]?.array?.first?["finish_reason"]?.string == "stop" } == 1)
        #expect(chunks.last?["choices"] == [])
        #expect(chunks.last?["usage"]?["completion_tokens"] == 5)
        #expect(chunks.allSatisfy { $0["object"] == "chat.completion.chunk" })
    }

    @Test("A flow that cannot stream is streamed as one piece")
    func onePiece() async throws {
        let bench = try FlowBench()
        let sent = await bench.chat(["messages": [Self.user("hi")], "stream": true], model: "plain")
        let texts = try sent.events.dropLast().map { try JSONValue(parsing: $0) }.compactMap {
            $0["choices"]?.array?.first?["delta"]?["content"]?.string
        }
        #expect(texts == ["", "hi-2"])
    }

    @Test("Any other flow gets the text as its only text input, and the rest from flow_inputs")
    func plainFlow() async throws {
        let bench = try FlowBench()
        let sent = await bench.chat(
            ["messages": [Self.user("hi")], "flow_inputs": ["count": 9]], model: "plain")
        #expect(sent.json?["choices"]?.array?.first?["message"]?["content"] == "hi-9")
    }

    @Test(
        "What is wrong with a request is said, and nothing is spent",
        arguments: [
            "[]", "{", #"{"messages":[]}"#, #"{"messages":[{"role":"assistant","content":"x"}]}"#,
            #"{"messages":[{"role":"user","content":"x"}],"n":2}"#,
            #"{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}"#,
            #"{"messages":[{"role":"user","content":"x"}],"flow_inputs":[]}"#,
            #"{"messages":[{"role":"user","content":5}]}"#,
        ])
    func badRequests(body: String) async throws {
        let bench = try FlowBench()
        let sent = Sent()
        let call = FlowCall(
            name: "chat", body: Array(body.utf8), key: bench.record, attribution: Attribution(key: bench.record.id),
            call: TraceIdentifier.trace(), trace: TraceIdentifier.trace(), span: TraceIdentifier.span(), start: 0)
        await bench.serving.answer(call) { sent.add($0) }
        #expect(sent.status == 400)
        #expect(sent.json?["error"]?["code"] == "invalid_request")
        #expect(try bench.entries().isEmpty)
    }

    @Test("A run is one entry in the ledger: reserved, and settled with what was spent")
    func ledgerEntry() async throws {
        let bench = try FlowBench()
        _ = await bench.chat(["messages": [Self.user("hi")], "stream": true])
        let entry = try #require(try bench.entries().first)
        #expect(try bench.entries().count == 1)
        #expect(entry.operation == "flow")
        #expect(entry.model == "flow/chat")
        #expect(entry.provider == "pawang")
        #expect(entry.costNanoUSD == 30)
        #expect(entry.reservedNanoUSD == 500_000_000)
        #expect(entry.basis == .exact)
        #expect(entry.usage.input == 10)
        #expect(entry.attribution.release == TwinFlow.chat.digest.description)
        #expect(entry.attribution.team == "payments")
        #expect(entry.isStream)
        #expect(bench.ledger.health.open == 0)
        let series = try #require(bench.traffic.snapshot(at: 0).attempts.first)
        #expect(series.labels.model == "flow/chat")
        #expect(series.firstToken.count == 1)
    }

    @Test("What a broken-off model call may have cost is settled as estimated")
    func estimated() async throws {
        let bench = try FlowBench(spent: 400)
        let sent = await bench.chat(["messages": [Self.user("down")]], model: "plain")
        #expect(sent.status == 500)
        let entry = try #require(try bench.entries().first)
        #expect(entry.basis == .estimated)
        #expect(entry.costNanoUSD == 400)
        #expect(entry.failure == "flow_failed")
    }

    @Test("A budget that the reservation does not fit in refuses the run before anything is spent")
    func budget() async throws {
        let rule = BudgetRule(
            name: "team payments, per day", scope: BudgetScope(.team, "payments"), window: .day, limitNanoUSD: 100)
        let bench = try FlowBench(budgets: [rule])
        let sent = await bench.chat(["messages": [Self.user("hi")]])
        #expect(sent.status == 429)
        #expect(sent.header("x-should-retry") == "false")
        #expect(sent.json?["error"]?["message"]?.string?.contains("team payments, per day") == true)
        #expect(try bench.entries().isEmpty)
        var settings = FlowServingSettings()
        settings.reservations = ["chat": 50]
        let smaller = try FlowBench(budgets: [rule], settings: settings)
        #expect(await smaller.chat(["messages": [Self.user("hi")]]).status == 200)
        #expect(try smaller.entries().first?.reservedNanoUSD == 50)
    }

    @Test("More calls than may run at the same time are refused with 503")
    func concurrency() async throws {
        var settings = FlowServingSettings()
        settings.callLimit = 0
        let bench = try FlowBench(settings: settings)
        let sent = await bench.chat(["messages": [Self.user("hi")]])
        #expect(sent.status == 503)
        #expect(sent.header("retry-after") == "1")
    }

    @Test("An unknown flow is a model that does not exist")
    func unknown() async throws {
        let sent = await (try FlowBench()).chat(["messages": [Self.user("hi")]], model: "nothing")
        #expect(sent.status == 404)
        #expect(sent.json?["error"]?["code"] == "model_not_found")
    }
}

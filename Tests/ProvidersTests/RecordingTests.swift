import Domain
import Foundation
import Testing

@testable import Providers

@Suite("Recording calls and answering from recordings")
struct RecordingTests {
    private func replay(_ path: String, body: JSONObject) -> ModelRequest {
        ModelRequest(
            operation: .chat, connection: Connection(name: "r", type: .replay, settings: ["path": path]), body: body)
    }

    private func body(_ text: String, temperature: Double = 0) -> JSONObject {
        ["model": "m", "temperature": .double(temperature), "messages": [["role": "user", "content": .string(text)]]]
    }

    private func provider() -> ProviderClient {
        ProviderClient(
            prices: SimplePrices(), servers: LocalServers(workspace: "/nowhere", environment: [:]), effects: .fixed)
    }

    @Test("What was recorded is answered again, without the key in the file, with the price the call would have had")
    func roundTrip() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/calls.jsonl"
        let recorder = try RecordingClient(
            FakeClient { (_, number, _) async throws(ProviderFailure) in .text("answer \(number)") }, path: path,
            effects: .fixed)
        _ = try await recorder.send(.chat("http://x", body: body("one")))
        _ = try await recorder.send(.chat("http://x", body: body("two")))
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(!text.contains("very-secret"))
        #expect(text.split(separator: "\n").count == 2)
        #expect(text.hasPrefix("{\"key\":\"sha256:"))
        let client = provider()
        let collector = Collector()
        let response = try await client.send(replay(path, body: body("two"))) { collector.take($0) }
        #expect(response.text == "answer 2")
        #expect(collector.all == ["answer 2"])
        #expect(response.isReplayed)
        #expect(response.provider == "openai")
        #expect(response.cost == .known(nanoUSD: 23))
        await client.shutDown()
    }

    @Test("Several recordings of one request are taken in order and begin again")
    func repetitions() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/calls.jsonl"
        let recorder = try RecordingClient(
            FakeClient { (_, number, _) async throws(ProviderFailure) in .text("\(number)") }, path: path,
            effects: .fixed)
        for _ in 0..<3 { _ = try await recorder.send(.chat("http://x", body: body("same"))) }
        let client = provider()
        var texts: [String?] = []
        for _ in 0..<4 { texts.append(try await client.send(replay(path, body: body("same"))).text) }
        #expect(texts == ["1", "2", "3", "1"])
        await client.shutDown()
    }

    @Test("A miss names the nearest recording's differences, briefly")
    func miss() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/calls.jsonl"
        let recorder = try RecordingClient(
            FakeClient { (_, _, _) async throws(ProviderFailure) in .text("x") }, path: path, effects: .fixed)
        let long = String(repeating: "lorem ", count: 100)
        for text in ["far away", long + "near"] { _ = try await recorder.send(.chat("http://x", body: body(text))) }
        let client = provider()
        let found = await failure(of: {
            _ = try await client.send(replay(path, body: body(long + "nearly", temperature: 0.5)))
        })
        #expect(found?.kind == .replayMiss)
        let message = found?.message ?? ""
        #expect(message.contains("`temperature` (0.5, recorded 0.0)"))
        #expect(message.contains("`messages[0].content` at character 604"))
        #expect(message.count < 400 + path.count)
        await client.shutDown()
    }

    @Test("Recordings of a local model cost nothing; of a model without a price their cost is unknown")
    func costs() async throws {
        let folder = try TemporaryFolder()
        func line(_ text: String, provider: String, model: String) -> String {
            let response = ModelResponse.text("x", model: model).body
            let value: JSONValue = [
                "request": ["operation": "chat", "body": .object(body(text))], "response": .object(response),
                "meta": ["provider": .string(provider), "model": .string(model)],
            ]
            return value.text()
        }
        let path = try folder.write(
            line("a", provider: "local", model: "unpriced") + "\n\n" + line("b", provider: "openai", model: "unpriced"),
            to: "hand.jsonl")
        let client = provider()
        #expect(try await client.send(replay(path, body: body("a"))).cost == .known(nanoUSD: 0))
        #expect(try await client.send(replay(path, body: body("b"))).cost == .unknown)
        await client.shutDown()
    }

    @Test("A line that is no recording is named by file and line, a missing file by its path")
    func badFiles() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("\n{\"nope\": 1}\n", to: "bad.jsonl")
        let client = provider()
        let bad = await failure(of: { _ = try await client.send(replay(path, body: body("a"))) })
        #expect(bad?.message.contains("bad.jsonl:2:") == true)
        let gone = await failure(of: { _ = try await client.send(replay("/no/file.jsonl", body: body("a"))) })
        #expect(gone?.kind == .misconfigured)
        #expect(gone?.message.contains("/no/file.jsonl") == true)
        await client.shutDown()
    }

    @Test("Many writers at once leave whole lines, and a file larger than a piece is read right")
    func manyWriters() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/calls.jsonl"
        let filler = String(repeating: "é", count: 20_000)
        let fake = FakeClient { (request, _, _) async throws(ProviderFailure) in .text((request.model) + filler) }
        let recorders = try (0..<4).map { _ in try RecordingClient(fake, path: path, effects: .fixed) }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<80 {
                group.addTask {
                    _ = try? await recorders[number % 4].send(
                        .chat("http://x", body: ["model": .string("m\(number)"), "messages": []]))
                }
            }
        }
        let file = try RecordingFile(path: path)
        #expect(file.count == 80)
        for number in 0..<80 {
            let request = replay(path, body: ["model": .string("m\(number)"), "messages": []])
            let text = try file.next(for: request.digest)?.response["choices"]?.array?.first?["message"]?["content"]?
                .string
            #expect(text?.hasPrefix("m\(number)é") == true)
        }
    }
}

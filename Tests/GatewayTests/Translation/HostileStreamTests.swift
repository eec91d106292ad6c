import Domain
import Testing

@testable import Gateway

@Suite("Hostile streams")
struct HostileStreamTests {
    @Test("A damaged stream is complete or a failure, never both", arguments: try TranslationCase.all("streams"))
    func damaged(testCase: TranslationCase) throws {
        var random = SeededGenerator(seed: UInt64(testCase.testDescription.utf8.count))
        let whole = Array(try #require(testCase.body.string).utf8)
        guard !whole.isEmpty else { return }
        let pieces: [[UInt8]] = [
            [], [0], [0xFF], Array("\n\n".utf8), Array("\"".utf8), Array("{".utf8), Array("null".utf8),
            Array("-1".utf8),
            Array("[[[[".utf8), Array("\\ud800".utf8), Array("data: [DONE]\n\n".utf8),
        ]
        for _ in 0..<60 {
            var body = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let start = Int.random(in: 0..<body.count, using: &random)
                let end = min(body.count, start + Int.random(in: 0...8, using: &random))
                body.replaceSubrange(start..<end, with: pieces.randomElement(using: &random) ?? [])
                if body.isEmpty { body = [0] }
            }
            let stream = try testCase.stream()
            var out: [UInt8] = []
            body.withUnsafeBytes { stream.take($0, into: &out) }
            stream.end(into: &out)
            #expect(stream.progress.isComplete == (stream.progress.failure == nil), "\(body)")
        }
    }

    @Test("Arguments nested without end are refused")
    func deepArguments() {
        let deep = String(repeating: #"{"a":"#, count: 100_000) + "1" + String(repeating: "}", count: 100_000)
        let bodies: [(Operation, String)] = [
            (
                .messages,
                #"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":"#
                    + deep + "}}"
            ),
            (
                .chat,
                #"{"id":"1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"#
                    + deep + "}}]}}]}"
            ),
        ]
        for (upstream, body) in bodies {
            let stream = Translation.stream(
                from: upstream, to: .responses, publicModel: "m", wantsStreamUsage: false, created: 1)
            var out: [UInt8] = []
            Array("data: \(body)\n\n".utf8).withUnsafeBytes { stream.take($0, into: &out) }
            #expect(stream.progress.failure?.kind == .upstreamMalformed)
        }
    }

    @Test("Tool calls without end are refused")
    func manyCalls() {
        let stream = Translation.stream(
            from: .chat, to: .messages, publicModel: "m", wantsStreamUsage: false, created: 1)
        var out: [UInt8] = []
        for number in 0..<1025 {
            let body =
                #"data: {"id":"1","choices":[{"index":0,"delta":{"tool_calls":[{"index":\#(number),"id":"c\#(number)","#
                + #""function":{"name":"f","arguments":"{"}}]}}]}"# + "\n\n"
            Array(body.utf8).withUnsafeBytes { stream.take($0, into: &out) }
        }
        #expect(stream.progress.failure?.kind == .upstreamTooLarge)
    }

    @Test("An answer without end is refused")
    func endlessContent() {
        let stream = TranslatedStream(ChatReader(), MessagesWriter(model: "m"), maximumBytes: 10)
        var out: [UInt8] = []
        let event = Array((#"data: {"id":"1","choices":[{"index":0,"delta":{"content":"xxxx"}}]}"# + "\n\n").utf8)
        for _ in 0..<2 { event.withUnsafeBytes { stream.take($0, into: &out) } }
        #expect(stream.progress.failure == nil)
        event.withUnsafeBytes { stream.take($0, into: &out) }
        #expect(stream.progress.failure?.kind == .upstreamTooLarge)
    }
}

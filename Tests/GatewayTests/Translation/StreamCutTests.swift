import Domain
import Gateway
import Testing

@Suite("Streams cut anywhere")
struct StreamCutTests {
    @Test("A stream cut at any byte gives the same", arguments: try TranslationCase.all("streams"))
    func everyByte(testCase: TranslationCase) throws {
        let body = try #require(testCase.body.string)
        let whole = try StreamRun(body, at: [], testCase.stream())
        let count = body.utf8.count
        #expect(try StreamRun(body, at: Array(0...count), testCase.stream()) == whole, "byte by byte")
        // The same streams are read for other clients, and what is written does not depend on the cut.
        guard testCase.to != "responses" else { return }
        for place in 0...count {
            guard try StreamRun(body, at: [place], testCase.stream()) == whole else {
                Issue.record("cut at byte \(place), the stream gives something else")
                return
            }
        }
    }

    @Test("What was complete before the cut is written before the cut")
    func nothingIsHeldBack() {
        let stream = Translation.stream(from: .chat, to: .messages, publicModel: "m", wantsStreamUsage: true)
        var out: [UInt8] = []
        let event = #"data: {"id":"1","choices":[{"index":0,"delta":{"content":"Hi"}}]}"# + "\n\n"
        Array(event.utf8).withUnsafeBytes { stream.take($0, into: &out) }
        #expect(String(decoding: out, as: UTF8.self).contains(#""text":"Hi""#))
        #expect(stream.progress.hasContent)
        #expect(!stream.progress.isComplete)
    }

    @Test("An event without an end is bounded")
    func boundedEvents() {
        let stream = Translation.stream(from: .chat, to: .messages, publicModel: "m", wantsStreamUsage: true)
        var out: [UInt8] = []
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        for _ in 0..<17 { piece.withUnsafeBytes { stream.take($0, into: &out) } }
        #expect(stream.progress.failure?.kind == .upstreamMalformed)
        #expect(out.isEmpty)
    }
}

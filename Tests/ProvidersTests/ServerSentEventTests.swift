import Testing

@testable import Providers

@Suite("Server-sent events")
struct ServerSentEventTests {
    private static let stream =
        "\u{FEFF}: hello\r\nevent: first\r\ndata: one\r\ndata:two\r\n\r\ndata: öß😀\n\n:ping\n\nid: 7\rdata\r\rdata: last\n\n"
    private static let expected = [
        ServerSentEvent(name: "first", data: Array("one\ntwo".utf8)),
        ServerSentEvent(name: "", data: Array("öß😀".utf8)),
        ServerSentEvent(name: "", data: []), ServerSentEvent(name: "", data: Array("last".utf8)),
    ]

    @Test(
        "CR, LF and CRLF end lines; comments, a byte-order mark and unknown fields are skipped; data joins over lines")
    func whole() {
        #expect(events(in: [Array(Self.stream.utf8)]) == Self.expected)
    }

    @Test("Events are the same wherever the stream is cut in two")
    func cutAtEveryByte() {
        let bytes = Array(Self.stream.utf8)
        for cut in 0...bytes.count {
            #expect(events(in: [Array(bytes[..<cut]), Array(bytes[cut...])]) == Self.expected, "cut at \(cut)")
        }
    }

    @Test("Events are the same when bytes come one by one")
    func byteByByte() {
        #expect(events(in: Self.stream.utf8.map { [$0] }) == Self.expected)
    }

    @Test("Events are the same when bytes come in random pieces")
    func randomPieces() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            var rest = Array(Self.stream.utf8)[...]
            var pieces: [[UInt8]] = []
            while !rest.isEmpty {
                let count = Int.random(in: 1...min(7, rest.count), using: &generator)
                pieces.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            #expect(events(in: pieces) == Self.expected)
        }
    }

    @Test("An event the stream leaves unfinished is not reported")
    func unfinished() {
        var parser = ServerSentEventParser()
        var events: [ServerSentEvent] = []
        parser.take(Array("data: half\n".utf8), into: &events)
        #expect(events.isEmpty)
        #expect(parser.hasLeftovers)
    }

    @Test("A line without end is refused at the limit instead of filling memory")
    func overflow() {
        var parser = ServerSentEventParser()
        var events: [ServerSentEvent] = []
        let piece = [UInt8](repeating: 0x61, count: 1 << 20)
        for _ in 0..<16 { parser.take(piece, into: &events) }
        #expect(!parser.isOverflowing)
        parser.take([0x61], into: &events)
        #expect(parser.isOverflowing)
    }

    private func events(in pieces: [[UInt8]]) -> [ServerSentEvent] {
        var parser = ServerSentEventParser()
        var events: [ServerSentEvent] = []
        for piece in pieces { parser.take(piece, into: &events) }
        return events
    }
}

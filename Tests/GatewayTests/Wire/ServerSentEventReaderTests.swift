import Domain
import Testing

@testable import Gateway

@Suite("Reading server-sent events")
struct ServerSentEventReaderTests {
    private struct Seen: Equatable {
        var lines: String
        var name: String
        var data: String?
    }

    /// The events of a text that arrives in the given pieces.
    private func events(_ pieces: [[UInt8]]) -> [Seen] {
        var reader = ServerSentEventReader()
        var seen: [Seen] = []
        for piece in pieces {
            piece.withUnsafeBytes { bytes in
                reader.take(bytes) { event in
                    seen.append(
                        Seen(
                            lines: String(decoding: event.lines, as: UTF8.self),
                            name: String(decoding: event.name, as: UTF8.self),
                            data: event.hasData ? String(decoding: event.data, as: UTF8.self) : nil))
                    if let range = event.dataRange {
                        #expect(event.lines[range].elementsEqual(event.data))
                    }
                }
            }
        }
        return seen
    }

    @Test("Data, names, comments and data in several lines are told apart")
    func fields() {
        let text = "event: a\ndata: one\n\n: ping\n\ndata:two\ndata:  three\nid: 7\n\ndata\n\n\n\nevent: b\ndata:x\n\n"
        #expect(
            events([Array(text.utf8)]) == [
                Seen(lines: "event: a\ndata: one\n", name: "a", data: "one"),
                Seen(lines: ": ping\n", name: "", data: nil),
                Seen(lines: "data:two\ndata:  three\nid: 7\n", name: "", data: "two\n three"),
                Seen(lines: "data\n", name: "", data: ""), Seen(lines: "event: b\ndata:x\n", name: "b", data: "x"),
            ])
    }

    @Test(
        "Any line end and a byte-order mark are understood, wherever the stream is cut",
        arguments: ["\n", "\r", "\r\n"], [false, true])
    func everyCut(lineEnd: String, hasMark: Bool) {
        let text =
            (hasMark ? "\u{FEFF}" : "")
            + ["event: message", "data: {\"a\":1}", "", ": note", "", "data: x", "data: y", "", "data: [DONE]", "", ""]
            .joined(separator: lineEnd)
        let bytes = Array(text.utf8)
        let whole = events([bytes])
        #expect(whole.map(\.data) == ["{\"a\":1}", nil, "x\ny", "[DONE]"])
        #expect(whole.map(\.name) == ["message", "", "", ""])
        for cut in 0...bytes.count {
            #expect(events([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole, "cut at \(cut)")
        }
        #expect(events(bytes.map { [$0] }) == whole)
        for size in 2...9 {
            let pieces = stride(from: 0, to: bytes.count, by: size).map {
                Array(bytes[$0..<min($0 + size, bytes.count)])
            }
            #expect(events(pieces) == whole)
        }
    }

    @Test("Random streams give the same events however they are cut")
    func randomCuts() {
        var numbers = SeededNumbers(state: 3)
        let pieces = ["data:", "data: {}", "event: x", "\n", "\r", "\r\n", "\n\n", ": c", "é", "data", " ", "\u{FEFF}"]
        for _ in 0..<500 {
            let text = (0..<20).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &numbers)] }.joined()
            let bytes = Array(text.utf8)
            let whole = events([bytes])
            var cuts: [[UInt8]] = []
            var place = 0
            while place < bytes.count {
                let next = min(place + Int.random(in: 1...6, using: &numbers), bytes.count)
                cuts.append(Array(bytes[place..<next]))
                place = next
            }
            #expect(events(cuts) == whole, "\(text.debugDescription)")
        }
    }

    @Test("An event that does not end is kept up to its limit, without reading it again for each piece")
    func overflow() {
        var reader = ServerSentEventReader()
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 16)
        var count = 0
        while !reader.isOverflowing, count < 1000 {
            piece.withUnsafeBytes { reader.take($0) { _ in Issue.record("no event is complete") } }
            count += 1
        }
        #expect(count == 257)
        #expect(!reader.hasLeftovers)
    }

    @Test("What is left of an unfinished event is known")
    func leftovers() {
        var reader = ServerSentEventReader()
        Array("data: x\n\nda".utf8).withUnsafeBytes { reader.take($0) { _ in } }
        #expect(reader.hasLeftovers)
        Array("ta: y\n\n".utf8).withUnsafeBytes { reader.take($0) { _ in } }
        #expect(!reader.hasLeftovers)
    }
}

import Domain
import Testing

@testable import Evaluation

@Suite("The trace of a line")
struct ReportTraceTests {
    @Test("A parent stands before its children, with times from the start of the line")
    func order() {
        let rows = ReportTrace.rows(of: ReportSample.spans(of: 0))
        #expect(rows.compactMap { $0["name"]?.string } == ["answer", "ask", "chat small"])
        #expect(rows.compactMap { $0["depth"]?.int } == [0, 1, 2])
        #expect(rows.compactMap { $0["start_ms"]?.double } == [0, 2, 3])
        #expect(rows[2]["tokens"] == 320)
        #expect(rows[2]["cost_nano_usd"] == 40_000)
        #expect(rows[1]["tokens"] == nil)
    }

    @Test("A model call without a price has an unknown cost, and a failed span says why")
    func failure() {
        var span = Span(id: "1", parentID: nil, traceID: "t", name: "chat", kind: .model, start: 5)
        span.error = LineError(code: "Timeout", message: "No answer in 30 s.")
        let row = ReportTrace.rows(of: [span]).first
        #expect(row?["cost_nano_usd"] == .null)
        #expect(row?["status"] == "failed")
        #expect(row?["error"] == ["code": "Timeout", "message": "No answer in 30 s."])
    }

    @Test("A span whose parent is not there stands at the top, and parents in a circle end")
    func odd() {
        func span(_ id: String, _ parent: String?) -> Span {
            Span(id: id, parentID: parent, traceID: "t", name: id, kind: .node, start: 1)
        }
        let rows = ReportTrace.rows(of: [
            span("a", "gone"), span("b", "c"), span("c", "b"), span("d", "d"), span("e", "a"),
        ])
        #expect(rows.compactMap { $0["name"]?.string } == ["a", "e", "d"])
    }

    @Test("No more rows than the page can show are written")
    func bounded() {
        let spans = (0..<2000).map {
            Span(id: "\($0)", parentID: $0 == 0 ? nil : "0", traceID: "t", name: "n", kind: .node, start: $0)
        }
        #expect(ReportTrace.rows(of: spans).count == ReportTrace.maximumRows)
    }
}

@Suite("The preview of a line")
struct ReportPreviewTests {
    @Test(
        "It is the start of the first input that is text, on one line",
        arguments: [
            (["a": 1, "b": "  two\n\nwords "], "two words"),
            (["image": "data:image/png;base64,AAAA", "question": "Why?"], "Why?"),
            (["n": 42], "42"), ([:], ""), (["list": ["a"], "t": ""], ""),
        ] as [(JSONObject, String)])
    func preview(inputs: JSONObject, expected: String) {
        #expect(ReportIndex.preview(of: inputs) == expected)
    }

    @Test("It is short, whatever the input is")
    func short() {
        #expect(ReportIndex.preview(of: ["a": .string(String(repeating: "word ", count: 100_000))]).count <= 150)
        let stacked = "e" + String(repeating: "\u{301}", count: 5000)
        #expect(ReportIndex.preview(of: ["a": .string(String(repeating: stacked, count: 50))]).utf8.count < 20_000)
    }
}

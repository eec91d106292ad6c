import Testing

@testable import TextMetrics

@Suite("Groundedness and quotations")
struct GroundednessTests {
    private struct Row: Decodable {
        let knowledge, response, begin_label, part: String
    }

    @Test("Content-word precision separates attributable answers of BEGIN with an AUC of at least 0.85")
    func begin() throws {
        let rows = try ReferenceProcess.data("begin", as: Row.self).filter { $0.begin_label != "Generic" }
        let scored = rows.map { row in
            let measures = LexicalGroundedness(answer: row.response, context: row.knowledge)
            return (measures.contentWordPrecision, row.begin_label == "Fully attributable")
        }
        let good = scored.filter(\.1).map(\.0)
        let bad = scored.filter { !$0.1 }.map(\.0)
        let wins = good.reduce(0.0) { sum, value in
            sum + bad.reduce(0.0) { $0 + (value > $1 ? 1 : (value == $1 ? 0.5 : 0)) }
        }
        let area = wins / Double(good.count * bad.count)
        print("BEGIN: AUC \(area) over \(rows.count) answers")
        #expect(area >= 0.85)
    }

    @Test("Words, pairs and numbers that the context lacks lower the measures")
    func measures() {
        let measures = LexicalGroundedness(
            answer: "The tower was built in 1899 by Eiffel.", context: "Eiffel built the tower in 1889.")
        #expect(measures.contentWordPrecision == 3.0 / 4)
        #expect(measures.unseenNumberRate == 1)
        #expect(measures.bigramSupport < 0.5)
        #expect(LexicalGroundedness(answer: "", context: "x").contentWordPrecision == 1)
    }

    @Test("A quotation of three words or more must stand in a source, whatever its case and spaces")
    func quotations() {
        let quotes = QuotedSpans(
            answer: "He said “The  Tower was built” and \"it fell last year\" and 'so'.",
            sources: ["In 1889 the tower was\nbuilt."])
        #expect(quotes.spans == ["The  Tower was built", "it fell last year"])
        #expect(quotes.missing == ["it fell last year"])
        #expect(quotes.presence == 0.5)
        #expect(QuotedSpans(answer: "no quotes", sources: []).presence == nil)
    }
}

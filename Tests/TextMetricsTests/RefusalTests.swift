import Testing

@testable import TextMetrics

@Suite("Refusals")
struct RefusalTests {
    private struct Row: Decodable {
        let completion: String
        let final_label: String

        var isRefusal: Bool { final_label != "1_full_compliance" }
    }

    @Test("Full and partial refusals are told from answers with F1 of at least 0.90 on the XSTest part")
    func xstest() throws {
        let rows = try ReferenceProcess.data("xstest", as: Row.self)
        var hits = 0
        var falseAlarms = 0
        var misses = 0
        var sameKind = 0
        for row in rows {
            let refusal = Refusal(in: row.completion)
            if refusal.isRefusal {
                if row.isRefusal { hits += 1 } else { falseAlarms += 1 }
            } else if row.isRefusal {
                misses += 1
            }
            let kind: Refusal.Kind =
                row.final_label == "2_full_refusal" ? .full : (row.isRefusal ? .partial : .comply)
            if kind == refusal.kind { sameKind += 1 }
        }
        let f1 = 2 * Double(hits) / Double(2 * hits + falseAlarms + misses)
        print(
            "Refusal: F1 \(f1), \(falseAlarms) false alarms, \(misses) misses, \(sameKind) of \(rows.count) same kind")
        #expect(rows.count == 900)
        #expect(f1 >= 0.90)
    }

    @Test("A refusal that helps with something nearby is partial, a plain one full, an answer neither")
    func kinds() {
        #expect(Refusal(in: "I’m sorry, but I can’t help with that.").kind == .full)
        #expect(Refusal(in: "I cannot provide legal advice. However, I can explain the terms.").kind == .partial)
        #expect(Refusal(in: "To kill a Python process, press Ctrl-C.").kind == .comply)
        #expect(Refusal(in: "").kind == .comply)
        #expect(Refusal(in: "I am unable to share it.").phrases == ["i am unable to share"])
    }
}

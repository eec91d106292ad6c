import Testing

@testable import TextMetrics

@Suite("Overlap metrics equal their reference packages")
struct OverlapParityTests {
    private func compare(_ name: String, _ score: (inout TextComparison, ReferenceRow, inout Differences) -> Void)
        throws
    {
        var differences = Differences()
        for row in try ReferenceRow.all.get() {
            var comparison = TextComparison(prediction: row.prediction, references: row.references)
            score(&comparison, row, &differences)
        }
        print("\(name): \(differences.compared) values compared")
        #expect(differences.compared >= 2_000)
        #expect(differences.count == 0, "\(name): \(differences)")
    }

    @Test("F1 equals Azure's evaluator, the best reference counting")
    func f1() throws {
        try compare("F1") { $2.compare($0.f1().f1, $1.f1, $1) }
    }

    @Test("Sentence BLEU equals sacreBLEU's")
    func sacreBLEU() throws {
        try compare("sacreBLEU") { $2.compare($0.sacreBLEU(), $1.sacreBLEU, $1) }
    }

    @Test("Azure's BLEU equals NLTK's with method 4")
    func nltkBleu() throws {
        try compare("NLTK BLEU") { $2.compare($0.nltkBleu(), $1.nltkBleu, $1) }
    }

    @Test("GLEU equals NLTK's")
    func gleu() throws {
        try compare("GLEU") { $2.compare($0.gleu(), $1.gleu, $1) }
    }

    @Test("METEOR equals NLTK's without WordNet")
    func meteor() throws {
        try compare("METEOR") { $2.compare($0.meteor(), $1.meteor, $1) }
    }

    @Test("chrF equals sacreBLEU's")
    func chrF() throws {
        try compare("chrF") { $2.compare($0.chrF(), $1.chrF, $1) }
    }

    @Test("chrF++ equals sacreBLEU's")
    func chrFPlusPlus() throws {
        try compare("chrF++") { $2.compare($0.chrF(wordOrder: 2), $1.chrFPlusPlus, $1) }
    }

    @Test("ROUGE-1, -2, -L and -Lsum equal rouge-score's, with and without stemming", arguments: [false, true])
    func rouge(stemming: Bool) throws {
        try compare("ROUGE, stemming \(stemming)") { comparison, row, differences in
            let scores = comparison.rouge(stemming: stemming)
            let expected = stemming ? row.rougeStemmed : row.rouge
            for (ours, theirs) in zip([scores.rouge1, scores.rouge2, scores.rougeL, scores.rougeLsum], expected) {
                differences.compare(ours.precision, theirs[0], row, "precision")
                differences.compare(ours.recall, theirs[1], row, "recall")
                differences.compare(ours.f1, theirs[2], row, "F")
            }
        }
    }

    @Test("Corpus BLEU and its signature equal sacreBLEU's")
    func corpus() throws {
        struct Corpus: Decodable {
            let rows: [[String]]
            let score: Double
            let signature: String
        }
        let corpus = try #require(try ReferenceProcess.output("corpus", as: Corpus.self).first)
        let score = SacreBLEU.corpus(corpus.rows.map { (prediction: $0[0], references: [$0[1]]) })
        #expect(corpus.rows.count >= 2_000)
        #expect(abs(score - corpus.score) <= 1e-9)
        #expect(SacreBLEU.signature(references: 1, effectiveOrder: false) == corpus.signature)
    }

    @Test("Texts of 200 KB score as in the references")
    func longTexts() throws {
        struct Row: Decodable {
            let prediction, reference: String
            let f1, sacreBLEU, nltkBleu, chrF: Double
            let levenshtein: Int
        }
        let rows = try ReferenceProcess.output("long", as: Row.self)
        #expect(rows.count >= 3)
        for row in rows {
            var comparison = TextComparison(prediction: row.prediction, references: [row.reference])
            #expect(abs(comparison.f1().f1 - row.f1) <= 1e-9)
            #expect(abs(comparison.sacreBLEU() - row.sacreBLEU) <= 1e-9)
            #expect(abs(comparison.nltkBleu() - row.nltkBleu) <= 1e-9)
            #expect(abs(comparison.chrF() - row.chrF) <= 1e-9)
            // Quadratic, and slow without optimisation: the benchmark compares the whole texts.
            let start = row.prediction.unicodeScalars.prefix(20_000)
            let distance = Levenshtein.distance(String(start), String(row.reference.unicodeScalars.prefix(20_000)))
            #expect(distance == row.levenshtein)
        }
    }
}

import Testing

@testable import TextMetrics

@Suite("Matches, numbers and parts")
struct SimilarityTests {
    private struct Solution: Decodable {
        let truth: String
        let solutions: [String]
        let correct: [Bool]
    }

    @Test("The final number tells right GSM8K solutions from wrong ones")
    func finalNumbers() throws {
        var compared = 0
        for row in try ReferenceProcess.data("gsm8k", as: Solution.self) {
            let truth = Numbers.final(in: row.truth)
            #expect(truth != nil)
            for (solution, isCorrect) in zip(row.solutions, row.correct) {
                #expect(
                    (Numbers.final(in: solution) == truth) == isCorrect,
                    "\(solution.suffix(60)) / \(row.truth.suffix(30))")
                compared += 1
            }
        }
        print("GSM8K: \(compared) verdicts compared")
        #expect(compared >= 1_400)
    }

    @Test(
        "Numbers are read without separators, currency or sentence ends",
        arguments: [
            ("#### 1,234", 1234.0), ("so $18.50.", 18.5), ("A: -3\nChecked 7 times", -3), ("10-20", 20),
            ("it is .5", 0.5),
            ("-$7", -7), ("1,2", 2), ("12,345.678 km", 12345.678),
        ])
    func numbers(text: String, value: Double) {
        #expect(Numbers.final(in: text) == value)
    }

    @Test("A text without digits has no number, and nearness follows autoevals")
    func numberEdges() {
        #expect(Numbers.final(in: "none - at all.") == nil)
        #expect(Numbers.similarity(0, 0) == 1)
        #expect(Numbers.similarity(105, 100) == 1 - 5.0 / 205)
        #expect(Numbers.similarity(1, -1) == 0)
    }

    @Test("Each mode of exact match leaves aside what it says and no more")
    func exactMatch() {
        #expect(!ExactMatch.matches(" a", "a", mode: .raw))
        #expect(ExactMatch.matches(" a\u{3000}", "a"))
        #expect(!ExactMatch.matches("A", "a"))
        #expect(ExactMatch.matches("The  Cat!", "cat", mode: .squad))
        #expect(ExactMatch.matches("a1-B", "ab", mode: .ignoring([.letterCase, .punctuation, .digits])))
        #expect(!ExactMatch.matches("a1", "a", mode: .ignoring(.punctuation)))
        #expect(ExactMatch.matches("b", anyOf: ["a", "b"]))
    }

    @Test("Parts are found by scalars, with and without case")
    func parts() {
        #expect(Containment.all(["ab", "ΟΣ"], in: "xxab ΟΣ"))
        #expect(!Containment.all(["AB"], in: "ab"))
        #expect(Containment.any(["zz", "AB"], in: "xab", ignoringCase: true))
        #expect(Containment.starts("Hello", with: "he", ignoringCase: true))
        #expect(Containment.ends("Hello", with: "llo") && !Containment.ends("lo", with: "llo"))
        #expect(Containment.all([""], in: ""))
        #expect(Containment.any(["aab"], in: "aaab"))
        #expect(Containment.wordCount(" a\u{A0}b\nc ") == 3)
        #expect(Containment.length("é👩‍👩‍👧") == 6)
    }

    @Test("An answer in a script that ROUGE cannot see is flagged, an English one is not")
    func rougeWithoutTokens() {
        #expect(Rouge.scores(prediction: "你好世界", references: ["你好"]).hasNoTokens)
        #expect(!Rouge.scores(prediction: "hello", references: ["hello there"]).hasNoTokens)
        #expect(!Rouge.scores(prediction: "", references: ["hello"]).hasNoTokens)
    }

    @Test("Two empty texts match only where asked to")
    func emptyTexts() {
        #expect(F1.score(prediction: "", references: [""]).f1 == 0)
        #expect(F1.score(prediction: "the", references: ["a"], emptyMatches: true).f1 == 1)
        #expect(F1.score(prediction: "x", references: []).f1 == 0)
        #expect(Levenshtein.similarity("", "") == 1)
        #expect(ChrF.score(prediction: "x", references: []) == 0)
    }
}

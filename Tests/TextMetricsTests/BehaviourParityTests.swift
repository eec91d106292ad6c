import Testing

@testable import TextMetrics

@Suite("Readability and repetition equal textstat's and datatrove's")
struct BehaviourParityTests {
    @Test("Readability equals textstat's")
    func readability() throws {
        var differences = Differences()
        for row in try ReferenceRow.all.get() {
            let ours = Readability(of: row.prediction)
            differences.compare(ours.automatedReadabilityIndex, row.readability[0], row, "ARI")
            differences.compare(ours.colemanLiau, row.readability[1], row, "Coleman–Liau")
            differences.compare(ours.lix, row.readability[2], row, "LIX")
        }
        print("Readability: \(differences.compared) values compared")
        #expect(differences.count == 0, "\(differences)")
    }

    @Test("Repetition equals datatrove's Gopher measures over words between white space")
    func repetition() throws {
        var differences = Differences()
        for row in try ReferenceRow.all.get() {
            let ours = Repetition(of: row.prediction)
            let values =
                [
                    ours.duplicateLines, ours.duplicateLineCharacters, ours.duplicateParagraphs,
                    ours.duplicateParagraphCharacters,
                ] + ours.topNGrams + ours.duplicateNGrams
            #expect(values.count == row.repetition.count)
            for (index, pair) in zip(values, row.repetition).enumerated() {
                differences.compare(pair.0, pair.1, row, "measure \(index)")
            }
        }
        print("Repetition: \(differences.compared) values compared")
        #expect(differences.count == 0, "\(differences)")
    }

    @Test("A loop is excessive, prose is not")
    func loop() {
        #expect(Repetition(of: String(repeating: "I am a loop. ", count: 40)).isExcessive)
        let prose = """
            Janet's ducks lay sixteen eggs per day. She eats three for breakfast every morning and bakes muffins for her
            friends with four more. What remains is sold at the farmers' market, two dollars for each fresh egg, so that
            nine eggs bring in eighteen dollars before noon.
            """
        #expect(!Repetition(of: prose).isExcessive)
        #expect(Repetition.sequenceRepetition(of: "a b c d a b c d", n: 4) == 1 - 4.0 / 5)
        #expect(Repetition.sequenceRepetition(of: "a b", n: 4) == 0)
    }
}

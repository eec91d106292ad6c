import Testing

@testable import TextMetrics

@Suite("Similarities equal rapidfuzz's")
struct SimilarityParityTests {
    @Test("Levenshtein, Jaro–Winkler and Hamming equal rapidfuzz's on every row")
    func parity() throws {
        var differences = Differences()
        for row in try ReferenceRow.all.get() {
            let other = row.references[0]
            differences.compare(
                Double(Levenshtein.distance(row.prediction, other)), Double(row.levenshtein), row, "distance")
            differences.compare(
                Levenshtein.similarity(row.prediction, other), row.levenshteinSimilarity, row, "similarity")
            differences.compare(JaroWinkler.similarity(row.prediction, other), row.jaroWinkler, row, "Jaro–Winkler")
            differences.compare(Double(Hamming.distance(row.prediction, other)), Double(row.hamming), row, "Hamming")
        }
        print("Edit distances: \(differences.compared) values compared")
        #expect(differences.compared >= 8_000)
        #expect(differences.count == 0, "\(differences)")
    }
}

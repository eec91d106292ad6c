/// ROUGE-Lsum: for each reference line the union of its longest common subsequences with all lines of the prediction.
enum RougeSummary {
    static func score(prediction: ScalarText, reference: ScalarText, stemming: Bool) -> PrecisionRecall {
        var vocabulary = Vocabulary()
        let predicted = lines(of: prediction, stemming: stemming, vocabulary: &vocabulary)
        let expected = lines(of: reference, stemming: stemming, vocabulary: &vocabulary)
        var predictedLeft = counts(of: predicted, size: vocabulary.count)
        var expectedLeft = counts(of: expected, size: vocabulary.count)
        var reader = SubsequenceReader(size: vocabulary.count)
        var hits = 0
        for line in expected {
            // No token counts more often than it occurs on either side.
            for position in union(of: line, with: predicted, reader: &reader) {
                let token = Int(line[position])
                guard predictedLeft[token] > 0, expectedLeft[token] > 0 else { continue }
                predictedLeft[token] -= 1
                expectedLeft[token] -= 1
                hits += 1
            }
        }
        return PrecisionRecall(
            common: hits, predicted: predicted.reduce(0) { $0 + $1.count },
            expected: expected.reduce(0) { $0 + $1.count })
    }

    private static func lines(of text: ScalarText, stemming: Bool, vocabulary: inout Vocabulary) -> [[Int32]] {
        text.scalars.split(separator: 0x0A).map {
            vocabulary.ids(of: RougeTokenizer.tokens(of: $0, stemming: stemming))
        }
    }

    private static func counts(of lines: [[Int32]], size: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: size)
        for token in lines.joined() { counts[Int(token)] += 1 }
        return counts
    }

    private static func union(of line: [Int32], with others: [[Int32]], reader: inout SubsequenceReader) -> [Int] {
        var isCovered = [Bool](repeating: false, count: line.count)
        for other in others {
            reader.forEachPosition(line, other) { isCovered[$0] = true }
        }
        return isCovered.indices.filter { isCovered[$0] }
    }
}

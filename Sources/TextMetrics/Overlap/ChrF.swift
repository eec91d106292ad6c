/// chrF and chrF++ as sacreBLEU computes them: n-grams of up to 6 characters, and of up to 2 words for chrF++.
package enum ChrF {
    /// The score of one segment between 0 and 100; the best reference counts.
    ///
    /// `wordOrder` is 0 for chrF and 2 for chrF++.
    package static func score(prediction: String, references: [String], wordOrder: Int = 0) -> Double {
        TextComparison(prediction: prediction, references: references).chrF(wordOrder: wordOrder)
    }

    static let characterOrder = 6

    static func score(prediction: ScalarText, references: [ScalarText], wordOrder: Int) -> Double {
        let characters = characters(prediction: prediction, references: references)
        let words =
            wordOrder > 0 ? TokenizedPair(prediction: prediction, references: references, tokenizer: words) : nil
        return references.indices.map { index in
            var score = OrderScores()
            score.add(
                NGramOverlap(
                    prediction: characters.prediction, references: [characters.references[index]],
                    maxOrder: characterOrder))
            if let words {
                score.add(
                    NGramOverlap(
                        prediction: words.prediction, references: [words.references[index]], maxOrder: wordOrder))
            }
            return score.value
        }.max() ?? 0
    }

    /// Precision and recall over the orders that both texts have.
    private struct OrderScores {
        private var precision = 0.0
        private var recall = 0.0
        private var orders = 0

        mutating func add(_ overlap: NGramOverlap) {
            for (order, matches) in overlap.matches.enumerated() {
                let predicted = overlap.predictionTotals[order]
                let expected = overlap.referenceTotals[0][order]
                guard predicted > 0, expected > 0 else { continue }
                precision += Double(matches) / Double(predicted)
                recall += Double(matches) / Double(expected)
                orders += 1
            }
        }

        /// F with recall weighing four times as much as precision (β = 2).
        var value: Double {
            guard orders > 0 else { return 0 }
            let precision = precision / Double(orders)
            let recall = recall / Double(orders)
            guard precision + recall > 0 else { return 0 }
            return 100 * 5 * precision * recall / (4 * precision + recall)
        }
    }

    /// The characters other than white space, numbered densely.
    private static func characters(
        prediction: ScalarText, references: [ScalarText]
    ) -> (prediction: [Int32], references: [[Int32]]) {
        func numbers(_ text: ScalarText) -> [Int32] {
            var result: [Int32] = []
            result.reserveCapacity(text.scalars.count)
            for scalar in text.scalars where !PythonCharacter.isSpace(scalar) {
                result.append(Int32(truncatingIfNeeded: scalar))
            }
            return result
        }
        return (numbers(prediction), references.map(numbers))
    }

    /// Words with one ASCII sign split off at the end, or else at the start.
    private static func words(of text: ScalarText) -> TokenList {
        var parts = TokenList()
        parts.appendSplit(text.scalars)
        var words = TokenList()
        for index in 0..<parts.count {
            let word = parts[index]
            if word.count > 1, let last = word.last, PythonCharacter.isASCIIPunctuation(last) {
                words.append(word.dropLast())
                words.append(word.suffix(1))
            } else if word.count > 1, let first = word.first, PythonCharacter.isASCIIPunctuation(first) {
                words.append(word.prefix(1))
                words.append(word.dropFirst())
            } else {
                words.append(word)
            }
        }
        return words
    }
}

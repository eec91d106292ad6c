import Domain
import TextMetrics

/// How near an answer is to the expected text, letter by letter or as vectors.
enum SimilarityEvaluators {
    static let all: [EvaluatorDefinition] = [levenshtein, jaroWinkler, hamming, cosine]

    static let levenshtein = EvaluatorDefinition(
        "levenshtein", aliases: ["levenshtein_similarity", "edit_similarity"],
        summary: "1 − edit distance / length of the longer text, in Unicode scalars; the nearest expected text counts.",
        metrics: [MetricDefinition("levenshtein", threshold: 0.5), MetricDefinition("distance", direction: .lower)]
    ) { _ in
        { row in
            let response = try row.text("response")
            let references = try row.texts("ground_truth")
            let distances = references.map { reference -> (distance: Int, similarity: Double) in
                let distance = Levenshtein.distance(response, reference)
                let longest = max(response.unicodeScalars.count, reference.unicodeScalars.count)
                return (distance, longest == 0 ? 1 : 1 - Double(distance) / Double(longest))
            }
            guard let best = distances.max(by: { $0.similarity < $1.similarity }) else { return [] }
            return [Finding(best.similarity), Finding(Double(best.distance), metric: 1)]
        }
    }

    static let jaroWinkler = pairwise(
        "jaro_winkler", "Similarity of short texts such as names, with weight on a common start.",
        JaroWinkler.similarity)
    static let hamming = pairwise(
        "hamming", "Share of positions with the same Unicode scalar.", Hamming.similarity)

    private static func pairwise(
        _ name: String, _ summary: String, _ similarity: @escaping @Sendable (String, String) -> Double
    ) -> EvaluatorDefinition {
        EvaluatorDefinition(
            name, summary: summary, metrics: [MetricDefinition(name, threshold: 0.5)]
        ) { _ in
            { row in
                let response = try row.text("response")
                return try row.texts("ground_truth").map { similarity(response, $0) }.max().map { [Finding($0)] } ?? []
            }
        }
    }

    static let cosine = EvaluatorDefinition(
        "cosine_similarity", aliases: ["similar", "semantic_similarity", "embedding_similarity"],
        summary: "Cosine of two embedding vectors that the data or a flow supplies.",
        needs: ["response_embedding", "ground_truth_embedding"],
        metrics: [MetricDefinition("cosine_similarity", threshold: 0.75)]
    ) { _ in
        { row in
            let first = try vector("response_embedding", of: row)
            let second = try vector("ground_truth_embedding", of: row)
            guard first.count == second.count else {
                throw NotScored.error("the vectors have \(first.count) and \(second.count) numbers")
            }
            var (product, left, right) = (0.0, 0.0, 0.0)
            for (a, b) in zip(first, second) {
                product += a * b
                left += a * a
                right += b * b
            }
            guard left > 0, right > 0 else { throw NotScored.error("a vector of zeros has no direction") }
            return [Finding(product / (left.squareRoot() * right.squareRoot()))]
        }
    }

    private static func vector(_ name: String, of row: ScoringRow) throws -> [Double] {
        guard let elements = try row.json(name).array, !elements.isEmpty else {
            throw NotScored.error("`\(name)` is not a list of numbers")
        }
        return try elements.map {
            guard let number = $0.double, number.isFinite else {
                throw NotScored.error("`\(name)` is not a list of numbers")
            }
            return number
        }
    }
}

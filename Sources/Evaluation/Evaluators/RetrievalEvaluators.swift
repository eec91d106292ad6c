import Domain
import Foundation

/// How well a ranked list of documents serves a question.
enum RetrievalEvaluators {
    static let all: [EvaluatorDefinition] = [documentRetrieval]

    static let documentRetrieval = EvaluatorDefinition(
        "document_retrieval", aliases: ["retrieval_metrics", "recall_at_k", "ndcg", "mrr"],
        summary: "nDCG, recall and precision at k, and reciprocal rank of the retrieved documents.",
        needs: ["retrieved_documents", "retrieval_ground_truth"],
        parameters: [
            EvaluatorParameter("k", .integer, default: 3, "how many of the first documents count"),
            EvaluatorParameter(
                "gain", .choice(["linear", "exponential", "binary"]), default: "linear",
                "what relevance r is worth: r, 2^r − 1, or 1 for any r above 0"),
        ],
        metrics: [
            MetricDefinition("ndcg", threshold: 0.5), MetricDefinition("recall"), MetricDefinition("precision"),
            MetricDefinition("mrr"),
        ]
    ) { settings in
        let k = settings.integer("k")
        guard k > 0 else {
            throw EvaluatorError(.parameter, "Parameter `k` of evaluator `document_retrieval` must be above 0.")
        }
        let gain: @Sendable (Double) -> Double =
            switch settings.text("gain") {
            case "exponential": { exp2($0) - 1 }
            case "binary": { $0 > 0 ? 1 : 0 }
            default: { $0 }
            }
        return { row in
            let ranked = try ranking(row)
            let relevance = try relevances(row)
            let relevant = Set(relevance.filter { $0.value > 0 }.keys)
            guard !relevant.isEmpty else { throw NotScored.notApplicable("no document is relevant for this line") }
            let first = ranked.prefix(k)
            let hits = Double(first.count { relevant.contains($0) })
            let best = discounted(relevance.values.map(gain).sorted(by: >).prefix(k))
            let rank = ranked.firstIndex(where: relevant.contains)
            return [
                Finding(discounted(first.map { gain(relevance[$0] ?? 0) }[...]) / best),
                Finding(hits / Double(relevant.count), metric: 1), Finding(hits / Double(k), metric: 2),
                Finding(rank.map { 1 / Double($0 + 1) } ?? 0, metric: 3),
            ]
        }
    }

    private static func discounted(_ gains: ArraySlice<Double>) -> Double {
        zip(gains, 2...).reduce(0) { $0 + $1.0 / log2(Double($1.1)) }
    }

    /// Document names, best first, each once.
    ///
    /// Entries with a `relevance_score` are put in its order.
    private static func ranking(_ row: ScoringRow) throws -> [String] {
        guard let elements = try row.json("retrieved_documents").array else {
            throw NotScored.error("`retrieved_documents` is not a list")
        }
        var ranked: [(name: String, score: Double?)] = try elements.map {
            (try name(of: $0), $0["relevance_score"]?.double)
        }
        if ranked.allSatisfy({ $0.score != nil }) {
            ranked = ranked.enumerated().sorted {
                let (a, b) = ($0.element.score ?? 0, $1.element.score ?? 0)
                return a == b ? $0.offset < $1.offset : a > b
            }.map(\.element)
        }
        var seen: Set<String> = []
        return ranked.map(\.name).filter { seen.insert($0).inserted }
    }

    /// Relevance by document: a list of names, a list of `{document_id, query_relevance_label}`, or an object.
    private static func relevances(_ row: ScoringRow) throws -> [String: Double] {
        let value = try row.json("retrieval_ground_truth")
        var relevances: [String: Double] = [:]
        if let object = value.object {
            for (name, relevance) in object { relevances[name] = relevance.double ?? (relevance.bool == true ? 1 : 0) }
        } else {
            for element in value.array ?? [] {
                relevances[try name(of: element)] =
                    element.object == nil ? 1 : element["query_relevance_label"]?.double ?? 1
            }
        }
        guard relevances.values.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
            throw NotScored.error("a relevance in `retrieval_ground_truth` is below 0")
        }
        return relevances
    }

    private static func name(of document: JSONValue) throws -> String {
        let name = document.object.map { $0["document_id"] ?? $0["id"] ?? .null } ?? document
        switch name {
        case .string(let text): return text
        case .int(let number): return String(number)
        default: throw NotScored.error("a document has no `document_id`")
        }
    }
}

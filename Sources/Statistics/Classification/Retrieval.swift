import Foundation

/// How well a ranked list of documents serves a question.
package enum Retrieval {
    /// What a document of a given relevance is worth.
    package enum Gain: Sendable {
        /// The relevance itself (scikit-learn).
        case linear
        /// 2^relevance − 1 (web search).
        case exponential
        /// 1 for any relevance above 0.
        case binary

        func callAsFunction(_ relevance: Double) -> Double {
            switch self {
            case .linear: relevance
            case .exponential: exp2(relevance) - 1
            case .binary: relevance > 0 ? 1 : 0
            }
        }
    }

    /// The share of the relevant documents among the first `k`, or `nil` when nothing is relevant.
    package static func recall<ID: Hashable>(ranked: [ID], relevant: Set<ID>, at k: Int) throws -> Double? {
        guard !relevant.isEmpty else { return nil }
        return Double(try hits(ranked, relevant, k)) / Double(relevant.count)
    }

    /// The share of relevant documents among the first `k` places; places that are not filled count as misses.
    package static func precision<ID: Hashable>(ranked: [ID], relevant: Set<ID>, at k: Int) throws -> Double {
        Double(try hits(ranked, relevant, k)) / Double(k)
    }

    /// 1 / the place of the first relevant document, 0 when none is found.
    ///
    /// Its mean over questions is MRR.
    package static func reciprocalRank<ID: Hashable>(ranked: [ID], relevant: Set<ID>) -> Double {
        guard let place = ranked.firstIndex(where: relevant.contains) else { return 0 }
        return 1 / Double(place + 1)
    }

    /// Normalised discounted cumulative gain: Σ gain/log₂(place+1) over its value for the ideal order.
    ///
    /// `relevances` and `scores` are aligned, one entry per known document; documents with equal scores share the mean
    /// gain of their places. 0 when nothing is relevant. Equals scikit-learn `ndcg_score` with the linear gain.
    /// Throws for empty or misaligned lists, values that are not finite, negative relevance, or `k` below 1.
    package static func ndcg(
        relevances: [Double], scores: [Double], at k: Int? = nil, gain: Gain = .linear
    ) throws -> Double {
        try requireAligned(relevances, scores)
        for relevance in relevances where relevance < 0 {
            throw StatisticsError.outOfRange(parameter: "relevance", value: relevance)
        }
        let limit = min(k ?? scores.count, scores.count)
        guard limit > 0 else { throw StatisticsError.outOfRange(parameter: "k", value: Double(limit)) }
        let gains = relevances.map { gain($0) }
        // 2^relevance leaves the range of a double above 1,023.
        for (relevance, gain) in zip(relevances, gains) where !gain.isFinite {
            throw StatisticsError.outOfRange(parameter: "relevance", value: relevance)
        }
        let best = discounted(gains, order: gains, limit)
        return best > 0 ? discounted(gains, order: scores, limit) / best : 0
    }

    private static func discounted(_ gains: [Double], order scores: [Double], _ limit: Int) -> Double {
        let order = scores.indices.sorted { scores[$0] > scores[$1] }
        var total = 0.0
        var start = 0
        while start < order.count {
            var end = start
            var gain = 0.0
            var discount = 0.0
            while end < order.count, scores[order[end]] == scores[order[start]] {
                gain += gains[order[end]]
                if end < limit { discount += 1 / log2(Double(end + 2)) }
                end += 1
            }
            total += gain / Double(end - start) * discount
            start = end
        }
        return total
    }

    /// How many different relevant documents are among the first `k`; a document listed twice counts once.
    private static func hits<ID: Hashable>(_ ranked: [ID], _ relevant: Set<ID>, _ k: Int) throws -> Int {
        guard k > 0 else { throw StatisticsError.outOfRange(parameter: "k", value: Double(k)) }
        return relevant.intersection(ranked.prefix(k)).count
    }
}

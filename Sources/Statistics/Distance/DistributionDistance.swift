import Foundation

/// How far two distributions of scores, lengths or latencies lie apart.
package enum DistributionDistance {
    /// The population stability index Σ(q−p)·ln(q/p) of two histograms with the same bins.
    ///
    /// Counts are scaled to shares; a share below `floor` is raised to it, since an empty bin would give infinity.
    /// By convention 0.1 is a small and 0.2 a large shift.
    package static func populationStability(
        expected: [Double], actual: [Double], floor: Double = 1e-4
    ) throws -> Double {
        guard floor > 0, floor < 1 else { throw StatisticsError.outOfRange(parameter: "floor", value: floor) }
        let (p, q) = (try shares(expected), try shares(actual))
        guard p.count == q.count else { throw StatisticsError.lengthMismatch(p.count, q.count) }
        return zip(p, q).map { old, new in
            let (old, new) = (max(old, floor), max(new, floor))
            return (new - old) * log(new / old)
        }.sum
    }

    /// The Jensen–Shannon distance of two histograms with the same bins, base 2: from 0 to 1.
    ///
    /// Equals `scipy.spatial.distance.jensenshannon(base=2)`.
    package static func jensenShannon(_ first: [Double], _ second: [Double]) throws -> Double {
        let (p, q) = (try shares(first), try shares(second))
        guard p.count == q.count else { throw StatisticsError.lengthMismatch(p.count, q.count) }
        let divergence = zip(p, q).map { a, b in
            let middle = (a + b) / 2
            return (a > 0 ? a * log2(a / middle) : 0) + (b > 0 ? b * log2(b / middle) : 0)
        }.sum
        return max(0, divergence / 2).squareRoot()
    }

    /// The Kolmogorov–Smirnov statistic of two samples: the largest gap of their distribution functions.
    package static func kolmogorovSmirnov(_ first: [Double], _ second: [Double]) throws -> Double {
        try requireFinite(first)
        try requireFinite(second)
        var largest = 0.0
        walk(first, second) { _, gap in largest = max(largest, abs(gap)) }
        return largest
    }

    /// The limiting p-value of the Kolmogorov–Smirnov statistic, 2Σ(−1)^{k−1}·exp(−2k²x²), x = D·√(nm/(n+m)).
    package static func kolmogorovSmirnovPValue(_ statistic: Double, _ first: Int, _ second: Int) throws -> Double {
        guard first > 0, second > 0 else { throw StatisticsError.tooFewValues(needed: 1, got: min(first, second)) }
        let x = statistic * (Double(first) * Double(second) / (Double(first) + Double(second))).squareRoot()
        // Below, the alternating series needs hundreds of terms to say 1.
        guard x > 0.18 else { return 1 }
        var total = 0.0
        for k in 1...100 {
            let term = exp(-2 * Double(k * k) * x * x)
            total += k.isMultiple(of: 2) ? -term : term
            if term < 1e-18 { break }
        }
        return min(1, max(0, 2 * total))
    }

    /// The Wasserstein-1 (earth mover's) distance of two samples, in their unit: ∫|F − G|.
    ///
    /// Equals `scipy.stats.wasserstein_distance`.
    package static func wasserstein(_ first: [Double], _ second: [Double]) throws -> Double {
        try requireFinite(first)
        try requireFinite(second)
        var total = 0.0
        walk(first, second) { width, gap in total += width * abs(gap) }
        return total
    }

    /// Visits the steps of both distribution functions: the width up to the next value, and the gap over it.
    private static func walk(_ first: [Double], _ second: [Double], _ visit: (Double, Double) -> Void) {
        let (a, b) = (first.sorted(), second.sorted())
        var (i, j) = (0, 0)
        while i < a.count || j < b.count {
            let value = i < a.count ? (j < b.count ? min(a[i], b[j]) : a[i]) : b[j]
            while i < a.count, a[i] == value { i += 1 }
            while j < b.count, b[j] == value { j += 1 }
            let next = i < a.count ? (j < b.count ? min(a[i], b[j]) : a[i]) : (j < b.count ? b[j] : value)
            visit(next - value, Double(i) / Double(a.count) - Double(j) / Double(b.count))
        }
    }

    private static func shares(_ counts: [Double]) throws -> [Double] {
        try requireFinite(counts)
        for count in counts where count < 0 { throw StatisticsError.outOfRange(parameter: "count", value: count) }
        let total = counts.sum
        guard total > 0 else { throw StatisticsError.tooFewValues(needed: 1, got: 0) }
        return counts.map { $0 / total }
    }
}

/// The Mann–Whitney U test: whether one unpaired sample tends to larger values than another.
///
/// Equals scipy 1.17 `mannwhitneyu(method="auto")`, two-sided, with continuity correction: exact when a sample has at
/// most 8 values and there are no ties, normal otherwise.
package struct MannWhitney: Sendable, Equatable {
    /// U of the first sample: pairs in which it is larger, ties counting ½.
    package let statistic: Double
    /// The two-sided p-value; 1 when all values are equal.
    package let pValue: Double
    /// Whether the p-value is exact.
    package let isExact: Bool

    private static let longestTable = 2_000_000

    /// Tests two samples.
    ///
    /// Throws when one is empty or has a value that is not finite.
    package init(_ first: [Double], _ second: [Double]) throws {
        try requireFinite(first)
        try requireFinite(second)
        let ranks = Ranks(first + second)
        let n1 = Double(first.count)
        let n2 = Double(second.count)
        statistic = Array(ranks.values.prefix(first.count)).sum - n1 * (n1 + 1) / 2
        let larger = max(statistic, n1 * n2 - statistic)
        if min(first.count, second.count) <= 8, !ranks.hasTies,
            let upper = Self.exactUpperTail(larger, first.count, second.count)
        {
            isExact = true
            pValue = min(1, 2 * upper)
            return
        }
        isExact = false
        let n = n1 + n2
        let variance = n1 * n2 / 12 * ((n + 1) - ranks.tieTerm / (n * (n - 1)))
        guard variance > 0 else {
            pValue = 1
            return
        }
        let z = (larger - n1 * n2 / 2 - 0.5) / variance.squareRoot()
        pValue = min(1, 2 * Normal.survival(z))
    }

    /// P(U ≥ u) by counting: the generating function of U is the Gaussian binomial ∏(1−q^{n₂+i})/(1−q^i).
    ///
    /// 128-bit integers keep the counts exact; `nil` when the number of arrangements does not fit, or the table would
    /// take more than 32 MB.
    private static func exactUpperTail(_ u: Double, _ firstCount: Int, _ secondCount: Int) -> Double? {
        let small = min(firstCount, secondCount)
        let large = max(firstCount, secondCount)
        var arrangements: UInt128 = 1
        for i in 1...small {
            let (product, overflow) = arrangements.multipliedReportingOverflow(by: UInt128(large + i))
            if overflow { return nil }
            arrangements = product / UInt128(i)
        }
        // By symmetry P(U ≥ u) = P(U ≤ n₁n₂ − u), the shorter side.
        let reach = small * large - Int(u)
        guard reach <= longestTable else { return nil }
        var counts = [UInt128](repeating: 0, count: reach + 1)
        counts[0] = 1
        for i in 1...small {
            let factor = large + i
            if factor <= reach {
                for k in stride(from: reach, through: factor, by: -1) { counts[k] &-= counts[k - factor] }
            }
            if i <= reach { for k in i...reach { counts[k] &+= counts[k - i] } }
        }
        var total: UInt128 = 0
        for count in counts { total &+= count }
        return Double(total) / Double(arrangements)
    }
}

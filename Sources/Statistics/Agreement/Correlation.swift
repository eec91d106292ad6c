/// How strongly two aligned lists of scores move together.
package struct Correlation: Sendable, Equatable {
    /// From −1 to 1.
    package let value: Double
    /// The two-sided p-value of no association by t with n−2 degrees of freedom; 1 for two pairs, `nil` for Kendall.
    package let pValue: Double?

    /// Pearson's r, or `nil` for fewer than two pairs or a constant list.
    ///
    /// Equals `scipy.stats.pearsonr`.
    package static func pearson(_ first: [Double], _ second: [Double]) throws -> Correlation? {
        try requireAligned(first, second)
        return linear(first, second)
    }

    /// Spearman's ρ: Pearson's r of the ranks, ties averaged.
    ///
    /// Equals `scipy.stats.spearmanr`.
    package static func spearman(_ first: [Double], _ second: [Double]) throws -> Correlation? {
        try requireAligned(first, second)
        return linear(Ranks(first).values, Ranks(second).values)
    }

    /// Kendall's τ-b = (concordant − discordant)/√((n₀−n₁)(n₀−n₂)), in O(n log n).
    ///
    /// Equals `scipy.stats.kendalltau`.
    package static func kendall(_ first: [Double], _ second: [Double]) throws -> Correlation? {
        try requireAligned(first, second)
        let order = first.indices.sorted { (first[$0], second[$0]) < (first[$1], second[$1]) }
        let pairs = { (n: Int) in Double(n) * Double(n - 1) / 2 }
        let total = pairs(first.count)
        let tiedFirst = Ranks(first).groupSizes.reduce(0) { $0 + pairs($1) }
        let tiedSecond = Ranks(second).groupSizes.reduce(0) { $0 + pairs($1) }
        var tiedBoth = 0.0
        var run = 1
        for position in order.indices.dropFirst() {
            let (previous, current) = (order[position - 1], order[position])
            if first[previous] == first[current], second[previous] == second[current] {
                run += 1
            } else {
                tiedBoth += pairs(run)
                run = 1
            }
        }
        if !order.isEmpty { tiedBoth += pairs(run) }
        var values = order.map { second[$0] }
        let discordant = Double(inversions(&values))
        let scale = ((total - tiedFirst) * (total - tiedSecond)).squareRoot()
        guard scale > 0 else { return nil }
        let balance = total - tiedFirst - tiedSecond + tiedBoth - 2 * discordant
        return Correlation(value: min(1, max(-1, balance / scale)), pValue: nil)
    }

    private static func linear(_ first: [Double], _ second: [Double]) -> Correlation? {
        guard first.count > 1 else { return nil }
        let (meanFirst, meanSecond) = (first.mean, second.mean)
        var product = 0.0
        for (a, b) in zip(first, second) { product += (a - meanFirst) * (b - meanSecond) }
        let spread =
            first.sumOfSquares(around: meanFirst).squareRoot() * second.sumOfSquares(around: meanSecond).squareRoot()
        guard spread > 0, first.contains(where: { $0 != first[0] }), second.contains(where: { $0 != second[0] }) else {
            return nil
        }
        let r = min(1, max(-1, product / spread))
        guard first.count > 2 else { return Correlation(value: r.rounded(), pValue: 1) }
        // t² = (n−2)r²/(1−r²), so its tail is I_{1−r²}((n−2)/2, ½).
        let tail = IncompleteBeta.tails(Double(first.count - 2) / 2, 0.5, (1 - r) * (1 + r), r * r)
        return Correlation(value: r, pValue: tail.lower)
    }

    /// Sorts the values by merging and counts the pairs that were in the wrong order.
    private static func inversions(_ values: inout [Double]) -> Int {
        var count = 0
        var width = 1
        var merged = values
        while width < values.count {
            for start in stride(from: 0, to: values.count, by: 2 * width) {
                let middle = min(start + width, values.count)
                let end = min(start + 2 * width, values.count)
                var (left, right) = (start, middle)
                for position in start..<end {
                    if left < middle, right >= end || values[left] <= values[right] {
                        merged[position] = values[left]
                        left += 1
                    } else {
                        merged[position] = values[right]
                        right += 1
                        count += middle - left
                    }
                }
            }
            swap(&values, &merged)
            width *= 2
        }
        return count
    }
}

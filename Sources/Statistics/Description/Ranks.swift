/// Ranks with ties averaged, and the sizes of the tied groups.
struct Ranks {
    /// The rank of each value, from 1; tied values share the mean of theirs (`scipy.stats.rankdata`, `average`).
    let values: [Double]
    /// How many values each group of equal values has, in ascending order of value.
    let groupSizes: [Int]

    init(_ values: [Double]) {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var sizes: [Int] = []
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            let rank = Double(start + end + 1) / 2
            for position in start..<end { ranks[order[position]] = rank }
            sizes.append(end - start)
            start = end
        }
        self.values = ranks
        groupSizes = sizes
    }

    /// Whether any two values are equal.
    var hasTies: Bool { groupSizes.count < values.count }

    /// Σ(t³ − t) over the tied groups.
    var tieTerm: Double {
        var total = 0.0
        for size in groupSizes {
            let t = Double(size)
            total += t * t * t - t
        }
        return total
    }
}

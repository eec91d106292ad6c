/// How large a difference is, apart from whether it could be chance.
package enum EffectSize {
    /// Cliff's δ = (#{a > b} − #{a < b}) / (n₁·n₂), from −1 to 1; unpaired, by ranks in O(n log n).
    package static func cliffsDelta(_ first: [Double], _ second: [Double]) throws -> Double {
        try requireFinite(first)
        try requireFinite(second)
        let sorted = second.sorted()
        var balance = 0
        for value in first {
            let below = sorted.partitionPoint { $0 < value }
            let notAbove = sorted.partitionPoint { $0 <= value }
            balance += below - (sorted.count - notAbove)
        }
        return Double(balance) / (Double(first.count) * Double(second.count))
    }

    /// The Hodges–Lehmann estimate of a paired shift: the median of all Walsh averages (d_i + d_j)/2, i ≤ j.
    ///
    /// O(n²) values are formed, so above `limit` differences it throws; the default keeps it under 16 MB.
    package static func hodgesLehmann(differences: [Double], limit: Int = 2_000) throws -> Double {
        try requireFinite(differences)
        guard differences.count <= limit else {
            throw StatisticsError.outOfRange(parameter: "differences.count", value: Double(differences.count))
        }
        var averages: [Double] = []
        averages.reserveCapacity(differences.count * (differences.count + 1) / 2)
        for (index, difference) in differences.enumerated() {
            for other in differences[index...] { averages.append((difference + other) / 2) }
        }
        return try Quantile.median(averages)
    }

    /// Cohen's d of paired differences: mean(d)/sd(d), or `nil` without variation.
    package static func cohensD(differences: [Double]) throws -> Double? {
        guard let deviation = try Description(differences).standardDeviation, deviation > 0 else { return nil }
        return differences.mean / deviation
    }
}

extension Array<Double> {
    /// The first position at which the condition no longer holds; the array must be partitioned by it.
    func partitionPoint(_ holds: (Double) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

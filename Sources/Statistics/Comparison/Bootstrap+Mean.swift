extension Bootstrap {
    /// The most resamples that may be asked for; a distribution is kept in memory.
    package static let mostResamples = 1_000_000

    /// Resamples the mean of independent values (for a paired comparison: of the differences).
    ///
    /// Draw k of resample b is the (b·n + k)-th index of ``SeededRandom``. Throws for fewer than one value, values that
    /// are not finite, or a number of resamples outside 1...``mostResamples``.
    package static func mean(of values: [Double], resamples: Int = 9_999, seed: UInt64 = 0) throws -> Bootstrap {
        try requireFinite(values)
        try requireResamples(resamples)
        var random = SeededRandom(seed: seed)
        let distribution = (0..<resamples).map { _ in
            var total = 0.0
            for _ in 0..<values.count { total += values[random.index(below: values.count)] }
            return total / Double(values.count)
        }
        return try Bootstrap(estimate: values.mean, distribution: distribution, jackknife: [leaveOneOutMeans(values)])
    }

    /// The mean for each row of a given index matrix, so that another program can be matched draw for draw.
    package static func mean(of values: [Double], indices: [[Int]]) throws -> Bootstrap {
        try statistic(count: values.count, indices: indices) { rows in rows.map { values[$0] }.mean }
    }

    /// Resamples whole clusters with replacement; the statistic is the mean over all values drawn.
    package static func mean(
        of values: [Double], clusters: Clusters, resamples: Int = 9_999, seed: UInt64 = 0
    ) throws -> Bootstrap {
        try requireFinite(values)
        try requireResamples(resamples)
        guard values.count == clusters.indices.count else {
            throw StatisticsError.lengthMismatch(values.count, clusters.indices.count)
        }
        let sums = clusters.sums(of: values)
        let sizes = clusters.sizes.map(Double.init)
        var random = SeededRandom(seed: seed)
        let distribution = (0..<resamples).map { _ in
            var total = 0.0
            var drawn = 0.0
            for _ in 0..<sums.count {
                let cluster = random.index(below: sums.count)
                total += sums[cluster]
                drawn += sizes[cluster]
            }
            return total / drawn
        }
        let (sum, count) = (sums.sum, sizes.sum)
        let jackknife = sums.count > 1 ? zip(sums, sizes).map { (sum - $0) / (count - $1) } : []
        return try Bootstrap(estimate: sum / count, distribution: distribution, jackknife: [jackknife])
    }

    /// Resamples within each stratum (dataset, language), which keeps its size; the statistic is the overall mean.
    package static func mean(
        of values: [Double], strata: Clusters, resamples: Int = 9_999, seed: UInt64 = 0
    ) throws -> Bootstrap {
        try requireFinite(values)
        try requireResamples(resamples)
        guard values.count == strata.indices.count else {
            throw StatisticsError.lengthMismatch(values.count, strata.indices.count)
        }
        var groups = [[Double]](repeating: [], count: strata.count)
        for (value, index) in zip(values, strata.indices) { groups[index].append(value) }
        var random = SeededRandom(seed: seed)
        let distribution = (0..<resamples).map { _ in
            var total = 0.0
            for group in groups {
                for _ in 0..<group.count { total += group[random.index(below: group.count)] }
            }
            return total / Double(values.count)
        }
        let count = Double(values.count)
        let sum = values.sum
        let jackknife = groups.map { group in
            let part = group.sum
            return zip(leaveOneOutMeans(group), group).map { mean, _ in
                (sum - part + mean * Double(group.count)) / count
            }
        }
        return try Bootstrap(estimate: sum / count, distribution: distribution, jackknife: jackknife)
    }

    /// Any statistic of the rows, for each row of an index matrix.
    ///
    /// `statistic` gets row numbers in 0..<count.
    package static func statistic(
        count: Int, indices: [[Int]], _ statistic: ([Int]) -> Double
    ) throws -> Bootstrap {
        guard count > 0 else { throw StatisticsError.tooFewValues(needed: 1, got: count) }
        try requireResamples(indices.count)
        for index in indices.joined() where !(0..<count).contains(index) {
            throw StatisticsError.outOfRange(parameter: "indices", value: Double(index))
        }
        let all = Array(0..<count)
        let jackknife = count > 1 ? all.map { left in statistic(all.filter { $0 != left }) } : []
        return try Bootstrap(estimate: statistic(all), distribution: indices.map(statistic), jackknife: [jackknife])
    }

    /// An index matrix drawn by ``SeededRandom``: `resamples` rows of `count` indices.
    ///
    /// Throws for a count below 1 or a number of resamples out of range.
    package static func indices(count: Int, resamples: Int, seed: UInt64) throws -> [[Int]] {
        guard count > 0 else { throw StatisticsError.tooFewValues(needed: 1, got: count) }
        try requireResamples(resamples)
        var random = SeededRandom(seed: seed)
        return (0..<resamples).map { _ in (0..<count).map { _ in random.index(below: count) } }
    }

    private static func requireResamples(_ resamples: Int) throws {
        guard (1...mostResamples).contains(resamples) else {
            throw StatisticsError.outOfRange(parameter: "resamples", value: Double(resamples))
        }
    }

    private static func leaveOneOutMeans(_ values: [Double]) -> [Double] {
        guard values.count > 1 else { return [] }
        let sum = values.sum
        return values.map { (sum - $0) / Double(values.count - 1) }
    }
}

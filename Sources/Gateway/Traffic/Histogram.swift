/// Counts of values by size, with their sum.
///
/// Nanoseconds or tokens, as its boundaries say.
package struct Histogram: Sendable, Hashable {
    /// The upper ends of the buckets, each included; a last bucket takes the rest.
    package let boundaries: [Int]
    /// One count for each boundary, and one for what is above them.
    package private(set) var counts: [Int]
    package private(set) var sum = 0

    package init(boundaries: [Int]) {
        self.boundaries = boundaries
        counts = Array(repeating: 0, count: boundaries.count + 1)
    }

    /// The number of values.
    package var count: Int { counts.reduce(0, +) }

    /// Counts a value.
    package mutating func add(_ value: Int) {
        counts[bucket(of: value)] += 1
        sum &+= value
    }

    /// Counts what another histogram with the same boundaries has counted.
    package mutating func add(_ other: Histogram) {
        for (index, count) in other.counts.enumerated() where count != 0 { counts[index] += count }
        sum &+= other.sum
    }

    /// What was counted since an earlier state of the same histogram; all of it, if that was another one.
    package func since(_ earlier: Histogram?) -> Histogram {
        guard let earlier, earlier.boundaries == boundaries, earlier.count <= count else { return self }
        var difference = self
        for index in counts.indices { difference.counts[index] = max(0, counts[index] - earlier.counts[index]) }
        difference.sum = sum - earlier.sum
        return difference
    }

    /// The value below which this share of the values is, or `nil` if there are none.
    ///
    /// Within a bucket, values are taken to be spread evenly; above the last boundary, that boundary is given.
    package func quantile(_ share: Double) -> Double? {
        let total = count
        guard total > 0 else { return nil }
        let rank = share * Double(total)
        var below = 0
        for (index, count) in counts.enumerated() where count > 0 {
            guard Double(below + count) >= rank else {
                below += count
                continue
            }
            guard index < boundaries.count else { break }
            let lower = index == 0 ? 0 : Double(boundaries[index - 1])
            let upper = Double(boundaries[index])
            return lower + (upper - lower) * max(0, rank - Double(below)) / Double(count)
        }
        return boundaries.last.map { Double($0) }
    }

    /// The values counted up to each of some boundaries, every one of which is a boundary of this histogram.
    func cumulative(at wanted: [Int]) -> [Int] {
        var result: [Int] = []
        result.reserveCapacity(wanted.count)
        var total = 0
        var index = 0
        for boundary in wanted {
            while index < boundaries.count, boundaries[index] <= boundary {
                total += counts[index]
                index += 1
            }
            result.append(total)
        }
        return result
    }

    /// Rebuilds a histogram; `nil` if the counts do not fit the boundaries.
    package init?(boundaries: [Int], counts: [Int], sum: Int) {
        guard counts.count == boundaries.count + 1, counts.allSatisfy({ $0 >= 0 }) else { return nil }
        self.boundaries = boundaries
        self.counts = counts
        self.sum = sum
    }

    private func bucket(of value: Int) -> Int {
        var low = 0
        var high = boundaries.count
        while low < high {
            let middle = (low + high) / 2
            if boundaries[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// The boundaries that OpenTelemetry's GenAI conventions recommend, and a finer set for percentiles.
package enum HistogramBoundaries {
    /// `gen_ai.client.operation.duration`: 10 ms to 82 s, each twice the one before.
    ///
    /// Nanoseconds.
    package static let duration = (0..<14).map { 10_000_000 << $0 }
    /// Four steps in each doubling from 0.16 ms to 655 s, those of ``duration`` among them.
    ///
    /// Nanoseconds.
    package static let fineDuration: [Int] = {
        // 2^(n/4), as millionths.
        let steps = [1_000_000, 1_189_207, 1_414_214, 1_681_793]
        return (0..<22).flatMap { octave in steps.map { (156_250 << octave) * $0 / 1_000_000 } } + [156_250 << 22]
    }()
    /// `gen_ai.client.operation.time_to_first_chunk`: 1 ms to 10 s.
    ///
    /// Nanoseconds.
    package static let firstToken = [1, 5, 10, 20, 40, 60, 80, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000]
        .map { $0 * 1_000_000 }
    /// `gen_ai.client.token.usage`: 1 to 67 million, each four times the one before.
    package static let tokens = (0..<14).map { 1 << (2 * $0) }
}

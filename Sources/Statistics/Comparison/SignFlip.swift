/// The sign-flip permutation test of a mean paired difference.
///
/// If the variants are exchangeable every difference may as well have the other sign. Up to ``exactLimit`` nonzero
/// differences all 2ⁿ assignments are counted; beyond, seeded random ones. Equals scipy
/// `permutation_test(permutation_type="samples")` with the mean, two-sided.
package struct SignFlip: Sendable, Equatable {
    /// The largest number of nonzero differences (or clusters) for which every assignment is counted.
    package static let exactLimit = 16

    /// The two-sided p-value; 1 when every difference is zero.
    package let pValue: Double
    /// Whether every assignment was counted.
    package let isExact: Bool

    /// Tests the differences; with clusters, all differences of one cluster flip together.
    ///
    /// Random assignments give (hits + 1)/(samples + 1), which never claims 0.
    /// Throws for an empty list, a value that is not finite, or lists of different lengths.
    package init(differences: [Double], clusters: Clusters? = nil, samples: Int = 9_999, seed: UInt64 = 0) throws {
        try requireFinite(differences)
        if let clusters, clusters.indices.count != differences.count {
            throw StatisticsError.lengthMismatch(differences.count, clusters.indices.count)
        }
        guard samples > 0 else { throw StatisticsError.outOfRange(parameter: "samples", value: Double(samples)) }
        let units = (clusters?.sums(of: differences) ?? differences).filter { $0 != 0 }
        let size = units.map(abs).sum
        // Sums of the same values in another order differ by rounding; they must count as equal.
        let threshold = abs(units.sum) - 1e-12 * size
        isExact = units.count <= Self.exactLimit
        guard !units.isEmpty else {
            pValue = 1
            return
        }
        if isExact {
            // A sum and its mirror image are equally extreme, so the last sign may stay.
            let half = 1 << (units.count - 1)
            var hits = 0
            for pattern in 0..<half where abs(Self.sum(units, flippedBy: UInt64(pattern))) >= threshold { hits += 1 }
            pValue = Double(hits) / Double(half)
        } else {
            var random = SeededRandom(seed: seed)
            var hits = 0
            for _ in 0..<samples {
                var total = 0.0
                for start in stride(from: 0, to: units.count, by: 64) {
                    total += Self.sum(units[start..<min(start + 64, units.count)], flippedBy: random.next())
                }
                if abs(total) >= threshold { hits += 1 }
            }
            pValue = Double(hits + 1) / Double(samples + 1)
        }
    }

    /// The sum with the sign of the value at each set bit turned.
    private static func sum(_ values: some Sequence<Double>, flippedBy pattern: UInt64) -> Double {
        var total = 0.0
        var bits = pattern
        for value in values {
            total += bits & 1 == 0 ? value : -value
            bits >>= 1
        }
        return total
    }
}

/// SplitMix64: a small generator whose sequence is decided by its seed, so that a choice can be repeated in a test.
struct SplitMix: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// A number from 0 up to, not including, 1.
    mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }
}

/// Picks one of several by weight in a single pass, without a list of them.
///
/// Those of weight 0 are picked, the first of them, only where nothing weighs more.
struct WeightedChoice: Sendable {
    private(set) var picked: Int?
    private var total = 0

    /// Offers one more; the chance that it replaces the pick is its share of the weights so far.
    mutating func offer(_ index: Int, weight: Int, random: inout SplitMix) {
        guard weight > 0 else {
            if picked == nil { picked = index }
            return
        }
        total += weight
        if total == weight || Int.random(in: 0..<total, using: &random) < weight { picked = index }
    }
}

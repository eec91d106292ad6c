/// A reproducible source of random numbers: SplitMix64.
///
/// The state advances by 0x9E3779B97F4A7C15 and is mixed by Stafford's variant 13 (Steele, Lea and Flood, "Fast
/// Splittable Pseudorandom Number Generators", 2014). The same seed gives the same numbers on every machine and in
/// every release, so a report can be recomputed. Not for secrets.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number in [0, 1) with 53 random bits.
    package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// An index in 0..<count: the high half of the 128-bit product (Lemire 2019).
    ///
    /// Its bias is at most count/2⁶⁴, far below what any resampling can see; not rejecting keeps one draw per index.
    @inline(__always)
    package mutating func index(below count: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(count)).high)
    }
}

/// Random identifiers of calls and spans for one event loop.
///
/// Asking the system for each would be four system calls a request. They have to be unique, not secret: this is
/// xoshiro256** (David Blackman and Sebastiano Vigna, 2018), begun with 256 bits of the system's randomness.
struct IdentifierSource {
    private static let digits = Array("0123456789abcdef".utf8)

    private var state: (UInt64, UInt64, UInt64, UInt64)

    init() {
        var generator = SystemRandomNumberGenerator()
        state = (generator.next() | 1, generator.next(), generator.next(), generator.next())
    }

    /// 32 hexadecimal digits, not all 0: 48 bits of milliseconds since 1970, then random ones.
    ///
    /// Calls that come after each other are kept beside each other: the database's index then grows at its end.
    mutating func trace(at nanoseconds: Int) -> String {
        let milliseconds = UInt64(max(0, nanoseconds) / 1_000_000)
        return hexadecimal(milliseconds << 16 | number() & 0xFFFF, number() | 1)
    }

    /// 16 hexadecimal digits, not all 0.
    mutating func span() -> String { hexadecimal(number() | 1, nil) }

    /// 64 random bits.
    mutating func number() -> UInt64 {
        let product = state.1 &* 5
        let result = (product << 7 | product >> 57) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = state.3 << 45 | state.3 >> 19
        return result
    }

    private func hexadecimal(_ first: UInt64, _ second: UInt64?) -> String {
        String(unsafeUninitializedCapacity: second == nil ? 16 : 32) { buffer in
            Self.write(first, to: buffer, at: 0)
            guard let second else { return 16 }
            Self.write(second, to: buffer, at: 16)
            return 32
        }
    }

    private static func write(_ word: UInt64, to buffer: UnsafeMutableBufferPointer<UInt8>, at start: Int) {
        var bits = word
        for place in (0..<16).reversed() {
            buffer[start + place] = digits[Int(bits & 15)]
            bits >>= 4
        }
    }
}

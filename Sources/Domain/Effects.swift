package import Foundation

/// The outside world's small answers: the time and fresh identifiers.
package struct Effects: Sendable {
    /// The time of day.
    package var now: @Sendable () -> Date
    /// A new identifier: 26 characters that sort by creation time.
    package var newID: @Sendable () -> String

    package init(now: @escaping @Sendable () -> Date, newID: @escaping @Sendable () -> String) {
        self.now = now
        self.newID = newID
    }

    /// The real clock and random identifiers.
    package static let live = Effects(now: { Date() }, newID: { Identifier.make(at: Date()) })
}

extension Date {
    /// Nanoseconds since 1970.
    package var nanoseconds: Int { Int(timeIntervalSince1970 * 1e9) }
}

/// Identifiers in the form of ULID: 48 bits of milliseconds, then 80 random bits, in Crockford's base 32.
package enum Identifier {
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// An identifier for something made at `date`.
    package static func make(at date: Date) -> String {
        var generator = SystemRandomNumberGenerator()
        // 48 bits reach to the year 10889; a clock that is further off counts as their end.
        let milliseconds = min(max(0, date.timeIntervalSince1970 * 1000), Double(UInt64(1) << 48 - 1))
        return make(milliseconds: milliseconds.isNaN ? 0 : UInt64(milliseconds), using: &generator)
    }

    static func make(milliseconds: UInt64, using generator: inout some RandomNumberGenerator) -> String {
        var characters: [UInt8] = []
        characters.reserveCapacity(26)
        for shift in stride(from: 45, through: 0, by: -5) {
            characters.append(digits[Int((milliseconds >> UInt64(shift)) & 31)])
        }
        for _ in 0..<2 {
            let random = generator.next() as UInt64
            for shift in 0..<8 { characters.append(digits[Int((random >> UInt64(shift * 5)) & 31)]) }
        }
        return String(decoding: characters, as: UTF8.self)
    }
}

/// A token bucket: at most a minute's worth at once, refilled evenly.
///
/// Integers only: a unit is divided into sixty million parts, of which `limit` come back each microsecond.
struct RateBucket: Sendable, Hashable {
    /// Units per minute.
    private(set) var limit: Int
    private var level: Int
    /// Microseconds since 1970.
    private var updated: Int

    private static let unit = 60_000_000
    /// More a minute is as good as no limit; keeps all products within 63 bits.
    private static let highestLimit = 1_000_000_000
    /// Two hours: no debt of a call is older.
    private static let longestRefill = 7_200_000_000

    /// A full bucket.
    init(limit: Int, now: Int) {
        self.limit = min(max(limit, 0), Self.highestLimit)
        level = self.limit * Self.unit
        updated = now / 1000
    }

    /// Takes the limit over from the key's record; what was used stays used.
    mutating func change(limit newLimit: Int) {
        let newLimit = min(max(newLimit, 0), Self.highestLimit)
        guard newLimit != limit else { return }
        level = level.saturatingAdd((newLimit - limit) * Self.unit)
        limit = newLimit
    }

    /// Fills it up to `now`, nanoseconds since 1970.
    mutating func refill(now: Int) {
        let time = now / 1000
        guard time > updated else { return }
        level = min(limit * Self.unit, level.saturatingAdd(min(time - updated, Self.longestRefill) * limit))
        updated = time
    }

    /// Seconds until `count` units are there, rounded up; 0 if they are, `nil` if they never will be.
    func wait(for count: Int) -> Int? {
        guard count > 0 else { return 0 }
        guard count <= limit else { return nil }
        let missing = (count * Self.unit).saturatingSubtract(level)
        guard missing > 0 else { return 0 }
        let microseconds = (missing - 1) / limit + 1
        return (microseconds - 1) / 1_000_000 + 1
    }

    /// Takes units, into debt if need be; a negative count gives them back.
    mutating func take(_ count: Int) {
        let bounded = min(max(count, -Self.highestLimit), Self.highestLimit)
        level = min(limit * Self.unit, level.saturatingSubtract(bounded * Self.unit))
    }
}

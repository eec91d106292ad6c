/// How many calls may be under way at a connection: additive increase, multiplicative decrease.
///
/// It starts at the maximum, is halved when the provider limits the rate, at most once per cool-down so that one burst
/// of refusals counts once, and grows by one after as many successes in a row as calls are allowed. Has no clock: times
/// are durations since a start the caller chose.
package struct AdaptiveConcurrency: Sendable, Equatable {
    package let maximum: Int
    /// Calls that may be under way now.
    package private(set) var allowed: Int
    /// Calls that are under way.
    package private(set) var running = 0
    /// Until when no call may start.
    package private(set) var coolDownEnd: Duration?
    private var successes = 0

    /// The cool-down where the provider asks for none.
    static let defaultCoolDown = Duration.seconds(1)
    static let longestCoolDown = Duration.seconds(60)

    package init(maximum: Int) {
        self.maximum = max(1, maximum)
        allowed = max(1, maximum)
    }

    /// Starts a call if one may start, and says whether it did.
    package mutating func start(at time: Duration) -> Bool {
        if let end = coolDownEnd {
            guard time >= end else { return false }
            coolDownEnd = nil
        }
        guard running < allowed else { return false }
        running += 1
        return true
    }

    /// Takes in the end of a call that was not refused for its rate.
    ///
    /// Only successes make room for more.
    package mutating func ended(succeeded: Bool) {
        running -= 1
        guard succeeded else { return }
        successes += 1
        guard successes >= allowed else { return }
        successes = 0
        allowed = min(allowed + 1, maximum)
    }

    /// Takes in the end of a call that was refused for its rate.
    package mutating func refused(at time: Duration, retryAfter: Duration?) {
        running -= 1
        successes = 0
        if coolDownEnd.map({ time >= $0 }) ?? true { allowed = max(1, allowed / 2) }
        let end = time + min(max(retryAfter ?? Self.defaultCoolDown, .zero), Self.longestCoolDown)
        coolDownEnd = max(coolDownEnd ?? end, end)
    }
}

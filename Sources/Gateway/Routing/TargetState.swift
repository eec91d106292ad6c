/// What is known about one target's health.
///
/// Closed: all is well. Cooling: it is left alone until a time. After that it is half open: one call probes it, and its
/// outcome decides. A value without a clock; times are nanoseconds of a clock that does not go back.
struct TargetState: Sendable {
    /// Whether a call may go there now.
    enum Availability: Sendable, Equatable {
        case free
        /// As many calls as `concurrency` allows are under way.
        case full
        /// It is left alone; the time is when it comes back.
        case cooling(until: Int)
    }

    /// The longest a target is left alone, whatever it asks for.
    static let longestCoolDown = Duration.seconds(600)

    private(set) var inFlight = 0
    /// Since when and until when; stays after the end until a call has succeeded.
    private(set) var cooling: (since: Int, until: Int)?
    private var probeStart: Int?
    private var window = FailureWindow()
    /// Accesses whose key was refused, and until when they are left out.
    private var refused: [UpstreamAccess: Int] = [:]

    /// Whether a call that has not used the accesses before `firstAccess` may go there.
    func availability(of target: Target, firstAccess: Int = 0, now: Int) -> Availability {
        if let cooling {
            if now < cooling.until { return .cooling(until: cooling.until) }
            let probeEnd = probeStart.map { $0 + max(target.declaration.coolDown.nanoseconds, 1) }
            if let probeEnd, now < probeEnd { return .cooling(until: probeEnd) }
        }
        if access(of: target, firstAccess: firstAccess, now: now) == nil {
            let back = target.accesses.dropFirst(firstAccess).compactMap { refused[$0] }.min()
            return .cooling(until: back ?? .max)
        }
        return isFull(target) ? .full : .free
    }

    func isFull(_ target: Target) -> Bool { target.declaration.concurrency.map { inFlight >= $0 } ?? false }

    /// The first access that is not left out, or with `isForced` the one that comes back first.
    func access(of target: Target, firstAccess: Int, now: Int, isForced: Bool = false) -> Int? {
        let rest = target.accesses.indices.dropFirst(firstAccess)
        if let first = rest.first(where: { (refused[target.accesses[$0]] ?? .min) <= now }) { return first }
        guard isForced else { return nil }
        return rest.min { (refused[target.accesses[$0]] ?? 0) < (refused[target.accesses[$1]] ?? 0) }
    }

    /// Takes a slot for a call, as the probe if one is due.
    mutating func start(now: Int) {
        inFlight += 1
        if let cooling, now >= cooling.until { probeStart = now }
    }

    /// Gives the slot of a call back that started at `start`.
    mutating func end(start: Int) {
        inFlight -= 1
        if probeStart == start { probeStart = nil }
    }

    /// Takes in that a call which started at `start` was answered.
    mutating func succeeded(_ target: Target, start: Int, now: Int) {
        _ = window.note(isFailure: false, now: now, length: Self.windowLength(of: target))
        // A call from before the cool-down says nothing about the time after.
        if let cooling, start >= cooling.since {
            self.cooling = nil
            probeStart = nil
        }
    }

    /// Takes in a failure; says whether the target begins to cool down by it.
    mutating func failed(
        _ target: Target, access: Int, start: Int, mark: FailurePolicy.Mark, retryAfter: Duration?, now: Int
    ) -> Bool {
        let coolDown = target.declaration.coolDown
        switch mark {
        case .none: return false
        case .access:
            refused = refused.filter { $0.value > now }
            refused[target.accesses[access]] = now + coolDown.nanoseconds
            return false
        case .strike, .coolDown:
            let isStorm = window.note(isFailure: true, now: now, length: Self.windowLength(of: target))
            let wasProbe = probeStart == start && cooling != nil
            guard mark == .coolDown || isStorm || wasProbe || retryAfter != nil else { return false }
            let pause = min(retryAfter ?? coolDown, Self.longestCoolDown).nanoseconds
            let isNew = cooling.map { now >= $0.until } ?? true
            cooling = (since: now, until: max(now + pause, cooling?.until ?? .min))
            if wasProbe { probeStart = nil }
            return isNew
        }
    }

    private static func windowLength(of target: Target) -> Int {
        max(.seconds(10), target.declaration.coolDown).nanoseconds
    }
}

extension Duration {
    /// Nanoseconds, cut off to what fits.
    package var nanoseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < Int64(Int.max) / 1_000_000_000 else { return .max / 2 }
        guard seconds > Int64(Int.min) / 1_000_000_000 else { return .min / 2 }
        return Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    }
}

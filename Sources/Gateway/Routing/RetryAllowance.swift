import Synchronization

/// How many retries a route may make: a share of its calls over the last minute, and ten always.
///
/// So an outage of all targets is multiplied by 1 + share at most, not by the attempts. Pure; no clock.
struct RetryWindow: Sendable, Equatable {
    static let alwaysAllowed = 10
    private static let slotLength = 10_000_000_000

    private struct Slot: Sendable, Equatable {
        var number = Int.min
        var calls = 0
        var retries = 0
    }

    /// Six of ten seconds each.
    private var slots = Array(repeating: Slot(), count: 6)

    mutating func noteCall(now: Int) { slots[slot(now)].calls += 1 }

    /// Takes a retry if there is one left; `share` is in parts of one.
    mutating func take(share: Double, now: Int) -> Bool {
        let index = slot(now)
        let oldest = slots[index].number - 5
        var calls = 0
        var retries = 0
        for slot in slots where slot.number >= oldest {
            calls += slot.calls
            retries += slot.retries
        }
        guard retries < max(Self.alwaysAllowed, Int(share * Double(calls))) else { return false }
        slots[index].retries += 1
        return true
    }

    private mutating func slot(_ now: Int) -> Int {
        let number = max(0, now / Self.slotLength)
        let index = number % slots.count
        if slots[index].number != number { slots[index] = Slot(number: number) }
        return index
    }
}

/// A route's retries, shared by all event loops; lives across reloads.
package final class RetryAllowance: Sendable {
    private let window = Mutex(RetryWindow())
    private let refusals = Atomic(0)

    init() {}

    func noteCall(now: Int) { window.withLock { $0.noteCall(now: now) } }

    func take(share: Double, now: Int) -> Bool {
        let isTaken = window.withLock { $0.take(share: share, now: now) }
        if !isTaken { refusals.add(1, ordering: .relaxed) }
        return isTaken
    }

    /// Retries that were not made because the share was used up.
    package var refused: Int { refusals.load(ordering: .relaxed) }
}

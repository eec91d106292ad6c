import Synchronization

/// A call's slot at a target; given back when it ends, at the latest with its last owner.
final class TargetLease: Sendable {
    let target: Target
    let access: Int
    private let health: TargetHealth
    private let start: Int
    private let isOpen = Atomic(true)

    init(health: TargetHealth, target: Target, access: Int, start: Int) {
        self.health = health
        self.target = target
        self.access = access
        self.start = start
    }

    deinit { end() }

    /// The target has answered, by its first content or in full.
    func succeeded(now: Int) { health.succeeded(target, start: start, now: now) }

    func failed(_ failure: AttemptFailure, now: Int) {
        health.failed(failure, target, access: access, start: start, now: now)
    }

    /// Gives the slot back; once.
    func end() {
        guard isOpen.exchange(false, ordering: .relaxed) else { return }
        health.end(start: start)
    }
}

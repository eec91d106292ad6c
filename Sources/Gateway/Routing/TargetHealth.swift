import Synchronization

/// A target's health, shared by all event loops; lives across reloads.
package final class TargetHealth: Sendable {
    /// The served model and the target's id in it.
    package let model: String
    package let target: String
    private let state = Mutex(Shared())

    private struct Shared: Sendable {
        var state = TargetState()
        var counters = TargetCounters()
    }

    init(model: String, target: String) {
        self.model = model
        self.target = target
    }

    func availability(of target: Target, firstAccess: Int = 0, now: Int) -> TargetState.Availability {
        state.withLock { $0.state.availability(of: target, firstAccess: firstAccess, now: now) }
    }

    /// Starts a call if the target is free, or with `isForced` also while it cools down; never beyond its concurrency.
    func start(_ target: Target, firstAccess: Int, now: Int, isForced: Bool) -> TargetLease? {
        state.withLock { shared -> TargetLease? in
            if isForced {
                guard !shared.state.isFull(target) else { return nil }
            } else {
                guard shared.state.availability(of: target, firstAccess: firstAccess, now: now) == .free else {
                    return nil
                }
            }
            guard
                let access = shared.state.access(of: target, firstAccess: firstAccess, now: now, isForced: isForced)
            else { return nil }
            shared.state.start(now: now)
            shared.counters.attempts += 1
            return TargetLease(health: self, target: target, access: access, start: now)
        }
    }

    func succeeded(_ target: Target, start: Int, now: Int) {
        state.withLock { $0.state.succeeded(target, start: start, now: now) }
    }

    func failed(_ failure: AttemptFailure, _ target: Target, access: Int, start: Int, now: Int) {
        let mark = FailurePolicy.of(failure.kind).mark
        state.withLock { shared in
            shared.counters.failures[failure.kind.label, default: 0] += 1
            let cools = shared.state.failed(
                target, access: access, start: start, mark: mark, retryAfter: failure.retryAfter, now: now)
            if cools { shared.counters.coolDowns += 1 }
        }
    }

    func end(start: Int) { state.withLock { $0.state.end(start: start) } }

    /// How it stands.
    package func status(now: Int) -> TargetStatus {
        state.withLock { shared in
            let condition: TargetStatus.Condition =
                switch shared.state.cooling {
                case .some(let cooling) where now < cooling.until:
                    .cooling(for: .nanoseconds(cooling.until - now))
                case .some: .halfOpen
                case .none: .healthy
                }
            return TargetStatus(
                model: model, target: target, condition: condition, inFlight: shared.state.inFlight,
                counters: shared.counters)
        }
    }
}

/// What a target has been through since the process started.
package struct TargetCounters: Sendable, Equatable {
    package var attempts = 0
    package var coolDowns = 0
    /// By ``AttemptFailure/Kind/label``.
    package var failures: [String: Int] = [:]
}

/// A target's health for metrics and people.
package struct TargetStatus: Sendable, Equatable {
    package enum Condition: Sendable, Equatable {
        case healthy
        case cooling(for: Duration)
        /// The cool-down is over; the next call probes it.
        case halfOpen
    }

    package var model: String
    package var target: String
    package var condition: Condition
    package var inFlight: Int
    package var counters: TargetCounters
}

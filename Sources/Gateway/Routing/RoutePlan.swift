/// What a call does next.
package enum PlanStep: Sendable {
    /// Send the request to a target by the access of this index; `number` counts attempts from 1.
    ///
    /// A slot at the target is held until the plan is told how the attempt ended.
    case attempt(Target, access: Int, number: Int)
    /// Wait this long, then call ``RoutePlan/next(now:)``. Nothing is held meanwhile.
    case wait(Duration)
    /// The call is over; this is for the client.
    case give(GatewayFailure)
}

/// Where a call goes: first target, retries, fallbacks, and the end.
///
/// A state machine without I/O: it is told what happened and says what to do. The order: eligible healthy targets that
/// were not tried, by weight, first the model's own and then those of each fallback; then targets tried before whose
/// failure may pass, after a pause; and where every target is cooling down, the one that comes back first, once, rather
/// than nothing. Attempts, retries and waits are bounded by the route and the deadline.
///
/// `now` is nanoseconds of one clock that does not go back, the same for every call of the process. For every
/// `.attempt`, exactly one of ``failed(_:now:)``, ``ended(_:now:)`` and ``abandon()`` follows, with at most one
/// ``committed(now:)`` before ``ended(_:now:)``.
package struct RoutePlan: Sendable {
    /// The longest wait between two attempts.
    static let longestWait = Duration.seconds(60)
    /// Where the doubling of pauses ends.
    static let longestPause = Duration.seconds(8)

    /// A target as this call knows it.
    struct Tried: Sendable {
        var stage: Int
        var index: Int
        var count = 0
        /// Whether it may be tried again.
        var mayRepeat = true
        /// Accesses before this one are used up.
        var firstAccess = 0
        /// The earliest time of the next try.
        var readyAt = Int.min
        /// Whether it asked to be left alone until then.
        var isAskedToWait = false
    }

    struct Note: Sendable {
        var target: String
        var failure: AttemptFailure
    }

    let route: Route
    let facts: RouteFacts
    let deadline: Int
    var random: SplitMix
    var tried: [Tried] = []
    var notes: [Note] = []
    var lease: TargetLease?
    /// The place of the target in work in `tried`.
    var current = 0
    /// Whether the one try at a cooling target has been made.
    var hasForced = false
    /// Attempts so far, the one in work included.
    package private(set) var attempts = 0

    /// A plan for one call.
    ///
    /// `deadline` and `now` are times of the same clock; `seed` decides every choice by chance.
    package init(route: Route, facts: RouteFacts, deadline: Int, seed: UInt64) {
        self.route = route
        self.facts = facts
        self.deadline = deadline
        random = SplitMix(seed: seed)
    }

    /// The served model whose target is in work: the one asked for, or a fallback.
    package var model: String {
        tried.indices.contains(current) ? route.stages[tried[current].stage].model : route.name
    }

    /// What became of the attempts that failed: target and reason, for logs.
    package var failures: [(target: String, reason: String)] { notes.map { ($0.target, "\($0.failure.kind)") } }

    /// The first step, or the next after a wait.
    package mutating func next(now: Int) -> PlanStep {
        if attempts == 0 { route.retries.noteCall(now: now) }
        return choose(now: now)
    }

    /// The attempt failed before it was committed: what now.
    package mutating func failed(_ failure: AttemptFailure, now: Int) -> PlanStep {
        guard let lease else { return choose(now: now) }
        lease.failed(failure, now: now)
        release()
        notes.append(Note(target: lease.target.id, failure: failure))
        let policy = FailurePolicy.of(failure.kind)
        update(after: failure, policy: policy, access: lease.access, accesses: lease.target.accesses.count, now: now)
        guard policy.next != .give else { return .give(outcome(.refused, now: now)) }
        guard attempts < route.declaration.retries.attempts else { return .give(outcome(.attempts, now: now)) }
        // A refused key costs the upstream next to nothing and is left out for all calls.
        if policy.next != .otherAccess, !route.retries.take(share: route.declaration.retries.share, now: now) {
            return .give(outcome(.share, now: now))
        }
        return choose(now: now)
    }

    /// The answer belongs to its target from here on: its first content is there.
    package mutating func committed(now: Int) { lease?.succeeded(now: now) }

    /// The attempt is over and no other follows: all well, or a failure after the commitment.
    package mutating func ended(_ failure: AttemptFailure? = nil, now: Int) {
        if let failure { lease?.failed(failure, now: now) } else { lease?.succeeded(now: now) }
        release()
    }

    /// The attempt is over for a reason that is not its target's: the client went away, or the ledger refused.
    package mutating func abandon() { release() }

    private mutating func release() {
        lease?.end()
        lease = nil
    }

    /// Takes a target that gave its lease as the one in work.
    mutating func begin(_ lease: TargetLease, stage: Int, index: Int) -> PlanStep {
        self.lease = lease
        attempts += 1
        if let known = tried.firstIndex(where: { $0.stage == stage && $0.index == index }) {
            current = known
        } else {
            current = tried.count
            tried.append(Tried(stage: stage, index: index))
        }
        tried[current].count += 1
        return .attempt(lease.target, access: lease.access, number: attempts)
    }

    private mutating func update(
        after failure: AttemptFailure, policy: FailurePolicy, access: Int, accesses: Int, now: Int
    ) {
        tried[current].isAskedToWait = failure.retryAfter != nil
        switch policy.next {
        case .give, .otherTarget: tried[current].mayRepeat = false
        case .otherAccess:
            tried[current].firstAccess = access + 1
            tried[current].mayRepeat = access + 1 < accesses
            tried[current].readyAt = now
        case .anyTarget:
            let settings = route.declaration.retries
            let doubled = settings.pause * (1 << min(tried[current].count - 1, 10))
            let pause = min(doubled, Self.longestPause).nanoseconds
            // Callers that failed together must not come back together.
            let jittered = pause / 2 + Int(Double(pause / 2) * random.fraction())
            tried[current].readyAt = now + max(jittered, failure.retryAfter?.nanoseconds ?? 0)
        }
    }
}

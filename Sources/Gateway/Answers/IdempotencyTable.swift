import Synchronization

/// Carries a request out once, however often its client sends it: those who ask again get the answer of the first.
///
/// A named request (`Idempotency-Key`) joins the one of that name that is under way, or gets its answer again when it
/// has just ended; the same name with another body is refused. A request that is only known by its content does so if
/// it says that it is a retry; otherwise it is a new one, since asking the same twice is allowed.
///
/// Only answers with a 2xx status are given again. Where the first ended without one, the next in line carries the
/// request out. Everything is in memory and bounded: what is dropped or lost with the process is simply carried out anew.
package final class IdempotencyTable: Sendable {
    /// The bounds.
    package struct Settings: Sendable {
        /// How long an answer is kept for a request known by its content: the longest the SDKs wait before a retry.
        package var contentRetention = Duration.seconds(120)
        /// How long an answer is kept for a named request.
        package var nameRetention = Duration.seconds(600)
        /// Requests known at the same time; of more, those that ended longest ago are forgotten.
        package var requestLimit = 20_000
        /// Bytes of all kept answers; of more, the oldest are forgotten.
        package var byteLimit = 32 << 20
        /// How many may wait for the same request.
        package var waiterLimit = 64

        package init() {}
    }

    /// A request that is under way; whoever holds the ticket has to call ``finish(_:with:at:)``.
    package struct Ticket: Sendable, Hashable {
        fileprivate let number: UInt64
    }

    /// A place among those who wait for a request.
    package struct Waiter: Sendable, Hashable {
        fileprivate let identity: IdempotentRequest.Identity
        fileprivate let number: UInt64
    }

    /// What to do with a request.
    package enum Claim: Sendable {
        /// Carry it out, then call ``IdempotencyTable/finish(_:with:at:)``, whatever came of it.
        case first(Ticket)
        /// The same request is under way: the closure given to `claim` will be called once.
        case joined(Waiter)
        /// It was answered a moment ago.
        case replay(StoredAnswer)
        case refused(GatewayFailure)
    }

    /// How waiting ended.
    package enum Outcome: Sendable {
        case answer(StoredAnswer)
        /// The one who was first has no answer to give: carry it out now, as with ``Claim/first(_:)``.
        case yours(Ticket)
    }

    private struct Running {
        var identity: IdempotentRequest.Identity
        var content: [UInt64]
        var waiters: [(waiter: Waiter, onEnd: @Sendable (Outcome) -> Void)] = []
    }

    private struct Kept {
        var content: [UInt64]
        var answer: StoredAnswer
        var bytes: Int
        var expires: Int
        var order: LinkedOrder<IdempotentRequest.Identity>.Place
    }

    private struct State {
        var running: [UInt64: Running] = [:]
        /// The newest request of each identity that is under way.
        var newest: [IdempotentRequest.Identity: UInt64] = [:]
        var kept: [IdempotentRequest.Identity: Kept] = [:]
        var order = LinkedOrder<IdempotentRequest.Identity>()
        var bytes = 0
        var number: UInt64 = 0

        mutating func nextNumber() -> UInt64 {
            number += 1
            return number
        }

        mutating func begin(_ identity: IdempotentRequest.Identity, content: [UInt64]) -> Ticket {
            let ticket = Ticket(number: nextNumber())
            running[ticket.number] = Running(identity: identity, content: content)
            newest[identity] = ticket.number
            forget(identity)
            return ticket
        }

        func isExpired(_ identity: IdempotentRequest.Identity, at now: Int) -> Bool {
            kept[identity].map { $0.expires <= now } ?? true
        }

        mutating func forget(_ identity: IdempotentRequest.Identity) {
            guard let gone = kept.removeValue(forKey: identity) else { return }
            order.remove(gone.order)
            bytes -= gone.bytes
        }
    }

    private let settings: Settings
    private let state = Mutex(State())

    package init(settings: Settings = Settings()) { self.settings = settings }

    /// Says what to do with a request that arrived at `now` (nanoseconds since 1970).
    ///
    /// `onEnd` is only called where the claim is ``Claim/joined(_:)``; once, from whatever thread ends the request.
    package func claim(
        _ request: IdempotentRequest, at now: Int, onEnd: @escaping @Sendable (Outcome) -> Void
    ) -> Claim {
        state.withLock { state in
            let isNamed = if case .named = request.identity { true } else { false }
            guard isNamed || request.isRetry else {
                return admit(request, in: &state)
            }
            if let number = state.newest[request.identity], var running = state.running[number] {
                guard running.content == request.content else { return .refused(Self.otherBody) }
                guard running.waiters.count < settings.waiterLimit else { return .refused(Self.tooManyWaiters) }
                let waiter = Waiter(identity: request.identity, number: state.nextNumber())
                running.waiters.append((waiter, onEnd))
                state.running[number] = running
                return .joined(waiter)
            }
            guard let kept = state.kept[request.identity], now < kept.expires else {
                return admit(request, in: &state)
            }
            guard kept.content == request.content else { return .refused(Self.otherBody) }
            return .replay(kept.answer)
        }
    }

    /// Ends a request: keeps its answer if there is one to give again, and serves those who wait.
    ///
    /// `answer` is the complete answer, or `nil` where there is none: it failed, broke off or was too large to keep. A
    /// second call with the same ticket does nothing.
    package func finish(_ ticket: Ticket, with answer: StoredAnswer?, at now: Int) {
        let answer = answer.flatMap { (200..<300).contains($0.status) ? $0 : nil }
        let calls: [(outcome: Outcome, onEnd: @Sendable (Outcome) -> Void)] = state.withLock { state in
            guard var ended = state.running.removeValue(forKey: ticket.number) else { return [] }
            let isNewest = state.newest[ended.identity] == ticket.number
            if let answer {
                if isNewest {
                    state.newest[ended.identity] = nil
                    keep(answer, of: ended, at: now, in: &state)
                }
                return ended.waiters.map { (.answer(answer), $0.onEnd) }
            }
            if isNewest { state.newest[ended.identity] = nil }
            guard !ended.waiters.isEmpty else { return [] }
            let next = ended.waiters.removeFirst()
            let successor = Ticket(number: state.nextNumber())
            state.running[successor.number] = ended
            if isNewest { state.newest[ended.identity] = successor.number }
            return [(.yours(successor), next.onEnd)]
        }
        for call in calls { call.onEnd(call.outcome) }
    }

    /// Gives up waiting: the closure will not be called, unless that has already begun.
    package func leave(_ waiter: Waiter) {
        state.withLock { state in
            // It is nearly always the newest of its identity; one that was overtaken is found by looking at all.
            let newest = state.newest[waiter.identity].map { [$0] } ?? []
            for number in newest + Array(state.running.keys) {
                guard let place = state.running[number]?.waiters.firstIndex(where: { $0.waiter == waiter }) else {
                    continue
                }
                state.running[number]?.waiters.remove(at: place)
                return
            }
        }
    }

    /// Requests under way, answers kept and their bytes, for metrics.
    package var counts: (running: Int, kept: Int, bytes: Int) {
        state.withLock { ($0.running.count, $0.kept.count, $0.bytes) }
    }

    private func admit(_ request: IdempotentRequest, in state: inout State) -> Claim {
        while state.running.count + state.kept.count >= settings.requestLimit, let oldest = state.order.first {
            state.forget(oldest)
        }
        guard state.running.count < settings.requestLimit else { return .refused(Self.tooManyRequests) }
        return .first(state.begin(request.identity, content: request.content))
    }

    private func keep(_ answer: StoredAnswer, of ended: Running, at now: Int, in state: inout State) {
        let bytes = answer.byteCount + 256
        guard bytes <= settings.byteLimit / 8 else { return }
        while let oldest = state.order.first,
            state.bytes + bytes > settings.byteLimit || state.isExpired(oldest, at: now)
        {
            state.forget(oldest)
        }
        let isNamed = if case .named = ended.identity { true } else { false }
        let retention = isNamed ? settings.nameRetention : settings.contentRetention
        let (seconds, attoseconds) = retention.components
        let place = state.order.append(ended.identity)
        state.bytes += bytes
        state.kept[ended.identity] = Kept(
            content: ended.content, answer: answer, bytes: bytes,
            expires: now + Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000), order: place)
    }

    private static let otherBody = GatewayFailure(
        .invalidRequest,
        "The header Idempotency-Key was used before with another request. Send a new key with every new request.",
        parameter: "Idempotency-Key", shouldRetry: false)
    private static let tooManyWaiters = GatewayFailure(
        .overloaded, "Too many clients wait for the same request. Try again when it has ended.", retryAfterSeconds: 5,
        shouldRetry: true)
    private static let tooManyRequests = GatewayFailure(
        .overloaded, "Too many requests are under way. Try again in a moment.", retryAfterSeconds: 1, shouldRetry: true)
}

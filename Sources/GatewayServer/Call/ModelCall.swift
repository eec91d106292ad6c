import Domain
import Gateway
import NIOCore

/// One call of a model, from the whole request to the settled answer.
///
/// A state machine confined to its connection's event loop: the client's connection, the upstream's and the loop's clock
/// tell it what happened. It holds its reservation from before the first byte goes out to the last entry in the ledger.
/// Its parts: admission (who, what, how much), attempts, the answer, settlement.
final class ModelCall {
    /// Where the call stands.
    enum Phase {
        case preparing
        /// The same request is under way elsewhere; its answer is awaited.
        case joined
        /// A pause before the next attempt.
        case pausing(until: NIODeadline)
        case connecting
        case awaitingHead
        /// An error's body arrives.
        case refusing
        /// A whole answer arrives.
        case buffering
        /// A stream has begun without content: nothing has gone to the client.
        case holding
        case streaming
        /// The client has gone; the rest is read for its usage.
        case draining
        /// Something outside the event loop answers: a flow.
        case elsewhere
        case done
    }

    /// Bytes of an upstream's error that are read.
    static let refusalLimit = 1 << 20
    /// Bytes of a stream that are held back until its first content.
    static let holdLimit = 4 << 20

    let head: CallHead
    let key: KeyRecord
    let snapshot: GatewaySnapshot
    let loop: GatewayLoop
    weak var client: GatewayHandler?

    /// 32 hexadecimal digits.
    let id: String
    let trace: String
    /// Nanoseconds since 1970.
    let start: Int
    let startUptime: NIODeadline
    var deadline: NIODeadline

    var phase = Phase.preparing
    var body = ByteBuffer()
    var scan: RequestScan?
    var route: Route?
    var attribution: Attribution
    var facts: RouteFacts?
    var plan: RoutePlan?
    var attempt: Attempt?
    /// Attempts so far, those at a kept connection that was closed included.
    var attempts = 0
    /// The reservation of the first attempt, made before a target was chosen.
    var firstReservation: ReservationID?
    var amountNanoUSD: Int?
    /// Output tokens the reservation is for.
    var reservedOutput = 0

    /// Bytes for the client that have not been written yet.
    var out: [UInt8] = []
    var collector: AnswerCollector?
    var answerHeaders: [(name: String, value: String)] = []
    var cacheKey: AnswerKey?
    var ticket: IdempotencyTable.Ticket?
    var waiter: IdempotencyTable.Waiter?
    var flow: Task<Void, Never>?
    var flowHead: AnswerHead?
    /// Whether a flow's answer is streamed and has begun.
    var hasOpened = false

    var hasRead = false
    var lastRead = NIODeadline.uptimeNanoseconds(0)
    var isPaused = false
    var drainedBytes = 0
    var speed: (time: NIODeadline, tokens: Int)?
    var isCounted = false
    /// Whether metrics count it among the requests in work.
    var isInFlight = false
    /// Whether the answer is an earlier one's of the same request.
    var isReplayed = false
    /// What the log line says of the last attempt.
    var lastRecord: CallRecord?

    var services: GatewayServices { loop.shared.services }
    var settings: ServerSettings { snapshot.configuration.server }

    init(head: CallHead, key: KeyRecord, snapshot: GatewaySnapshot, loop: GatewayLoop, client: GatewayHandler) {
        self.head = head
        self.key = key
        self.snapshot = snapshot
        self.loop = loop
        self.client = client
        start = loop.shared.services.now()
        id = loop.identifiers.trace(at: start)
        trace = head.traceParent?.trace ?? id
        startUptime = .now()
        let longest = min(snapshot.configuration.server.deadline.nanoseconds, head.timeout ?? .max)
        deadline = startUptime + .nanoseconds(Int64(min(longest, 86_400_000_000_000)))
        attribution = Attribution(key: key.id, team: key.team, service: key.service, useCase: key.useCase)
    }

    // MARK: - Events

    /// The request is whole.
    func start(_ body: ByteBuffer) {
        self.body = body
        loop.add(self)
        guard loop.shared.begin(limit: settings.requestLimit) else {
            return refuse(Self.overloaded)
        }
        isCounted = true
        guard !loop.shared.isStopping else { return refuse(Self.stopping) }
        do throws(GatewayFailure) {
            try prepare()
        } catch {
            refuse(error)
        }
    }

    /// The client's connection has ended.
    func clientWent() {
        client = nil
        switch phase {
        case .done, .draining: return
        case .joined:
            if let waiter { services.idempotency?.leave(waiter) }
            finish(status: 499, failure: Self.clientClosed)
        case .elsewhere:
            flow?.cancel()
            finish(status: 499, failure: Self.clientClosed)
        case .preparing, .pausing, .connecting: abandon(Self.clientClosed)
        case .awaitingHead, .refusing, .buffering, .holding, .streaming:
            if route?.declaration.onDisconnect == .drain, loop.shared.beginDrain() {
                beginDrain()
            } else {
                abandon(Self.clientClosed)
            }
        }
    }

    /// The client's connection takes more, or does not.
    func clientIsWritable(_ isWritable: Bool) {
        guard case .streaming = phase, isPaused == isWritable else { return }
        isPaused = !isWritable
        // The time the client takes is not the upstream's.
        hasRead = true
        attempt?.connection?.setReading(isWritable)
    }

    /// The server stops and its patience is at an end.
    func stop() {
        if case .done = phase { return }
        end(with: Self.stopping, attempt: AttemptFailure(.interrupted))
    }

    /// Looks at the guards.
    func timePassed(_ now: NIODeadline) {
        if hasRead {
            hasRead = false
            lastRead = now
        }
        if case .done = phase { return }
        guard now < deadline else { return deadlinePassed() }
        switch phase {
        case .pausing(let until):
            if now >= until, let step = plan?.next(now: Self.ticks(now)) { perform(step) }
        case .awaitingHead: check(\.headTimeout, since: attempt?.dispatchedAt, now, .head)
        case .refusing, .buffering: check(\.stallTimeout, since: lastRead, now, .stall)
        case .holding:
            if let limit = attempt?.target.declaration.firstTokenTimeout, let since = attempt?.dispatchedAt,
                now - since >= .nanoseconds(Int64(limit.nanoseconds))
            {
                return attemptFailed(AttemptFailure(.timeout(.firstToken)))
            }
            check(\.stallTimeout, since: lastRead, now, .stall)
        case .streaming:
            if isPaused { lastRead = now }
            check(\.stallTimeout, since: lastRead, now, .stall)
            checkSpeed(now)
        case .draining: if now - lastRead >= .seconds(60) { endDrain() }
        case .preparing, .joined, .connecting, .elsewhere, .done: break
        }
    }

    private func check(
        _ limit: KeyPath<TargetDeclaration, Duration>, since: NIODeadline?, _ now: NIODeadline,
        _ which: AttemptFailure.Guard
    ) {
        guard let since, let attempt else { return }
        let longest = TimeAmount.nanoseconds(Int64(attempt.target.declaration[keyPath: limit].nanoseconds))
        if now - since >= longest { attemptFailed(AttemptFailure(.timeout(which))) }
    }

    /// Compares the tokens of the last ten seconds with the least the target must give.
    private func checkSpeed(_ now: NIODeadline) {
        guard let least = attempt?.target.declaration.minimumTokensPerSecond, let stream = attempt?.stream, !isPaused
        else {
            speed = nil
            return
        }
        let tokens = stream.progress.outputTokens
        guard let last = speed else {
            speed = (now, tokens)
            return
        }
        guard now - last.time >= .seconds(10) else { return }
        let seconds = Double((now - last.time).nanoseconds) / 1e9
        speed = (now, tokens)
        if Double(tokens - last.tokens) < least * seconds { attemptFailed(AttemptFailure(.timeout(.slow))) }
    }

    private func deadlinePassed() {
        if case .draining = phase { return endDrain() }
        end(with: Self.deadlineExceeded, attempt: AttemptFailure(.timeout(.stall)))
    }

    // MARK: - Sentences

    static let overloaded = GatewayFailure(
        .overloaded, "The gateway has as many requests in work as it may (`gateway.limits.requests`). Try again soon.",
        retryAfterSeconds: 1, shouldRetry: true)
    static let stopping = GatewayFailure(
        .stopping, "The gateway is stopping. Send the request again.", retryAfterSeconds: 1, shouldRetry: true)
    static let clientClosed = GatewayFailure(
        .clientClosed, "The client closed its connection before the answer was whole.")
    static let deadlineExceeded = GatewayFailure(
        .deadlineExceeded,
        "The call's deadline has passed: the shorter of `gateway.deadline` and the time-out in the request's headers.")

    /// A time for ``RoutePlan``, whose clock is the system's uptime.
    static func ticks(_ time: NIODeadline) -> Int { Int(clamping: time.uptimeNanoseconds) }
}

import Domain
package import Gateway
import Synchronization

/// How flows are served.
package struct FlowServingSettings: Sendable {
    /// Set aside for each call before it runs; the flow cannot spend more.
    package var reservationNanoUSD = 500_000_000
    /// The same for single flows, by name.
    package var reservations: [String: Int] = [:]
    /// Calls at the same time; more are refused with 503.
    package var callLimit = 256
    /// Bytes of a request's body.
    package var bodyLimit = 32 << 20

    package init() {}

    func reservation(of flow: String) -> Int { reservations[flow] ?? reservationNanoUSD }
}

/// Runs flows for callers: admitted in the ledger, bounded in money by what was reserved, settled with what it cost.
///
/// One entry in the ledger stands for all model calls of a run. A flow without model calls costs nothing, but is
/// admitted all the same: rates and used-up budgets hold for it too.
package final class FlowServing: Sendable {
    let catalogue: FlowCatalogue
    let settings: FlowServingSettings
    /// Nanoseconds since 1970.
    let now: @Sendable () -> Int
    let traffic: TrafficShard
    /// Says what an operator should know of a flow that does not load or run.
    let warn: @Sendable (_ flow: String, _ message: String) -> Void
    private let ledger: Ledger
    private let underWay = Mutex(0)

    package init(
        catalogue: FlowCatalogue, ledger: Ledger, traffic: TrafficShard,
        settings: FlowServingSettings = FlowServingSettings(), now: @escaping @Sendable () -> Int,
        warn: @escaping @Sendable (_ flow: String, _ message: String) -> Void
    ) {
        self.catalogue = catalogue
        self.ledger = ledger
        self.traffic = traffic
        self.settings = settings
        self.now = now
        self.warn = warn
    }

    /// The flow of a name that a key may use.
    func flow(named name: String, for key: KeyRecord) async throws(GatewayFailure) -> any ServableFlow {
        guard key.allows(model: FlowName.model(of: name)) else {
            throw GatewayFailure(
                .notAllowed, "This key may not use the flow `\(name)`. Its models have to name `flow/\(name)`.",
                parameter: "model", shouldRetry: false)
        }
        guard catalogue.names().contains(name) else {
            throw GatewayFailure(
                .modelNotFound, "There is no flow `\(name)`. GET /v1/models lists what this key may use.",
                parameter: "model", shouldRetry: false)
        }
        do {
            return try await catalogue.flow(name)
        } catch {
            warn(name, (error as? any Failure)?.message ?? "\(type(of: error))")
            throw GatewayFailure(
                .flowFailed, "The flow `\(name)` cannot be loaded; the server's log says why.", shouldRetry: false)
        }
    }

    /// Runs a flow and settles what it cost, whatever comes of it.
    ///
    /// Throws only where nothing was run. With `onText`, pieces of the streaming output's text are given as they come.
    func carryOut(
        _ order: FlowOrder, onText: (@Sendable (String, String) -> Void)?
    ) async throws(GatewayFailure) -> FlowResult {
        try enter()
        defer { leave() }
        var attribution = order.attribution
        attribution.release = order.flow.digest.description
        let limit = settings.reservation(of: order.name)
        let reservation = try admit(order, attribution: attribution, limit: limit)
        let facts = DispatchFacts(
            operation: Self.operation, target: order.name, provider: Self.provider, upstreamModel: order.name,
            trace: order.trace, span: order.span, parentSpan: order.parentSpan, isStream: order.isStream)
        try await dispatch(reservation, facts)
        let client = catalogue.client(limit)
        let first = FirstPiece()
        var listener: (@Sendable (String, String) -> Void)?
        if let onText {
            listener = { [now] node, piece in
                first.note(at: now)
                onText(node, piece)
            }
        }
        let bound = order.flow.bound(
            to: FlowBinding(
                models: client.models, traceID: order.trace, parentSpan: order.span, onText: listener))
        let line = await bound.run(line: 0, inputs: order.inputs)
        let result = FlowResult(line: line, costNanoUSD: client.spent())
        let record = record(of: result, order: order, attribution: attribution, limit: limit, firstPiece: first.time)
        ledger.settle(reservation, record)
        traffic.record(record)
        catalogue.keep(line, order.flow)
        return result
    }

    private func admit(
        _ order: FlowOrder, attribution: Attribution, limit: Int
    ) throws(GatewayFailure) -> ReservationID {
        let request = AdmissionRequest(
            call: order.call, attempt: 1, attribution: attribution, key: order.key, amountNanoUSD: limit,
            inputTokens: 0, outputTokens: 0, now: now(), model: order.model)
        switch ledger.admit(request) {
        case .admitted(let reservation): return reservation
        case .refused(let failure): throw failure
        }
    }

    private func dispatch(_ reservation: ReservationID, _ facts: DispatchFacts) async throws(GatewayFailure) {
        do throws(GatewayFailure) {
            try await ledger.dispatchDurably(reservation, facts)
        } catch {
            ledger.void(reservation)
            throw error
        }
    }

    private func record(
        of result: FlowResult, order: FlowOrder, attribution: Attribution, limit: Int, firstPiece: Int?
    ) -> CallRecord {
        let line = result.line
        let failure = FlowProblem(line)?.failure
        return CallRecord(
            call: order.call, attempt: 1, trace: order.trace, span: order.span, parentSpan: order.parentSpan,
            attribution: attribution, operation: Self.operation, model: order.model, target: order.name,
            provider: Self.provider, upstreamModel: order.name, start: order.start, duration: now() - order.start,
            timeToFirstToken: firstPiece.map { $0 - order.start }, status: failure?.status ?? 200,
            failure: failure?.kind.rawValue, finishReason: failure == nil ? "stop" : nil, isStream: order.isStream,
            usage: line.usage,
            // What a call that broke off may have cost is in the sum, but not in the line's own.
            basis: line.cost.nanoUSD == result.costNanoUSD ? .exact : .estimated, costNanoUSD: result.costNanoUSD,
            reservedNanoUSD: limit)
    }

    private func enter() throws(GatewayFailure) {
        let isAllowed = underWay.withLock { count in
            guard count < settings.callLimit else { return false }
            count += 1
            return true
        }
        guard isAllowed else {
            throw GatewayFailure(
                .overloaded, "\(settings.callLimit) flows are running already. Try again in a moment.",
                retryAfterSeconds: 1, shouldRetry: true)
        }
    }

    private func leave() { underWay.withLock { $0 -= 1 } }

    static let operation = "flow"
    static let provider = "pawang"
}

/// When the first piece of a streamed text came.
private final class FirstPiece: Sendable {
    private let noted = Mutex<Int?>(nil)

    var time: Int? { noted.withLock { $0 } }

    func note(at now: @Sendable () -> Int) { noted.withLock { if $0 == nil { $0 = now() } } }
}

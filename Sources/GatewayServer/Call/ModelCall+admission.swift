import Domain
import Gateway
import NIOCore
import NIOHTTP1

/// Who calls what, on whose account, and for how much at most.
extension ModelCall {
    /// Reads the request and begins its first attempt, or answers it from what is there already.
    func prepare() throws(GatewayFailure) {
        let scan = try readBody { bytes throws(GatewayFailure) in
            try RequestScan(head.operation, bytes, pathModel: head.pathModel)
        }
        self.scan = scan
        attribute(scan)
        if scan.model.utf8.starts(with: "flow/".utf8) { return try callFlow(scan) }
        guard let route = snapshot.routes[scan.model] else { throw Self.unknown(model: scan.model) }
        self.route = route
        guard key.allows(model: scan.model) else { throw Self.notAllowed(model: scan.model) }
        isInFlight = true
        services.traffic.shard(loop.number).began(model: route.name)
        guard try !claim(), !answerFromCache(scan, route) else { return }
        try begin(scan, route)
    }

    /// Makes the reservation and takes the first step.
    ///
    /// Also called when waiting for the same request has ended in vain.
    func begin(_ scan: RequestScan, _ route: Route) throws(GatewayFailure) {
        var facts = RouteFacts(
            attribution: attribution, inputTokens: scan.estimatedInputTokens, operation: scan.operation)
        for name in snapshot.headersOfConditions { facts.headers[name] = head.headers.first(name: name) }
        self.facts = facts
        let targets = route.eligibleTargets(facts)
        // A count is free everywhere; it is admitted for its key's rates.
        let isFree = scan.operation == .countTokens
        amountNanoUSD =
            isFree
            ? 0
            : WorstCase.amount(of: scan, targets: targets, prices: services.prices, at: Double(start) / 1e9)
        reservedOutput = outputTokens(scan, targets)
        firstReservation = try admit(attempt: 1, at: start)
        if isFree, !targets.contains(where: { $0.dialect == .anthropic }) { return answerCount(scan) }
        var plan = RoutePlan(
            route: route, facts: facts, deadline: Self.ticks(deadline), seed: loop.identifiers.number())
        let step = plan.next(now: Self.ticks(.now()))
        self.plan = plan
        perform(step)
    }

    /// Asks the ledger for an attempt that begins at `now`.
    func admit(attempt number: Int, at now: Int) throws(GatewayFailure) -> ReservationID {
        guard let scan, let route else { throw Self.internalError }
        let request = AdmissionRequest(
            call: id, attempt: number, attribution: attribution, key: key, amountNanoUSD: amountNanoUSD,
            inputTokens: scan.estimatedInputTokens, outputTokens: reservedOutput, now: now,
            isRetry: number > 1, model: route.name, allowsUnknownPrice: settings.allowsUnknownPrices)
        switch services.ledger.admit(request) {
        case .admitted(let reservation): return reservation
        case .refused(let failure): throw failure
        }
    }

    /// The client's limit on output; 0 where there is none to come.
    func outputRequest(_ scan: RequestScan) -> Int? {
        switch scan.operation {
        case .embeddings, .countTokens: 0
        default: scan.maximumOutputTokens
        }
    }

    private func outputTokens(_ scan: RequestScan, _ targets: [Target]) -> Int {
        let limits = targets.map { WorstCase.outputLimit(requested: outputRequest(scan), target: $0) }
        let longest = limits.max() ?? 0
        return min(longest, 1 << 40) * max(1, min(scan.choices, 1 << 10))
    }

    /// Fills in owners: the key's, or what the client says where the key lets it.
    private func attribute(_ scan: RequestScan) {
        if key.delegates.contains(.team) { attribution.team = owner(head.team, scan, "team") ?? key.team }
        if key.delegates.contains(.service) {
            attribution.service = owner(head.service, scan, "service") ?? key.service
        }
        if key.delegates.contains(.useCase) {
            attribution.useCase = owner(head.useCase, scan, "use_case") ?? key.useCase
        }
        attribution.user = Self.bounded(head.user ?? scan.user ?? scan.metadata["user"])
        attribution.session = Self.bounded(head.session ?? scan.metadata["session_id"] ?? scan.metadata["session"])
    }

    private func owner(_ header: String?, _ scan: RequestScan, _ name: String) -> String? {
        Self.bounded(header ?? scan.metadata[name])
    }

    /// A name of the client's, cut off where no sensible one goes on; an empty one is none.
    private static func bounded(_ text: String?) -> String? {
        guard let text, !text.isEmpty else { return nil }
        return text.utf8.count <= 128 ? text : String(text.prefix(64))
    }

    /// Runs a reader over the body's bytes.
    func readBody<Result>(
        _ read: (UnsafeRawBufferPointer) throws(GatewayFailure) -> Result
    ) throws(GatewayFailure) -> Result {
        let result: Swift.Result<Result, GatewayFailure> = body.withUnsafeReadableBytes { bytes in
            do throws(GatewayFailure) { return .success(try read(bytes)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// Anthropic's count of tokens for a model that only others answer: our own estimate.
    private func answerCount(_ scan: RequestScan) {
        if let firstReservation { services.ledger.void(firstReservation) }
        firstReservation = nil
        var writer = JSONWriter()
        writer.append(.object(["input_tokens": .int(scan.estimatedInputTokens)]))
        answerWhole(
            AnswerHead(200, [("content-type", "application/json"), ("x-pawang-estimated", "true")]), writer.bytes)
    }

    // MARK: - Sentences

    static let internalError = GatewayFailure(
        .internalError, "The gateway lost track of this call. Send it again, and report this with the request's id.")

    static func unknown(model: String) -> GatewayFailure {
        GatewayFailure(
            .modelNotFound,
            "The model `\(model.prefix(100))` does not exist. GET /v1/models lists those this key may use.",
            parameter: "model", shouldRetry: false)
    }

    static func notAllowed(model: String) -> GatewayFailure {
        GatewayFailure(
            .notAllowed,
            "This key may not use the model `\(model.prefix(100))`. GET /v1/models lists those it may use.",
            parameter: "model", shouldRetry: false)
    }
}

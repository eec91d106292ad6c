import Domain
import Gateway
import NIOCore

/// What an attempt comes to: its entry in the ledger, its metrics.
extension ModelCall {
    /// Settles an attempt that was answered, wholly or in part.
    ///
    /// The provider's usage counts; where it reported none, our own count of the output and estimate of the input.
    /// Returns the amount, `nil` if the price is not known.
    @discardableResult
    func settle(
        _ attempt: Attempt, usage: ReportedUsage?, outputTokens: Int, status: Int, failure: GatewayFailure.Kind? = nil,
        _ fill: (inout CallRecord) -> Void = { _ in }
    ) -> Int? {
        var record = newRecord(attempt: attempt.number, target: attempt, start: attempt.start)
        record.status = status
        record.failure = failure?.rawValue
        if let usage {
            record.usage = usage.tokens
            record.rawUsage = usage.raw
            record.serviceTier = usage.serviceTier
            if !attempt.hasFinalUsage {
                // Anthropic reports the input when a stream begins, and what it wrote only when it ends.
                record.usage.output = max(usage.tokens.output, outputTokens)
                record.basis = .estimated
            }
        } else if head.operation != .countTokens {
            record.usage = TokenUsage(input: scan?.estimatedInputTokens ?? 0, output: outputTokens)
            record.basis = .estimated
        }
        fill(&record)
        price(&record, attempt)
        post(record, attempt)
        return record.costNanoUSD
    }

    /// Settles an attempt that brought nothing for the client.
    func settleFailed(_ attempt: Attempt, _ failure: AttemptFailure) {
        guard attempt.isSent else { return voidAttempt(attempt) }
        let kind = failure.gatewayKind
        let progress = attempt.stream?.progress ?? StreamProgress()
        let status = attempt.head?.status ?? GatewayFailure(kind, "").status
        if case .refused = failure.kind, progress.usage == nil, !progress.hasContent {
            // By its own word it did nothing.
            var record = newRecord(attempt: attempt.number, target: attempt, start: attempt.start)
            record.status = status
            record.failure = kind.rawValue
            record.costNanoUSD = 0
            return post(record, attempt)
        }
        settle(attempt, usage: progress.usage, outputTokens: progress.outputTokens, status: status, failure: kind) {
            $0.responseModel = progress.model
        }
    }

    /// Gives a reservation back whose attempt never reached its upstream.
    func voidAttempt(_ attempt: Attempt) {
        guard let reservation = attempt.reservation else { return }
        attempt.reservation = nil
        services.ledger.void(reservation)
    }

    /// A record with what is known from the start.
    func newRecord(attempt number: Int, target attempt: Attempt?, start: Int) -> CallRecord {
        let target = attempt?.target
        var record = CallRecord(
            call: id, attempt: number, trace: trace, span: attempt?.span ?? loop.identifiers.span(),
            parentSpan: head.traceParent?.span, attribution: attribution, operation: head.operation.rawValue,
            model: route?.name ?? "", target: target?.id ?? "", provider: target?.provider ?? "pawang",
            upstreamModel: target?.declaration.model ?? "", start: start)
        record.isStream = scan?.isStream ?? false
        record.reservedNanoUSD = attempt?.reservedNanoUSD ?? 0
        record.priceVersion = services.prices.version
        if let attempt {
            record.duration = (NIODeadline.now() - attempt.startUptime).intNanoseconds
            record.timeToFirstToken = attempt.firstContentAt.map { ($0 - attempt.startUptime).intNanoseconds }
        }
        return record
    }

    private func price(_ record: inout CallRecord, _ attempt: Attempt) {
        guard head.operation != .countTokens else {
            record.costNanoUSD = 0
            return
        }
        let seconds = Double(record.start) / 1e9
        let declaration = attempt.target.declaration
        var cost = services.prices.cost(
            of: record.usage, provider: attempt.target.provider, model: declaration.pricedAs ?? declaration.model,
            serviceTier: record.serviceTier, at: seconds)
        if cost == .unknown, declaration.pricedAs == nil, let model = record.responseModel {
            // A deployment's name says nothing; the model's own word does.
            cost = services.prices.cost(
                of: record.usage, provider: attempt.target.provider, model: model, serviceTier: record.serviceTier,
                at: seconds)
        }
        record.costNanoUSD = cost.nanoUSD
        if record.costNanoUSD == nil { record.basis = .unpriced }
    }

    private func post(_ record: CallRecord, _ attempt: Attempt) {
        lastRecord = record
        services.traffic.shard(loop.number).record(record)
        guard let reservation = attempt.reservation else { return }
        attempt.reservation = nil
        services.ledger.settle(reservation, record)
    }
}

extension Attempt {
    /// Whether reported usage is of the whole answer, not of what had come when a stream broke off.
    fileprivate var hasFinalUsage: Bool {
        guard let progress = stream?.progress else { return true }
        return progress.isComplete || progress.finishReason != nil
    }
}

extension TimeAmount {
    var intNanoseconds: Int { Int(clamping: nanoseconds) }
}

extension AttemptFailure {
    /// What the client, the ledger and the log call it.
    var gatewayKind: GatewayFailure.Kind {
        if let detail { return detail.kind }
        return switch kind {
        case .connect, .resetBeforeHead: .upstreamUnreachable
        case .interrupted: .upstreamInterrupted
        case .timeout: .upstreamTimeout
        case .refused(_, .authentication): .upstreamAuthentication
        case .refused(_, .rateLimit), .refused(_, .quota): .upstreamRateLimited
        case .refused(_, .request), .refused(_, .contentFilter), .refused(_, .contextLength): .upstreamRefused
        case .refused: .upstreamFailed
        case .malformed, .empty: .upstreamMalformed
        case .tooLarge: .upstreamTooLarge
        }
    }

    /// What went wrong inside an answer, as the routing sees it.
    ///
    /// Where the upstream itself reported it, its refusal says what can be done about it.
    init(reporting failure: GatewayFailure, refusal: UpstreamRefusal? = nil) {
        if let refusal {
            self.init(
                .refused(status: failure.upstreamStatus ?? failure.status, Refusal(refusal.reason)), detail: failure)
            return
        }
        let kind: Kind =
            switch failure.kind {
            case .upstreamInterrupted: .interrupted
            case .upstreamMalformed: .malformed
            case .upstreamTooLarge: .tooLarge
            case .upstreamRateLimited:
                .refused(status: failure.upstreamStatus ?? 429, failure.shouldRetry == false ? .quota : .rateLimit)
            case .upstreamAuthentication: .refused(status: failure.upstreamStatus ?? 401, .authentication)
            case .upstreamRefused: .refused(status: failure.upstreamStatus ?? 400, .request)
            default: .refused(status: failure.upstreamStatus ?? 500, .unavailable)
            }
        self.init(kind, detail: failure)
    }
}

extension AttemptFailure.Refusal {
    /// What a refusal's reason means to the routing.
    init(_ reason: UpstreamRefusal.Reason) {
        self =
            switch reason {
            case .invalidRequest, .tooLarge: .request
            case .contextLength: .contextLength
            case .contentFilter: .contentFilter
            case .authentication: .authentication
            case .notFound: .notFound
            case .rateLimited: .rateLimit
            case .quotaExceeded: .quota
            case .overloaded, .timeout, .failed: .unavailable
            }
    }
}

import Domain
import Gateway
import NIOCore

/// From a step of the plan to the request's first byte.
extension ModelCall {
    func perform(_ step: PlanStep) {
        switch step {
        case .attempt(let target, let access, _):
            begin(target, target.accesses[min(access, target.accesses.count - 1)])
        case .wait(let time): phase = .pausing(until: .now() + .nanoseconds(Int64(time.nanoseconds)))
        case .give(let failure):
            if let firstReservation { services.ledger.void(firstReservation) }
            firstReservation = nil
            refuse(failure)
        }
    }

    /// Begins an attempt.
    private func begin(_ target: Target, _ access: UpstreamAccess) {
        guard let scan else { return refuse(Self.internalError) }
        attempts += 1
        let attempt = Attempt(
            target: target, access: access, number: attempts, operation: scan.operation,
            span: loop.identifiers.span(), start: attempts == 1 ? start : services.now())
        self.attempt = attempt
        do throws(GatewayFailure) {
            // Attempt 1 has its reservation from before a target was chosen.
            attempt.reservation =
                if let first = firstReservation { first } else { try admit(attempt: attempts, at: attempt.start) }
            firstReservation = nil
            attempt.reservedNanoUSD = amountNanoUSD ?? 0
            attempt.allowedTokens = reservedOutput
            try write(attempt, scan)
        } catch {
            plan?.abandon()
            voidAttempt(attempt)
            return refuse(error)
        }
        // What failed before may have failed because a kept connection was closed already; another may be, too.
        connect(attempt, isFresh: attempts > 1)
    }

    // MARK: - Connection

    private func connect(_ attempt: Attempt, isFresh: Bool) {
        phase = .connecting
        if !isFresh, let connection = loop.pool.take(attempt.access.origin) {
            return dispatch(attempt, on: connection)
        }
        let timeout = min(
            .nanoseconds(Int64(attempt.target.declaration.connectTimeout.nanoseconds)),
            max(.milliseconds(1), deadline - .now()))
        loop.pool.connect(attempt.access.origin, timeout: timeout) { result in
            // The call may have ended, or gone elsewhere, while the connection was made.
            guard self.attempt === attempt, case .connecting = self.phase else {
                if case .success(let connection) = result { self.loop.pool.put(connection) }
                return
            }
            switch result {
            case .success(let connection): self.dispatch(attempt, on: connection)
            case .failure(let failure):
                let kind: AttemptFailure.Kind = failure.isTimeout ? .timeout(.connect) : .connect
                self.attemptFailed(AttemptFailure(kind, detail: Self.unreachable(failure)))
            }
        }
    }

    private static func unreachable(_ failure: UpstreamFailure) -> GatewayFailure {
        GatewayFailure(.upstreamUnreachable, "There is no connection to the upstream: \(failure.sentence).")
    }

    private func dispatch(_ attempt: Attempt, on connection: UpstreamConnection) {
        attempt.connection = connection
        guard !attempt.isDispatched else { return send(attempt, on: connection) }
        attempt.isDispatched = true
        do throws(GatewayFailure) {
            try noteDispatch(attempt)
        } catch {
            notDispatched(attempt, error)
        }
    }

    /// Tells the ledger, before the first byte goes out; goes on when the ledger has it safe, which may be at once.
    private func noteDispatch(_ attempt: Attempt) throws(GatewayFailure) {
        guard let reservation = attempt.reservation else { throw Self.internalError }
        let facts = DispatchFacts(
            operation: head.operation.rawValue, target: attempt.target.id, provider: attempt.target.provider,
            upstreamModel: attempt.target.declaration.model, trace: trace, span: attempt.span,
            parentSpan: head.traceParent?.span, isStream: scan?.isStream ?? false,
            priceVersion: services.prices.version)
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let eventLoop = loop.eventLoop
        let number = attempt.number
        try services.ledger.dispatch(reservation, facts) { failure in
            if eventLoop.inEventLoop {
                bound.value.isDurable(number, failure)
            } else {
                eventLoop.execute { bound.value.isDurable(number, failure) }
            }
        }
    }

    private func isDurable(_ number: Int, _ failure: GatewayFailure?) {
        // The call may have ended while the disk was awaited.
        guard let attempt, attempt.number == number, case .connecting = phase, let connection = attempt.connection
        else {
            return
        }
        if let failure { notDispatched(attempt, failure) } else { send(attempt, on: connection) }
    }

    private func notDispatched(_ attempt: Attempt, _ failure: GatewayFailure) {
        if let connection = attempt.connection { loop.pool.put(connection) }
        attempt.connection = nil
        plan?.abandon()
        voidAttempt(attempt)
        refuse(failure)
    }

    private func send(_ attempt: Attempt, on connection: UpstreamConnection) {
        guard let request = attempt.request else { return }
        attempt.isSent = true
        attempt.dispatchedAt = .now()
        lastRead = attempt.dispatchedAt
        phase = .awaitingHead
        connection.send(request.head, request.body, for: self)
    }

    // MARK: - The request

    private func write(_ attempt: Attempt, _ scan: RequestScan) throws(GatewayFailure) {
        let target = attempt.target
        if target.dialect == scan.operation.dialect {
            let model = target.declaration.model
            let rewrite = RequestRewrite(
                model: model == scan.model && head.pathModel == nil ? nil : model, provider: target.provider,
                addsStreamUsage: true, outputLimit: target.declaration.maximumOutputTokens)
            let edited = try readBody { bytes throws(GatewayFailure) -> [UInt8]? in
                guard !rewrite.edits(scan).isEmpty else { return nil }
                var out: [UInt8] = []
                rewrite.write(bytes, scan, into: &out)
                return out
            }
            attempt.request = upstreamRequest(attempt, edited.map { ByteBuffer(bytes: $0) } ?? body)
            return
        }
        guard scan.operation != .countTokens, scan.operation != .embeddings else {
            throw GatewayFailure(
                .untranslatable,
                "`\(scan.operation.rawValue)` cannot be asked of the target `\(target.id)`: its provider has nothing like it."
            )
        }
        let value = try readBody { bytes throws(GatewayFailure) in
            do throws(JSONSyntaxError) { return try JSONValue(parsing: bytes) } catch {
                throw GatewayFailure(.invalidRequest, "The request's body is no JSON text: \(error.description).")
            }
        }
        let translated = try Translation.request(
            value, from: scan.operation, to: target.dialect, model: target.declaration.model,
            defaultOutputLimit: target.declaration.maximumOutputTokens ?? 4096, isStream: scan.isStream,
            provider: target.provider, outputLimit: target.declaration.maximumOutputTokens)
        attempt.operation = translated.operation
        attempt.losses = translated.losses
        attempt.request = upstreamRequest(attempt, ByteBuffer(bytes: translated.body))
    }

    private func upstreamRequest(_ attempt: Attempt, _ body: ByteBuffer) -> (head: ByteBuffer, body: ByteBuffer?) {
        let request = UpstreamRequest(
            access: attempt.access, operation: attempt.operation, forwarded: head.forwarded, trace: trace,
            span: attempt.span, isStream: scan?.isStream ?? false)
        return request.buffers(body: body, allocator: client?.context?.channel.allocator ?? ByteBufferAllocator())
    }
}

import Gateway
import NIOCore

/// How a call ends, well or not.
extension ModelCall {
    /// The attempt brought no answer, or broke off inside it: the next one, or the end.
    func attemptFailed(_ failure: AttemptFailure) {
        guard let attempt else { return }
        closeUpstream(attempt)
        let now = Self.ticks(.now())
        if case .streaming = phase {
            plan?.ended(failure, now: now)
            var told = failure.detail ?? GatewayFailure(failure.gatewayKind, "The upstream's \(failure.kind).")
            // It is in the middle of an answer: there is no status left to tell with.
            told.upstreamStatus = nil
            return breakOff(attempt, told)
        }
        settleFailed(attempt, failure)
        self.attempt = nil
        out.removeAll(keepingCapacity: true)
        phase = .preparing
        guard let step = plan?.failed(failure, now: now) else { return refuse(Self.internalError) }
        perform(step)
    }

    /// Gives up because of something that is not the target's: the deadline, a stopping server.
    func end(with failure: GatewayFailure, attempt attemptFailure: AttemptFailure) {
        switch phase {
        case .done: return
        case .draining: return endDrain()
        case .joined: if let waiter { services.idempotency?.leave(waiter) }
        case .elsewhere: flow?.cancel()
        default: break
        }
        guard let attempt else {
            plan?.abandon()
            return refuse(failure)
        }
        closeUpstream(attempt)
        if case .streaming = phase {
            plan?.abandon()
            return breakOff(attempt, failure)
        }
        // A client that waits only a moment says nothing about the target.
        if failure.kind == .deadlineExceeded, head.timeout == nil {
            plan?.ended(attemptFailure, now: Self.ticks(.now()))
        } else {
            plan?.abandon()
        }
        settleFailed(attempt, attemptFailure)
        refuse(failure)
    }

    /// The client has gone and nothing more is wanted.
    ///
    /// A stream is billed by what was counted; of a whole answer nothing has been seen, so it is taken at the output
    /// limit: the upstream may well have finished it.
    func abandon(_ failure: GatewayFailure) {
        if let attempt {
            closeUpstream(attempt)
            if attempt.isSent {
                let progress = attempt.stream?.progress
                let tokens = progress?.outputTokens ?? unseenOutput(attempt)
                settle(attempt, usage: progress?.usage, outputTokens: tokens, status: 499, failure: failure.kind) {
                    $0.responseModel = progress?.model
                    $0.finishReason = progress?.finishReason
                }
            } else {
                voidAttempt(attempt)
            }
        }
        plan?.abandon()
        finish(status: 499, failure: failure)
    }

    private func unseenOutput(_ attempt: Attempt) -> Int {
        guard let scan, scan.operation != .embeddings, scan.operation != .countTokens else { return 0 }
        let limit = scan.maximumOutputTokens ?? attempt.target.declaration.maximumOutputTokens ?? 4096
        return min(limit, reservedOutput) * max(1, min(scan.choices, 128))
    }

    /// Ends the upstream's connection, if the attempt still has one.
    func closeUpstream(_ attempt: Attempt) {
        attempt.connection?.close()
        attempt.connection = nil
    }

    /// Answers with an error; nothing has been written so far.
    func refuse(_ failure: GatewayFailure) {
        let client = client
        let attempts = attempts
        finish(status: failure.status, failure: failure)
        var fields: [(name: String, value: String)] = []
        if attempts > 0 { fields.append(("x-pawang-attempts", String(attempts))) }
        client?.refuse(failure, operation: head.operation, id: id, fields: fields)
    }

    /// Answers with a whole body.
    func answerWhole(_ head: AnswerHead, _ body: ByteBuffer) {
        if collector != nil {
            answerHeaders = head.fields.filter { $0.name == "content-type" || $0.name == "x-pawang-target" }
            collector?.append(Array(body.readableBytesView))
        }
        keepAnswer(status: head.status, isStream: false)
        let client = client
        finish(status: head.status)
        client?.answer(head, body: body)
    }

    func answerWhole(_ head: AnswerHead, _ body: [UInt8]) { answerWhole(head, ByteBuffer(bytes: body)) }

    /// What every good answer says in its header.
    func answerHead(_ attempt: Attempt, contentType: String) -> AnswerHead {
        var head = AnswerHead(200)
        head.fields.reserveCapacity(10)
        head.fields.append(("content-type", contentType))
        head.fields.append(("x-request-id", id))
        if self.head.operation.dialect == .anthropic { head.fields.append(("request-id", id)) }
        let milliseconds = (NIODeadline.now() - startUptime).nanoseconds / 1_000_000
        head.fields.append(("openai-processing-ms", String(milliseconds)))
        head.fields.append(("x-pawang-target", attempt.target.id))
        head.fields.append(("x-pawang-attempts", String(attempt.number)))
        if !attempt.losses.isEmpty { head.fields.append(("x-pawang-lost", attempt.losses.joined(separator: ", "))) }
        // With several targets the limits of one of them would mislead the client.
        if let route, route.stages.count == 1, route.stages[0].targets.count == 1, let upstream = attempt.head {
            upstream.appendRateLimits(to: &head.fields)
        }
        return head
    }

    /// Nothing of this answer is kept.
    func dropAnswer() {
        collector = nil
        cacheKey = nil
        guard let ticket else { return }
        self.ticket = nil
        services.idempotency?.finish(ticket, with: nil, at: services.now())
    }

    /// The call is over: counts it, logs it and lets everything go.
    func finish(status: Int, failure: GatewayFailure? = nil) {
        if case .done = phase { return }
        phase = .done
        if let firstReservation {
            services.ledger.void(firstReservation)
            self.firstReservation = nil
        }
        dropAnswer()
        loop.remove(self)
        if isCounted { loop.shared.end() }
        let shard = services.traffic.shard(loop.number)
        if isInFlight, let route { shard.ended(model: route.name) }
        let duration = (NIODeadline.now() - startUptime).intNanoseconds
        shard.answered(
            ClientAnswer(
                operation: head.operation.rawValue, model: route?.name ?? "", team: attribution.team, key: key.id,
                status: status, failure: failure?.kind, start: start, duration: duration,
                isCacheHit: lastRecord?.isCacheHit == true && !isReplayed, isReplay: isReplayed, trace: trace))
        loop.log { line in writeLog(into: &line, status: status, failure: failure, duration: duration) }
        client = nil
        attempt = nil
        plan = nil
        body = ByteBuffer()
        out = []
    }
}

// MARK: - Draining

extension ModelCall {
    /// Bytes of an answer that are read for its usage after its client has gone.
    private static let drainLimit = 64 << 20

    /// The client has gone; the answer is read to its end for its exact usage.
    func beginDrain() {
        attempt?.connection?.setReading(true)
        dropAnswer()
        phase = .draining
        lastRead = .now()
        // The client's own deadline has gone with it; the drain has its own bounds.
        deadline = .now() + .seconds(60)
    }

    func drain(_ bytes: ByteBuffer, _ attempt: Attempt) {
        drainedBytes += bytes.readableBytes
        guard drainedBytes <= Self.drainLimit else { return endDrain() }
        if attempt.stream != nil {
            take(bytes, attempt)
            out.removeAll(keepingCapacity: true)
            if attempt.stream?.progress.isComplete == true { endDrain() }
        } else if attempt.body.readableBytes + bytes.readableBytes <= settings.answerLimit {
            attempt.body.writeImmutableBuffer(bytes)
        }
    }

    /// The answer is whole, or its drain is at its bounds: bills what is known.
    func endDrain() {
        guard case .draining = phase else { return }
        defer { loop.shared.endDrain() }
        guard let attempt, attempt.connection == nil, attempt.stream == nil, let upstream = attempt.head,
            (200..<300).contains(upstream.status), attempt.inflater == nil
        else { return abandon(Self.clientClosed) }
        let facts = attempt.body.withUnsafeReadableBytes { try? AnswerFacts.read(attempt.operation, $0) }
        guard let facts else { return abandon(Self.clientClosed) }
        settle(
            attempt, usage: facts.usage, outputTokens: facts.outputTokens, status: 499,
            failure: GatewayFailure.Kind.clientClosed
        ) {
            $0.responseModel = facts.model
            $0.finishReason = facts.finishReason
        }
        plan?.abandon()
        self.attempt = nil
        finish(status: 499, failure: Self.clientClosed)
    }
}

import Domain
import Gateway
import NIOCore

/// What comes from the upstream.
extension ModelCall: UpstreamReader {
    func upstreamHead(_ head: ResponseHead) {
        guard let attempt, let scan, case .awaitingHead = phase else {
            if case .draining = phase { attempt?.head = head }
            return
        }
        hasRead = true
        attempt.head = head
        guard (200..<300).contains(head.status) else {
            phase = .refusing
            return
        }
        switch head.encoding {
        case .identity: break
        case .gzip: attempt.inflater = Inflater(.gzip, limit: settings.answerLimit)
        case .deflate: attempt.inflater = Inflater(.deflate, limit: settings.answerLimit)
        case .unknown: return attemptFailed(Self.malformed("its content encoding is none that was asked for"))
        }
        if scan.isStream, scan.operation != .embeddings, scan.operation != .countTokens {
            guard head.content == .eventStream else {
                return attemptFailed(Self.malformed("a stream was asked for, and it sent something else"))
            }
            beginStream(attempt, scan)
        } else {
            guard head.content != .eventStream else {
                return attemptFailed(Self.malformed("it sent a stream that was not asked for"))
            }
            guard (head.contentLength ?? 0) <= settings.answerLimit else { return attemptFailed(tooLarge) }
            phase = .buffering
        }
    }

    func upstreamBody(_ bytes: ByteBuffer) {
        hasRead = true
        guard let attempt else { return }
        switch phase {
        case .refusing:
            // What is beyond the bound says nothing more about the error.
            let room = Self.refusalLimit - attempt.body.readableBytes
            attempt.body.writeImmutableBuffer(
                bytes.getSlice(at: bytes.readerIndex, length: min(room, bytes.readableBytes)) ?? bytes)
        case .buffering:
            guard attempt.body.readableBytes + bytes.readableBytes <= settings.answerLimit else {
                return attemptFailed(tooLarge)
            }
            keep(bytes, attempt)
        case .holding, .streaming: take(bytes, attempt)
        case .draining: drain(bytes, attempt)
        default: break
        }
    }

    func upstreamReadComplete() {
        switch phase {
        case .holding, .streaming: streamAdvanced()
        default: break
        }
    }

    func upstreamEnd() {
        attempt?.connection = nil
        switch phase {
        case .refusing: refused()
        case .buffering: wholeAnswerCame()
        case .holding, .streaming: streamEnded()
        case .draining: endDrain()
        default: break
        }
    }

    func upstreamFailed(_ problem: UpstreamProblem) {
        if case .draining = phase {
            attempt?.connection = nil
            return endDrain()
        }
        attempt?.connection = nil
        switch (problem, phase) {
        case (.malformed(let sentence), _): attemptFailed(Self.malformed(sentence))
        // The status says enough about an error whose body broke off.
        case (_, .refusing): refused()
        case (.resetBeforeHead, _): attemptFailed(AttemptFailure(.resetBeforeHead))
        case (.connect, _): attemptFailed(AttemptFailure(.connect))
        case (.interrupted, .holding), (.interrupted, .streaming): streamEnded(isBroken: true)
        case (.interrupted, _): attemptFailed(AttemptFailure(.interrupted))
        }
    }

    // MARK: - Whole answers

    private func keep(_ bytes: ByteBuffer, _ attempt: Attempt) {
        if attempt.body.readableBytes == 0 {
            attempt.body = bytes
            if let length = attempt.head?.contentLength, length > bytes.readableBytes {
                attempt.body.reserveCapacity(length)
            }
        } else {
            attempt.body.writeImmutableBuffer(bytes)
        }
    }

    private func wholeAnswerCame() {
        guard let attempt, let scan else { return }
        do throws(AttemptFailure) {
            try inflate(attempt)
            guard attempt.body.readableBytes > 0 else { throw AttemptFailure(.empty) }
            let facts = try Self.facts(attempt)
            try answer(attempt, scan, facts)
        } catch {
            attemptFailed(error)
        }
    }

    /// Replaces a compressed body by its content.
    private func inflate(_ attempt: Attempt) throws(AttemptFailure) {
        guard let inflater = attempt.inflater else { return }
        let result: Result<[UInt8], Inflater.Problem> = attempt.body.withUnsafeReadableBytes { input in
            var output: [UInt8] = []
            do throws(Inflater.Problem) {
                try inflater.take(input, into: &output)
                try inflater.end()
                return .success(output)
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let output): attempt.body = ByteBuffer(bytes: output)
        case .failure(.tooLarge): throw tooLarge
        case .failure: throw Self.malformed("its compressed body is cut off or broken")
        }
    }

    private static func facts(_ attempt: Attempt) throws(AttemptFailure) -> AnswerFacts {
        let result: Result<AnswerFacts, GatewayFailure> = attempt.body.withUnsafeReadableBytes { bytes in
            do throws(GatewayFailure) { return .success(try AnswerFacts.read(attempt.operation, bytes)) } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let facts): return facts
        case .failure(let failure): throw AttemptFailure(reporting: failure)
        }
    }

    private func answer(_ attempt: Attempt, _ scan: RequestScan, _ facts: AnswerFacts) throws(AttemptFailure) {
        var content = attempt.body
        if attempt.operation != scan.operation {
            do {
                let value = try JSONValue(parsing: attempt.body.readableBytesView)
                content = ByteBuffer(
                    bytes: try Translation.answer(
                        value, from: attempt.operation, to: scan.operation, publicModel: scan.model))
            } catch let failure as GatewayFailure {
                throw AttemptFailure(reporting: failure)
            } catch {
                throw Self.malformed("it is no JSON")
            }
        }
        plan?.ended(now: Self.ticks(.now()))
        let cost = settle(attempt, usage: facts.usage, outputTokens: facts.outputTokens, status: 200) { record in
            record.responseModel = facts.model
            record.finishReason = facts.finishReason
            record.serviceTier = facts.usage?.serviceTier ?? facts.serviceTier
        }
        var head = answerHead(attempt, contentType: "application/json")
        if let cost { head.fields.append(("x-pawang-cost-nano-usd", String(cost))) }
        answerWhole(head, content)
    }

    // MARK: - Errors

    /// The upstream answered with an error, which is whole as far as it will come.
    private func refused() {
        guard let attempt, let head = attempt.head else { return }
        let refusal = UpstreamRefusal(
            status: head.status, body: Array(attempt.body.readableBytesView), now: services.now() / 1_000_000_000
        ) { name in head.first(named: name) }
        attemptFailed(
            AttemptFailure(
                .refused(status: head.status, AttemptFailure.Refusal(refusal.reason)), retryAfter: refusal.retryAfter,
                detail: refusal.failure))
    }

    static func malformed(_ sentence: String) -> AttemptFailure {
        AttemptFailure(
            .malformed, detail: GatewayFailure(.upstreamMalformed, "The upstream's answer cannot be used: \(sentence).")
        )
    }

    var tooLarge: AttemptFailure {
        AttemptFailure(
            .tooLarge,
            detail: GatewayFailure(
                .upstreamTooLarge,
                "The upstream's answer is longer than \(settings.answerLimit) bytes (`gateway.limits.answer`). Stream it, or ask for less.",
                shouldRetry: false))
    }
}

extension AttemptFailure: Error {}

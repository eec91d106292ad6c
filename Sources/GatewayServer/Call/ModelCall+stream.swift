import Domain
import Gateway
import NIOCore

/// Streamed answers: held until their first content, then passed on as they come.
extension ModelCall {
    func beginStream(_ attempt: Attempt, _ scan: RequestScan) {
        attempt.stream =
            attempt.operation == scan.operation
            ? PassThroughStream(scan.operation, wantsUsage: scan.wantsStreamUsage)
            : Translation.stream(
                from: attempt.operation, to: scan.operation, publicModel: scan.model,
                wantsStreamUsage: scan.wantsStreamUsage)
        out.removeAll(keepingCapacity: true)
        lastRead = .now()
        phase = .holding
    }

    /// Takes bytes from the upstream; what they mean is looked at once a read.
    func take(_ bytes: ByteBuffer, _ attempt: Attempt) {
        guard let stream = attempt.stream else { return }
        guard let inflater = attempt.inflater else {
            return bytes.withUnsafeReadableBytes { stream.take($0, into: &out) }
        }
        var content: [UInt8] = []
        let isGood = bytes.withUnsafeReadableBytes { input in
            do throws(Inflater.Problem) {
                try inflater.take(input, into: &content)
                return true
            } catch {
                return false
            }
        }
        content.withUnsafeBytes { stream.take($0, into: &out) }
        if !isGood { attemptFailed(Self.malformed("its compressed body is broken")) }
    }

    /// Everything of one read was taken: passes on what it brought.
    func streamAdvanced() {
        guard let attempt, let stream = attempt.stream else { return }
        let progress = stream.progress
        if let failure = progress.failure {
            // Content that came in the same read makes the answer this target's, too.
            if case .holding = phase, progress.hasContent { commit(attempt) }
            return attemptFailed(AttemptFailure(reporting: failure, refusal: progress.refusal))
        }
        if case .holding = phase {
            if progress.hasContent {
                commit(attempt)
            } else if progress.isComplete {
                guard progress.finishReason != nil || progress.usage != nil else {
                    return attemptFailed(AttemptFailure(.empty))
                }
                commit(attempt)
            } else {
                guard out.count <= Self.holdLimit else { return attemptFailed(tooLarge) }
                return
            }
        }
        if progress.isComplete { return complete(attempt, progress) }
        if progress.outputTokens > attempt.allowedTokens, !extend(attempt, progress) { return }
        passOn()
    }

    /// The upstream's body has ended.
    func streamEnded(isBroken: Bool = false) {
        guard let attempt, let stream = attempt.stream else { return }
        attempt.connection = nil
        stream.end(into: &out)
        let progress = stream.progress
        if progress.isComplete, progress.failure == nil { return streamAdvanced() }
        let isTruncated = attempt.inflater.map { inflater in
            do throws(Inflater.Problem) {
                try inflater.end()
                return false
            } catch { return true }
        }
        if isBroken || isTruncated == true || progress.failure == nil {
            return attemptFailed(AttemptFailure(.interrupted, detail: Self.interrupted))
        }
        streamAdvanced()
    }

    // MARK: - Private

    /// The first content is there: from here on the answer belongs to this target.
    private func commit(_ attempt: Attempt) {
        phase = .streaming
        attempt.firstContentAt = .now()
        plan?.committed(now: Self.ticks(.now()))
        var head = answerHead(attempt, contentType: "text/event-stream; charset=utf-8")
        answerHeaders = head.fields.filter { Self.isKept($0.name) }
        head.fields.append(("cache-control", "no-cache"))
        head.fields.append(("x-accel-buffering", "no"))
        collector?.append(out)
        client?.open(head, first: out)
        client?.flush()
        out.removeAll(keepingCapacity: true)
    }

    private func passOn() {
        guard !out.isEmpty else { return }
        collector?.append(out)
        client?.write(out)
        client?.flush()
        out.removeAll(keepingCapacity: true)
    }

    private func complete(_ attempt: Attempt, _ progress: StreamProgress) {
        if let connection = attempt.connection {
            // Its last bytes may still be under way; it is used again once they are read.
            attempt.connection = nil
            connection.letGo()
        }
        if !out.isEmpty {
            collector?.append(out)
            client?.write(out)
        }
        plan?.ended(now: Self.ticks(.now()))
        settle(attempt, usage: progress.usage, outputTokens: progress.outputTokens, status: 200) { record in
            record.responseModel = progress.model
            record.finishReason = progress.finishReason
            record.serviceTier = progress.usage?.serviceTier
        }
        keepAnswer(status: 200, isStream: true)
        let client = client
        finish(status: 200)
        client?.endStream()
    }

    /// The output is about to cost more than was reserved: asks for more, or cuts the answer (R9).
    ///
    /// False if the answer was cut.
    private func extend(_ attempt: Attempt, _ progress: StreamProgress) -> Bool {
        guard let scan, let reservation = attempt.reservation else { return true }
        let block = Swift.max(256, attempt.allowedTokens == .max ? 0 : Swift.min(4096, attempt.allowedTokens / 4))
        let wanted = progress.outputTokens - attempt.allowedTokens + block
        let amount = WorstCase.amount(
            inputTokens: 0, outputTokens: wanted, choices: 1, targets: [attempt.target], prices: services.prices,
            serviceTier: scan.serviceTier, at: Double(start) / 1e9)
        guard
            let failure = services.ledger.extend(
                reservation, byNanoUSD: amount ?? 0, outputTokens: wanted, now: services.now())
        else {
            attempt.allowedTokens += wanted
            attempt.reservedNanoUSD += amount ?? 0
            return true
        }
        cut(attempt, progress, failure)
        return false
    }

    private func cut(_ attempt: Attempt, _ progress: StreamProgress, _ failure: GatewayFailure) {
        closeUpstream(attempt)
        attempt.stream?.cut(failure, into: &out)
        client?.write(out)
        plan?.abandon()
        settle(attempt, usage: progress.usage, outputTokens: progress.outputTokens, status: 200, failure: failure.kind)
        {
            $0.responseModel = progress.model
            $0.finishReason = "length"
        }
        dropAnswer()
        let client = client
        finish(status: 200, failure: failure)
        client?.endStream()
    }

    /// Ends a stream that has begun with an explicit error event.
    func breakOff(_ attempt: Attempt, _ failure: GatewayFailure) {
        let progress = attempt.stream?.progress ?? StreamProgress()
        // What came before the failure is the client's; half an event is completed by the stream itself.
        attempt.stream?.fail(failure, into: &out)
        client?.write(out)
        settle(attempt, usage: progress.usage, outputTokens: progress.outputTokens, status: 200, failure: failure.kind)
        {
            $0.responseModel = progress.model
            $0.finishReason = progress.finishReason
        }
        dropAnswer()
        let client = client
        finish(status: 200, failure: failure)
        client?.endStream()
    }

    static let interrupted = GatewayFailure(
        .upstreamInterrupted, "The upstream ended its answer before it was complete. What has come is not all of it.")

    private static func isKept(_ name: String) -> Bool { name == "content-type" || name == "x-pawang-target" }
}

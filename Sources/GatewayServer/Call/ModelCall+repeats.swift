import Gateway
import NIOCore

/// Requests that need no upstream: those asked before, and those in the cache.
extension ModelCall {
    /// Looks whether the request was sent before (R18); true if it is answered, or waits for the first one's answer.
    func claim() throws(GatewayFailure) -> Bool {
        guard let table = services.idempotency, head.idempotencyKey != nil || head.retryCount != nil else {
            return false
        }
        let request = try readBody { bytes throws(GatewayFailure) in
            try IdempotentRequest(
                keyID: key.id, name: head.idempotencyKey, retryCount: head.retryCount, path: head.target, body: bytes)
        }
        guard let request else { return false }
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let eventLoop = loop.eventLoop
        let claim = table.claim(request, at: services.now()) { outcome in
            eventLoop.execute { bound.value.waitEnded(outcome) }
        }
        switch claim {
        case .first(let ticket):
            self.ticket = ticket
            collector = AnswerCollector()
            return false
        case .joined(let waiter):
            self.waiter = waiter
            phase = .joined
            return true
        case .replay(let answer):
            replay(answer, as: "replay")
            return true
        case .refused(let failure): throw failure
        }
    }

    private func waitEnded(_ outcome: IdempotencyTable.Outcome) {
        guard case .joined = phase else {
            // The client left in the same moment; somebody else may want to be first.
            if case .yours(let ticket) = outcome {
                services.idempotency?.finish(ticket, with: nil, at: services.now())
            }
            return
        }
        waiter = nil
        phase = .preparing
        switch outcome {
        case .answer(let answer): replay(answer, as: "replay")
        case .yours(let ticket):
            self.ticket = ticket
            collector = AnswerCollector()
            guard let scan, let route else { return refuse(Self.internalError) }
            do throws(GatewayFailure) {
                if !answerFromCache(scan, route) { try begin(scan, route) }
            } catch {
                refuse(error)
            }
        }
    }

    /// Answers from the exact cache; true if it could.
    func answerFromCache(_ scan: RequestScan, _ route: Route) -> Bool {
        guard let settings = route.declaration.cache, let cache = services.cache, scan.operation != .countTokens else {
            return false
        }
        let headers = head.forwarded.sorted { $0.name < $1.name }.flatMap { [$0.name, $0.value] }
        let cacheKey = body.withUnsafeReadableBytes { bytes in
            AnswerKey(
                operation: scan.operation, model: scan.model, isStream: scan.isStream,
                keyID: settings.isShared ? nil : key.id, headers: headers, body: bytes)
        }
        guard let cacheKey else { return false }
        if let answer = cache.answer(for: cacheKey, at: start) {
            replay(answer, as: "hit")
            return true
        }
        self.cacheKey = cacheKey
        if collector == nil { collector = AnswerCollector(byteLimit: 8 << 20) }
        return false
    }

    /// Gives a kept answer again.
    private func replay(_ answer: StoredAnswer, as word: String) {
        var record = newRecord(attempt: 1, target: nil, start: start)
        record.status = answer.status
        record.isStream = answer.isStream
        record.isCacheHit = true
        record.costNanoUSD = 0
        record.duration = services.now() - start
        // What cannot be accounted for is not given, even if it costs nothing.
        if word == "hit", let failure = services.ledger.record(record) { return refuse(failure) }
        lastRecord = record
        var head = AnswerHead(answer.status, answer.headers)
        head.fields.append(("x-request-id", id))
        head.fields.append(("x-pawang-cache", word))
        isReplayed = word == "replay"
        if let ticket, word == "hit" {
            self.ticket = nil
            services.idempotency?.finish(ticket, with: answer, at: services.now())
        }
        if answer.isStream {
            client?.open(head, first: answer.chunks.first ?? [])
            for chunk in answer.chunks.dropFirst() { client?.write(chunk) }
            let client = client
            finish(status: answer.status)
            client?.endStream()
        } else {
            let client = client
            finish(status: answer.status)
            client?.answer(head, body: ByteBuffer(bytes: answer.chunks.first ?? []))
        }
    }

    /// Keeps a complete answer for those who ask again.
    func keepAnswer(status: Int, isStream: Bool) {
        let answer = collector?.answer(status: status, headers: answerHeaders, isStream: isStream)
        collector = nil
        if let cacheKey, let answer, let cache = services.cache, let settings = route?.declaration.cache {
            cache.store(answer, for: cacheKey, until: services.now() + settings.timeToLive.nanoseconds)
        }
        guard let ticket else { return }
        self.ticket = nil
        services.idempotency?.finish(ticket, with: answer, at: services.now())
    }
}

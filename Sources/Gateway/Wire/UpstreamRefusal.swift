/// An upstream's answer that is no success: why, what to do about it, and what the client is told.
package struct UpstreamRefusal: Sendable, Equatable {
    /// Why the upstream refused.
    package enum Reason: String, Sendable, Hashable, CaseIterable {
        /// The request itself is wrong for any upstream.
        case invalidRequest = "invalid_request"
        /// The input is longer than the model's context.
        case contextLength = "context_length"
        case contentFilter = "content_filter"
        /// The body is larger than the upstream takes.
        case tooLarge = "too_large"
        /// The connection's secret was refused, or may not use the model.
        case authentication
        /// The upstream has no such model or path.
        case notFound = "not_found"
        /// Too many requests or tokens for now.
        case rateLimited = "rate_limited"
        /// The account is used up: waiting does not help.
        case quotaExceeded = "quota_exceeded"
        case overloaded
        case timeout
        case failed
    }

    /// What can be done about it.
    package enum Treatment: String, Sendable, Hashable {
        /// The same target can be tried again after a pause.
        case retry
        /// Another key or target may answer; this one will not soon.
        case tryAnother = "try_another"
        /// Every target would refuse it.
        case giveUp = "give_up"
    }

    package let status: Int
    package let reason: Reason
    package let treatment: Treatment
    /// How long the upstream asks to be left alone, bounded to a day.
    package let retryAfter: Duration?
    /// What the client is told if nothing else is tried.
    package let failure: GatewayFailure

    /// Reads a refusal.
    ///
    /// - Parameters:
    ///   - header: the value of the header with that name in lower case.
    ///   - now: seconds since 1970, for dates in `retry-after`.
    package init(status: Int, body: [UInt8], now: Int, header: (String) -> String?) {
        self.init(
            status: status, RefusalFacts(body), retryAfter: RetryDelay.read(now: now, header: header),
            mayRetry: header("x-should-retry") != "false")
    }

    init(status: Int, _ facts: RefusalFacts, retryAfter: Duration? = nil, mayRetry: Bool = true) {
        let reason = facts.reason(status: status)
        self.status = status
        self.reason = reason
        self.retryAfter = retryAfter
        treatment = reason.treatment == .retry && !mayRetry ? .tryAnother : reason.treatment
        failure = reason.failure(status: status, facts, retryAfter: retryAfter)
    }
}

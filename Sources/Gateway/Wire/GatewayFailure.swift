package import Domain

/// Why the gateway does not answer a request as asked.
///
/// It is rendered in the client's dialect by `ErrorBody`; the message never holds a secret, a prompt or an answer.
package struct GatewayFailure: Failure, Equatable {
    /// What happened; the raw value is the stable code in bodies, logs and metrics.
    package enum Kind: String, Sendable, CaseIterable {
        // The request.
        case invalidRequest = "invalid_request"
        case invalidKey = "invalid_api_key"
        case notAllowed = "not_allowed"
        case modelNotFound = "model_not_found"
        case notFound = "not_found"
        case bodyTooLarge = "request_too_large"
        case untranslatable = "not_translatable"
        // Limits of ours.
        case budgetExceeded = "budget_exceeded"
        case rateLimited = "rate_limit_exceeded"
        case unknownPrice = "unknown_price"
        case overloaded = "gateway_overloaded"
        case stopping = "gateway_stopping"
        case ledgerUnavailable = "ledger_unavailable"
        // The upstream, after every attempt that was allowed.
        case upstreamRefused = "upstream_refused"
        case upstreamUnreachable = "upstream_unreachable"
        case upstreamInterrupted = "upstream_interrupted"
        case upstreamTimeout = "upstream_timeout"
        case upstreamRateLimited = "upstream_rate_limited"
        case upstreamAuthentication = "upstream_authentication"
        case upstreamFailed = "upstream_failed"
        case upstreamMalformed = "upstream_malformed"
        case upstreamTooLarge = "upstream_too_large"
        // The rest.
        case deadlineExceeded = "deadline_exceeded"
        case clientClosed = "client_closed_request"
        case flowFailed = "flow_failed"
        case internalError = "internal_error"
    }

    package var kind: Kind
    package var message: String
    /// The request's member that is wrong, where it is one.
    package var parameter: String?
    /// Seconds after which another try can succeed.
    package var retryAfterSeconds: Int?
    /// What `x-should-retry` says, or `nil` to leave it to the client.
    package var shouldRetry: Bool?
    /// The upstream's own status, where its refusal is passed on.
    package var upstreamStatus: Int?
    /// The upstream's own code, where its refusal is passed on: clients act on some of them.
    package var upstreamCode: String?

    package init(
        _ kind: Kind, _ message: String, parameter: String? = nil, retryAfterSeconds: Int? = nil,
        shouldRetry: Bool? = nil, upstreamStatus: Int? = nil, upstreamCode: String? = nil
    ) {
        self.kind = kind
        self.message = message
        self.parameter = parameter
        self.retryAfterSeconds = retryAfterSeconds
        self.shouldRetry = shouldRetry
        self.upstreamStatus = upstreamStatus
        self.upstreamCode = upstreamCode
    }

    package var code: String { kind.rawValue }

    package var blame: Blame {
        switch kind {
        case .invalidRequest, .invalidKey, .notAllowed, .modelNotFound, .notFound, .bodyTooLarge, .untranslatable,
            .budgetExceeded, .rateLimited, .unknownPrice, .upstreamRefused, .clientClosed:
            .request
        default: .environment
        }
    }

    /// The HTTP status that tells a client.
    package var status: Int {
        switch kind {
        case .invalidRequest, .untranslatable: 400
        case .invalidKey: 401
        case .notAllowed, .unknownPrice: 403
        case .modelNotFound, .notFound: 404
        case .bodyTooLarge: 413
        case .budgetExceeded, .rateLimited, .upstreamRateLimited: 429
        case .clientClosed: 499
        case .internalError, .flowFailed: 500
        case .upstreamRefused: upstreamStatus ?? 400
        case .upstreamUnreachable, .upstreamInterrupted, .upstreamAuthentication, .upstreamFailed, .upstreamMalformed,
            .upstreamTooLarge:
            502
        case .overloaded, .stopping, .ledgerUnavailable: 503
        case .upstreamTimeout, .deadlineExceeded: 504
        }
    }
}

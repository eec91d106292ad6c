/// Why a call to a model failed.
///
/// Retries and fallbacks switch over ``kind``.
package struct ProviderFailure: Failure, Equatable {
    /// What happened, as far as the caller has to treat it differently.
    package enum Kind: String, Sendable {
        /// No connection could be made: refused, unknown host, TLS.
        case connect = "ConnectionFailed"
        /// The connection broke before or during the answer.
        case interrupted = "AnswerInterrupted"
        /// Nothing, or not everything, came in time.
        case timeout = "ProviderTimeout"
        /// 429; may say when to come back.
        case rateLimited = "RateLimited"
        /// 429 because the account has no quota left: waiting does not help.
        case quotaExceeded = "QuotaExceeded"
        /// 401 or 403.
        case authentication = "AuthenticationFailed"
        /// Another 4xx: the request is wrong.
        case badRequest = "RequestRefused"
        /// 422, which some servers send for passing troubles.
        case unprocessable = "RequestUnprocessable"
        /// 5xx.
        case server = "ProviderFailed"
        /// The answer is not what the protocol promises.
        case malformed = "AnswerMalformed"
        /// The answer is larger than the limit.
        case tooLarge = "AnswerTooLarge"
        /// No recorded answer for this request.
        case replayMiss = "ReplayMiss"
        /// The connection itself is declared wrongly.
        case misconfigured = "ConnectionInvalid"
        /// A budget of calls or money is used up; nothing was sent.
        case budgetExhausted = "BudgetExhausted"
        /// The caller gave up.
        case canceled = "Canceled"
    }

    package var kind: Kind
    package var message: String
    /// The HTTP status, where there was one.
    package var status: Int?
    /// How long the provider asked to wait.
    package var retryAfter: Duration?

    package init(_ kind: Kind, _ message: String, status: Int? = nil, retryAfter: Duration? = nil) {
        self.kind = kind
        self.message = message
        self.status = status
        self.retryAfter = retryAfter
    }

    package var code: String { kind.rawValue }

    package var blame: Blame {
        switch kind {
        case .badRequest, .replayMiss, .misconfigured, .budgetExhausted: .request
        default: .environment
        }
    }
}

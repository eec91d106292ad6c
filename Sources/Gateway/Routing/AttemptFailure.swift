/// Why an attempt at a target brought no answer.
package struct AttemptFailure: Sendable, Equatable {
    /// What happened.
    package enum Kind: Sendable, Hashable {
        /// No connection: refused, unreachable, name not found, TLS.
        case connect
        /// The connection ended before the answer's head.
        case resetBeforeHead
        /// The answer ended early, before or after its first content.
        case interrupted
        case timeout(Guard)
        /// The upstream answered with an error, in its status or inside the answer.
        case refused(status: Int, Refusal)
        /// An answer that is not what its protocol promises.
        case malformed
        /// A successful answer with nothing in it.
        case empty
        /// An answer beyond our limit.
        case tooLarge
    }

    /// The guard that ran out.
    package enum Guard: String, Sendable, Hashable, CaseIterable {
        case connect
        case head
        case firstToken
        case stall
        /// Fewer tokens a second than the target must give.
        case slow
    }

    /// What an upstream's refusal is about; decides what is tried next.
    package enum Refusal: String, Sendable, Hashable, CaseIterable {
        /// The request itself; it would be refused anywhere.
        case request
        case contentFilter
        case contextLength
        /// The key: unknown, revoked, or without the right (401, 403).
        case authentication
        /// The upstream does not know the model or the path.
        case notFound
        /// The money or quota of the key's account is used up: waiting does not help, another key may.
        case quota
        case rateLimit
        /// The upstream is overloaded or failed (408, 409, 5xx, 529).
        case unavailable
    }

    package var kind: Kind
    /// How long the upstream asks to wait.
    package var retryAfter: Duration?
    /// What the upstream said, ready for the client; without secrets.
    package var detail: GatewayFailure?

    package init(_ kind: Kind, retryAfter: Duration? = nil, detail: GatewayFailure? = nil) {
        self.kind = kind
        self.retryAfter = retryAfter
        self.detail = detail
    }
}

extension AttemptFailure.Kind: CustomStringConvertible {
    /// For messages, logs and labels.
    package var description: String {
        switch self {
        case .connect: "could not connect"
        case .resetBeforeHead: "connection closed before an answer"
        case .interrupted: "answer cut off"
        case .timeout(.connect): "timed out connecting"
        case .timeout(.head): "timed out waiting for the answer's head"
        case .timeout(.firstToken): "timed out waiting for the first token"
        case .timeout(.stall): "answer stalled"
        case .timeout(.slow): "answer too slow"
        case .refused(let status, let refusal): "HTTP \(status), \(refusal.words)"
        case .malformed: "malformed answer"
        case .empty: "empty answer"
        case .tooLarge: "answer too large"
        }
    }

    /// One word for metrics: few values, never a status or a text of the upstream's.
    package var label: String {
        switch self {
        case .connect: "connect"
        case .resetBeforeHead: "reset"
        case .interrupted: "interrupted"
        case .timeout(let which): "timeout_\(which == .firstToken ? "first_token" : which.rawValue)"
        case .refused(_, .contentFilter): "content_filter"
        case .refused(_, .contextLength): "context_length"
        case .refused(_, .notFound): "not_found"
        case .refused(_, .rateLimit): "rate_limit"
        case .refused(_, let refusal): refusal.rawValue
        case .malformed: "malformed"
        case .empty: "empty"
        case .tooLarge: "too_large"
        }
    }
}

extension AttemptFailure.Refusal {
    fileprivate var words: String {
        switch self {
        case .request: "request refused"
        case .contentFilter: "content filtered"
        case .contextLength: "context too long"
        case .authentication: "key refused"
        case .notFound: "model not found"
        case .quota: "quota used up"
        case .rateLimit: "rate limited"
        case .unavailable: "unavailable"
        }
    }
}

/// What a failed attempt means: for the call, for its target, and for the client in the end.
///
/// The one table of it. A content filter and a context length are the request's own fault as far as routing knows:
/// another model might take the request, but answering it with one is for whoever declares `when: {input_tokens: …}`.
struct FailurePolicy: Sendable, Equatable {
    /// What the call may do next.
    enum Next: Sendable, Equatable {
        /// Nothing would help.
        case give
        /// Another target, never this one again.
        case otherTarget
        /// The next access of the same target, then other targets.
        case otherAccess
        /// Other targets, then this one again after a pause.
        case anyTarget
    }

    /// What it says about the target.
    enum Mark: Sendable, Equatable {
        case none
        /// One of several that make a storm.
        case strike
        /// It is left alone at once.
        case coolDown
        /// The access is left alone, not the target.
        case access
    }

    var next: Next
    var mark: Mark
    /// What the client is told if this failure is the most telling one.
    var kind: GatewayFailure.Kind
    /// How much it tells beside others: what the upstream said counts more than what we only saw.
    var rank: Int
    /// What `x-should-retry` says in the end.
    var shouldRetry: Bool?

    static func of(_ kind: AttemptFailure.Kind) -> Self {
        switch kind {
        case .connect: Self(next: .anyTarget, mark: .coolDown, kind: .upstreamUnreachable, rank: 2)
        case .resetBeforeHead: Self(next: .anyTarget, mark: .strike, kind: .upstreamUnreachable, rank: 3)
        case .interrupted: Self(next: .anyTarget, mark: .strike, kind: .upstreamInterrupted, rank: 5)
        case .timeout(.connect): Self(next: .anyTarget, mark: .coolDown, kind: .upstreamTimeout, rank: 2)
        case .timeout: Self(next: .anyTarget, mark: .strike, kind: .upstreamTimeout, rank: 6)
        case .malformed, .empty: Self(next: .anyTarget, mark: .strike, kind: .upstreamMalformed, rank: 4)
        case .tooLarge: Self(next: .otherTarget, mark: .none, kind: .upstreamTooLarge, rank: 9, shouldRetry: false)
        case .refused(_, let refusal): of(refusal)
        }
    }

    private static func of(_ refusal: AttemptFailure.Refusal) -> Self {
        switch refusal {
        case .request, .contentFilter, .contextLength:
            Self(next: .give, mark: .none, kind: .upstreamRefused, rank: 9, shouldRetry: false)
        case .authentication:
            Self(next: .otherAccess, mark: .access, kind: .upstreamAuthentication, rank: 1, shouldRetry: false)
        case .notFound: Self(next: .otherTarget, mark: .none, kind: .upstreamFailed, rank: 1, shouldRetry: false)
        case .quota: Self(next: .otherAccess, mark: .access, kind: .upstreamRateLimited, rank: 7, shouldRetry: false)
        case .rateLimit: Self(next: .anyTarget, mark: .strike, kind: .upstreamRateLimited, rank: 8)
        case .unavailable: Self(next: .anyTarget, mark: .strike, kind: .upstreamFailed, rank: 6)
        }
    }
}

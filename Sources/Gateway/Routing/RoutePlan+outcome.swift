extension RoutePlan {
    /// Why there is no further attempt.
    enum Ending: Sendable {
        case refused
        case attempts
        case share
        case deadline
        case exhausted
        case full
        case ineligible
    }

    /// What the client is told: the most telling failure, with every attempt by its target and reason.
    func outcome(_ ending: Ending, now: Int) -> GatewayFailure {
        guard
            let telling = notes.max(by: {
                FailurePolicy.of($0.failure.kind).rank <= FailurePolicy.of($1.failure.kind).rank
            })
        else { return withoutAttempt(ending) }
        let policy = FailurePolicy.of(telling.failure.kind)
        if policy.next == .give, let detail = telling.failure.detail { return detail }
        var failure = GatewayFailure(policy.kind, message(ending, telling: telling))
        failure.shouldRetry = policy.shouldRetry
        failure.parameter = telling.failure.detail?.parameter
        if case .refused(let status, _) = telling.failure.kind { failure.upstreamStatus = status }
        if policy.shouldRetry != false {
            failure.retryAfterSeconds = notes.compactMap(\.failure.retryAfter).min().map { wait in
                // Whole seconds, never too early; a day at most.
                min(86_400, max(1, (wait.nanoseconds + 999_999_999) / 1_000_000_000))
            }
        }
        return failure
    }

    private func message(_ ending: Ending, telling: Note) -> String {
        let list = notes.map { "\($0.target): \($0.failure.kind)" }.joined(separator: "; ")
        let said =
            telling.failure.detail.map { detail in
                if case .refused = telling.failure.kind { return " \(telling.target) said: \(detail.message)" }
                return " \(detail.message)"
            } ?? ""
        let reason =
            switch ending {
            case .refused: ""
            case .attempts where notes.count > 1: " \(notes.count) attempts are the most this model allows."
            case .attempts: ""
            case .share: " It was not tried again, because retries are at their share of this model's calls."
            case .deadline: " The call's deadline leaves no time for another attempt."
            case .full: " The other targets have as many calls as they may."
            case .exhausted, .ineligible: ""
            }
        return "No target of `\(route.name)` could answer: \(list).\(said)\(reason)"
    }

    private func withoutAttempt(_ ending: Ending) -> GatewayFailure {
        switch ending {
        case .full:
            GatewayFailure(
                .overloaded,
                "Every target of `\(route.name)` has as many calls under way as its `concurrency` allows. Try again soon.",
                retryAfterSeconds: 1, shouldRetry: true)
        case .ineligible:
            GatewayFailure(
                .notAllowed,
                "No target of `\(route.name)` is meant for this request: its key, team, headers or number of input tokens fit no `when` of the model in pawang.yaml, or no provider of it offers `\(facts.operation.rawValue)`.",
                shouldRetry: false)
        case .deadline:
            GatewayFailure(.deadlineExceeded, "The deadline passed before `\(route.name)` could be asked.")
        default:
            GatewayFailure(
                .upstreamUnreachable,
                "Every target of `\(route.name)` is being left alone after failures. Try again soon.",
                retryAfterSeconds: 1)
        }
    }
}

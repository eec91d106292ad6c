/// The ledger's answers to callers that are not let through.
enum Refusal {
    static func budget(
        _ rule: BudgetRule, left: Int, asked: Int, end: Int?, time: Int, model: String
    ) -> GatewayFailure {
        let owner = rule.owner.map { " of \($0)" } ?? ""
        let reset = end.map { "It resets at \(LedgerText.time($0))." } ?? "It never resets."
        let advice = rule.owner.map { "ask \($0) for more" } ?? "ask for a higher limit"
        let asks =
            asked == 0
            ? "a call of `\(model)` is not let through" : "a call of `\(model)` may cost \(LedgerText.money(asked))"
        let wait = end.map { (($0 - time) - 1) / 1_000_000_000 + 1 }
        return GatewayFailure(
            .budgetExceeded,
            "The budget `\(rule.name)`\(owner) of \(LedgerText.money(rule.limitNanoUSD)) has "
                + "\(left == .min ? "nothing" : LedgerText.money(left)) left, and \(asks). "
                + "\(reset) Lower the output limit, or \(advice).",
            retryAfterSeconds: wait.flatMap { $0 <= 120 ? max(1, $0) : nil }, shouldRetry: false)
    }

    static func rate(_ what: String, limit: Int, key: String, wait: Int?) -> GatewayFailure {
        guard let wait else {
            return GatewayFailure(
                .rateLimited, "Key `\(key)` may make no calls: its limit is \(limit) \(what) per minute.",
                shouldRetry: false)
        }
        return GatewayFailure(
            .rateLimited,
            "Key `\(key)` has used its \(limit) \(what) per minute. Try again in \(wait) \(wait == 1 ? "second" : "seconds").",
            retryAfterSeconds: wait, shouldRetry: true)
    }

    static func callIsAboveRate(tokens: Int, limit: Int, key: String) -> GatewayFailure {
        GatewayFailure(
            .rateLimited,
            "The call may use \(tokens) tokens, more than the \(limit) per minute of key `\(key)`: it can never pass. "
                + "Lower the output limit or shorten the input.",
            shouldRetry: false)
    }

    static func unknownPrice(of model: String) -> GatewayFailure {
        GatewayFailure(
            .unknownPrice,
            "The price of `\(model)` is not known, so no budget can be kept. Add it under `prices` in pawang.yaml, or "
                + "allow unknown prices.",
            shouldRetry: false)
    }

    static func attemptIsKnown(_ attempt: Int, of call: String) -> GatewayFailure {
        GatewayFailure(
            .internalError,
            "Attempt \(attempt) of call \(call) is in the ledger already; a call's id is used once.",
            shouldRetry: false)
    }

    static let unknownReservation = GatewayFailure(
        .internalError, "The reservation has ended or is of another ledger; admit the call again.", shouldRetry: false)

    static let journalFails = GatewayFailure(
        .ledgerUnavailable,
        "The ledger's journal cannot be written, and what cannot be counted is not called. The server's log says why; "
            + "try again in a moment.",
        retryAfterSeconds: 5, shouldRetry: true)

    static let backlogIsFull = GatewayFailure(
        .ledgerUnavailable,
        "The ledger's database has been away for so long that the journal is full. The server's log says why; try "
            + "again in a moment.",
        retryAfterSeconds: 30, shouldRetry: true)

    static let isClosed = GatewayFailure(
        .stopping, "The gateway is stopping; send the request to another one.", retryAfterSeconds: 1, shouldRetry: true)
}

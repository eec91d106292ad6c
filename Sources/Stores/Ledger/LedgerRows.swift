import Domain
import Gateway

/// Entries and rows; positions follow ``columns``.
enum LedgerRows {
    static let columns = [
        "entry", "call", "attempt", "trace", "span", "parent_span", "key_id", "team", "service", "use_case", "end_user",
        "session_id", "flow_release", "operation", "model", "target", "provider", "upstream_model", "response_model",
        "start_ns", "duration_ns", "first_token_ns", "status", "failure", "finish_reason", "is_stream", "is_cache_hit",
        "input_tokens", "output_tokens", "cached_tokens", "cache_write_tokens", "reasoning_tokens", "basis",
        "cost_nano_usd", "reserved_nano_usd", "price_version", "service_tier", "raw_usage",
    ]
    /// The columns that an entry has beside its number, for `SELECT`.
    static let selected = columns.dropFirst().joined(separator: ", ")

    /// What a client or a provider made up may hold anything; a batch must not stop at it.
    static func values(_ entry: CallRecord, number: Int) -> [SQLValue] {
        let owner = entry.attribution
        let usage = entry.usage
        return [
            .int(number), .foreign(entry.call), .int(entry.attempt), .foreign(entry.trace), .foreign(entry.span),
            .foreign(entry.parentSpan), .foreign(owner.key), .foreign(owner.team), .foreign(owner.service),
            .foreign(owner.useCase), .foreign(owner.user), .foreign(owner.session), .foreign(owner.release),
            .foreign(entry.operation), .foreign(entry.model), .foreign(entry.target), .foreign(entry.provider),
            .foreign(entry.upstreamModel), .foreign(entry.responseModel), .int(entry.start), .int(entry.duration),
            SQLValue(entry.timeToFirstToken), .int(entry.status), .foreign(entry.failure),
            .foreign(entry.finishReason), SQLValue(entry.isStream), SQLValue(entry.isCacheHit), .int(usage.input),
            .int(usage.output), .int(usage.cachedInput), .int(usage.cacheWrite), .int(usage.reasoning),
            .text(entry.basis.rawValue), SQLValue(entry.costNanoUSD), .int(entry.reservedNanoUSD),
            .foreign(entry.priceVersion), .foreign(entry.serviceTier), .foreign(entry.rawUsage),
        ]
    }

    /// The entry of a row that was selected with ``selected``.
    static func entry(_ row: SQLRow) throws -> CallRecord {
        let basis = try row.text(31)
        guard let known = CallRecord.Basis(rawValue: basis) else {
            throw StoreFailure(
                .damaged, "an entry of the ledger has the basis `\(basis)`, which is none; restore a copy")
        }
        return CallRecord(
            call: try row.text(0), attempt: try row.int(1), trace: try row.text(2), span: try row.text(3),
            parentSpan: try row.optionalText(4),
            attribution: Attribution(
                key: try row.text(5), team: try row.optionalText(6), service: try row.optionalText(7),
                useCase: try row.optionalText(8), user: try row.optionalText(9), session: try row.optionalText(10),
                release: try row.optionalText(11)),
            operation: try row.text(12), model: try row.text(13), target: try row.text(14),
            provider: try row.text(15), upstreamModel: try row.text(16), responseModel: try row.optionalText(17),
            start: try row.int(18), duration: try row.int(19), timeToFirstToken: try row.optionalInt(20),
            status: try row.int(21), failure: try row.optionalText(22), finishReason: try row.optionalText(23),
            isStream: try row.bool(24), isCacheHit: try row.bool(25),
            usage: TokenUsage(
                input: try row.int(26), output: try row.int(27), cachedInput: try row.int(28),
                cacheWrite: try row.int(29), reasoning: try row.int(30)),
            basis: known, costNanoUSD: try row.optionalInt(32), reservedNanoUSD: try row.int(33),
            priceVersion: try row.text(34), serviceTier: try row.optionalText(35), rawUsage: try row.optionalText(36))
    }

    static let balanceKey = ["scope_kind", "scope_name", "window_kind", "start_ns"]
    static let balanceColumns = balanceKey + ["spent_nano_usd", "input_tokens", "output_tokens", "calls"]

    static func values(_ balance: Balance) -> [SQLValue] {
        [
            .text(balance.scope.kind.rawValue), .foreign(balance.scope.name), .text(balance.window.rawValue),
            .int(balance.start), .int(balance.spentNanoUSD), .int(balance.inputTokens), .int(balance.outputTokens),
            .int(balance.calls),
        ]
    }

    static func balance(_ row: SQLRow) throws -> Balance {
        guard let kind = BudgetScope.Kind(rawValue: try row.text(0)),
            let window = BudgetWindow(rawValue: try row.text(2))
        else {
            throw StoreFailure(
                .damaged,
                "a balance is for `\(try row.text(0))` per `\(try row.text(2))`, which are none; restore a copy")
        }
        return Balance(
            scope: BudgetScope(kind, try row.text(1)), window: window, start: try row.int(3),
            spentNanoUSD: try row.int(4), inputTokens: try row.int(5), outputTokens: try row.int(6),
            calls: try row.int(7))
    }
}

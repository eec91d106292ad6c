import Domain
import Gateway
import Stores

/// Entries and balances as texts.
enum LedgerOutput {
    static func checked(_ limit: Int) throws -> Int {
        guard (1...100_000).contains(limit) else {
            throw PlainFailure("ArgumentInvalid", "--limit must be from 1 to 100000")
        }
        return limit
    }

    static func entries(of call: String, in store: SQLLedgerStore) throws -> [CallRecord] {
        let entries = try store.entries(of: call)
        guard !entries.isEmpty else {
            throw PlainFailure(
                "EntryNotFound", "the ledger has no call `\(call)`; `pawang ledger list` shows the last ones")
        }
        return entries
    }

    /// What balances change by when an entry is replaced by another of the same call and time.
    static func difference(from old: CallRecord, to new: CallRecord) -> [Balance] {
        Balance.increments(of: [new]).map { increment in
            var change = increment
            change.spentNanoUSD -= old.spentNanoUSD
            change.inputTokens -= old.usage.input
            change.outputTokens -= old.usage.output
            change.calls = 0
            return change
        }
    }

    static func json(_ balance: Balance) -> JSONObject {
        [
            "scope": .string(balance.scope.kind.rawValue), "name": .string(balance.scope.name),
            "window": .string(balance.window.rawValue),
            "since": balance.window == .total ? .null : .string(Timestamp.text(of: balance.start)),
            "spent_nano_usd": .int(balance.spentNanoUSD), "input_tokens": .int(balance.inputTokens),
            "output_tokens": .int(balance.outputTokens), "calls": .int(balance.calls),
        ]
    }

    static func json(_ entry: CallRecord) -> JSONObject {
        var object: JSONObject = [
            "call": .string(entry.call), "attempt": .int(entry.attempt), "trace": .string(entry.trace),
            "span": .string(entry.span), "key": .string(entry.attribution.key), "operation": .string(entry.operation),
            "model": .string(entry.model), "target": .string(entry.target), "provider": .string(entry.provider),
            "upstream_model": .string(entry.upstreamModel), "started": .string(Timestamp.text(of: entry.start)),
            "duration_ns": .int(entry.duration), "status": .int(entry.status), "stream": .bool(entry.isStream),
            "cache_hit": .bool(entry.isCacheHit), "input_tokens": .int(entry.usage.input),
            "output_tokens": .int(entry.usage.output), "cached_tokens": .int(entry.usage.cachedInput),
            "cache_write_tokens": .int(entry.usage.cacheWrite), "reasoning_tokens": .int(entry.usage.reasoning),
            "basis": .string(entry.basis.rawValue), "cost_nano_usd": entry.costNanoUSD.map { .int($0) } ?? .null,
            "reserved_nano_usd": .int(entry.reservedNanoUSD), "price_version": .string(entry.priceVersion),
        ]
        let owner = entry.attribution
        for (name, text) in [
            ("parent_span", entry.parentSpan), ("team", owner.team), ("service", owner.service),
            ("use_case", owner.useCase), ("user", owner.user), ("session", owner.session), ("release", owner.release),
            ("response_model", entry.responseModel), ("failure", entry.failure), ("finish_reason", entry.finishReason),
            ("service_tier", entry.serviceTier),
        ] {
            if let text { object[name] = .string(text) }
        }
        if let first = entry.timeToFirstToken { object["time_to_first_token_ns"] = .int(first) }
        if let raw = entry.rawUsage { object["usage"] = (try? JSONValue(parsing: raw)) ?? .string(raw) }
        return object
    }
}

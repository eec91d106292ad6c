/// A call that asks to be let through.
package struct AdmissionRequest: Sendable {
    /// The call: 32 hexadecimal digits.
    package var call: String
    /// From 1; each is a reservation of its own.
    package var attempt: Int
    package var attribution: Attribution
    /// The key's record, for its own budgets and rates; its id is the attribution's key.
    package var key: KeyRecord
    /// The most the attempt can cost, or `nil` if the price is not known.
    package var amountNanoUSD: Int?
    /// Estimated.
    package var inputTokens: Int
    /// The most that are asked for.
    package var outputTokens: Int
    /// Nanoseconds since 1970.
    package var now: Int
    /// Whether an attempt of the same call went before, so that it is not a request of the client's.
    package var isRetry: Bool
    /// The public name that was asked for.
    package var model: String
    /// Whether a call without a known price is let through, unpriced.
    package var allowsUnknownPrice: Bool

    package init(
        call: String, attempt: Int, attribution: Attribution, key: KeyRecord, amountNanoUSD: Int?, inputTokens: Int,
        outputTokens: Int, now: Int, isRetry: Bool = false, model: String, allowsUnknownPrice: Bool = false
    ) {
        self.call = call
        self.attempt = attempt
        self.attribution = attribution
        self.key = key
        self.amountNanoUSD = amountNanoUSD
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.now = now
        self.isRetry = isRetry
        self.model = model
        self.allowsUnknownPrice = allowsUnknownPrice
    }
}

/// A handle of a reservation; of no use to another ledger or after a restart.
package struct ReservationID: Hashable, Sendable {
    /// Its place among the open ones.
    let slot: Int
    /// Its number, which is never given twice.
    let serial: Int
}

package enum Admission: Sendable {
    case admitted(ReservationID)
    case refused(GatewayFailure)
}

/// What is known of an attempt when its first byte goes to an upstream: enough to bill it if we end before the answer.
package struct DispatchFacts: Sendable, Hashable {
    /// An ``Operation``'s raw value.
    package var operation: String
    /// The target's id within its model.
    package var target: String
    /// OpenTelemetry's name of the provider.
    package var provider: String
    package var upstreamModel: String
    package var trace: String
    package var span: String
    package var parentSpan: String?
    package var isStream: Bool
    package var priceVersion: String

    package init(
        operation: String, target: String, provider: String, upstreamModel: String, trace: String, span: String,
        parentSpan: String? = nil, isStream: Bool = false, priceVersion: String = ""
    ) {
        self.operation = operation
        self.target = target
        self.provider = provider
        self.upstreamModel = upstreamModel
        self.trace = trace
        self.span = span
        self.parentSpan = parentSpan
        self.isStream = isStream
        self.priceVersion = priceVersion
    }
}

/// A budget as it stands.
package struct BudgetStatus: Sendable, Hashable {
    package var rule: BudgetRule
    /// Committed in the current window.
    package var spentNanoUSD: Int
    /// Held by calls that run.
    package var reservedNanoUSD: Int
    /// Nanoseconds since 1970; `nil` where it never resets.
    package var resetsAt: Int?

    /// What another call could still get; below zero after a call that cost more than it had reserved.
    package var leftNanoUSD: Int {
        rule.limitNanoUSD.saturatingSubtract(spentNanoUSD).saturatingSubtract(reservedNanoUSD)
    }

    package init(rule: BudgetRule, spentNanoUSD: Int, reservedNanoUSD: Int, resetsAt: Int?) {
        self.rule = rule
        self.spentNanoUSD = spentNanoUSD
        self.reservedNanoUSD = reservedNanoUSD
        self.resetsAt = resetsAt
    }
}

extension Int {
    /// The sum, or the nearest number where it does not fit.
    func saturatingAdd(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    /// The difference, or the nearest number where it does not fit.
    func saturatingSubtract(_ other: Int) -> Int {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }
}

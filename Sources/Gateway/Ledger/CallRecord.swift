package import Domain

/// One attempt at one call as it ended: the ledger's entry and the source of its span.
///
/// A cache hit is attempt 1 with cost 0; a request refused before dispatch has no record in the ledger.
package struct CallRecord: Sendable, Hashable {
    /// How sure the amount is.
    package enum Basis: String, Sendable, Hashable {
        /// The provider reported usage, or answered that it failed.
        case exact
        /// Our own count: the stream broke, or the provider reported nothing.
        case estimated
        /// The process ended after dispatch: the whole reservation is kept until it is reconciled.
        case unreconciled
        /// The price is not known; no amount.
        case unpriced
    }

    /// The call: 32 hexadecimal digits, which are its trace's id where the client sent none.
    package var call: String
    /// From 1.
    package var attempt: Int
    package var trace: String
    package var span: String
    package var parentSpan: String?
    package var attribution: Attribution
    package var operation: String
    /// The public name that was asked for.
    package var model: String
    /// The target's id within its model.
    package var target: String
    /// OpenTelemetry's name of the provider.
    package var provider: String
    /// The model asked of the upstream, and the one that answered by its own word.
    package var upstreamModel: String
    package var responseModel: String?
    /// Nanoseconds since 1970.
    package var start: Int
    /// Nanoseconds.
    package var duration: Int
    /// Nanoseconds to the first content event of a streamed answer.
    package var timeToFirstToken: Int?
    /// The HTTP status given to the client, or by the upstream for an attempt that was followed by another.
    package var status: Int
    /// `nil` where all went well, else a ``GatewayFailure/Kind``'s raw value.
    package var failure: String?
    package var finishReason: String?
    package var isStream: Bool
    package var isCacheHit: Bool
    package var usage: TokenUsage
    package var basis: Basis
    package var costNanoUSD: Int?
    /// What was reserved for it.
    package var reservedNanoUSD: Int
    /// The version of the prices it was priced with.
    package var priceVersion: String
    package var serviceTier: String?
    /// The provider's own usage object.
    package var rawUsage: String?

    package init(
        call: String, attempt: Int, trace: String, span: String, parentSpan: String? = nil, attribution: Attribution,
        operation: String, model: String, target: String, provider: String, upstreamModel: String,
        responseModel: String? = nil, start: Int, duration: Int = 0, timeToFirstToken: Int? = nil, status: Int = 0,
        failure: String? = nil, finishReason: String? = nil, isStream: Bool = false, isCacheHit: Bool = false,
        usage: TokenUsage = TokenUsage(), basis: Basis = .exact, costNanoUSD: Int? = nil, reservedNanoUSD: Int = 0,
        priceVersion: String = "", serviceTier: String? = nil, rawUsage: String? = nil
    ) {
        self.call = call
        self.attempt = attempt
        self.trace = trace
        self.span = span
        self.parentSpan = parentSpan
        self.attribution = attribution
        self.operation = operation
        self.model = model
        self.target = target
        self.provider = provider
        self.upstreamModel = upstreamModel
        self.responseModel = responseModel
        self.start = start
        self.duration = duration
        self.timeToFirstToken = timeToFirstToken
        self.status = status
        self.failure = failure
        self.finishReason = finishReason
        self.isStream = isStream
        self.isCacheHit = isCacheHit
        self.usage = usage
        self.basis = basis
        self.costNanoUSD = costNanoUSD
        self.reservedNanoUSD = reservedNanoUSD
        self.priceVersion = priceVersion
        self.serviceTier = serviceTier
        self.rawUsage = rawUsage
    }
}

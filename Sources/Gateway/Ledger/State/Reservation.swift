import Domain

/// What a reservation is for: all that is needed to bill it, but for what is known at dispatch.
struct ReservedCall: Sendable, Hashable {
    /// The reservation's number; grows, and is never given twice.
    var serial: Int
    var call: String
    var attempt: Int
    /// Nanoseconds since 1970, never before an earlier reservation's.
    var time: Int
    var attribution: Attribution
    var model: String
    /// `nil` for an unpriced call.
    var amountNanoUSD: Int?
    var inputTokens: Int
    var outputTokens: Int

    /// The entry of a call whose end we did not see: all of its reservation.
    func unreconciled(_ facts: DispatchFacts) -> CallRecord {
        CallRecord(
            call: call, attempt: attempt, trace: facts.trace, span: facts.span, parentSpan: facts.parentSpan,
            attribution: attribution, operation: facts.operation, model: model, target: facts.target,
            provider: facts.provider, upstreamModel: facts.upstreamModel, start: time,
            failure: GatewayFailure.Kind.internalError.rawValue, isStream: facts.isStream,
            usage: .init(input: inputTokens, output: outputTokens), basis: .unreconciled,
            costNanoUSD: amountNanoUSD, reservedNanoUSD: amountNanoUSD ?? 0, priceVersion: facts.priceVersion)
    }
}

/// An open reservation.
struct Reservation: Sendable {
    var reserved: ReservedCall
    /// The windows it counts in.
    let starts: WindowStarts
    var accounts: AccountSet
    /// Set when its first byte goes upstream.
    var facts: DispatchFacts?

    /// Money it holds.
    var held: Int { reserved.amountNanoUSD ?? 0 }
}

/// The accounts a call counts in: at most one of each kind of scope.
struct AccountSet: Sendable, Hashable {
    private var global: Int32 = -1
    private var key: Int32 = -1
    private var team: Int32 = -1
    private var service: Int32 = -1
    private var useCase: Int32 = -1

    /// The account of a kind, or `nil` where none is kept.
    subscript(kind: BudgetScope.Kind) -> Int? {
        get {
            let number =
                switch kind {
                case .global: global
                case .key: key
                case .team: team
                case .service: service
                case .useCase: useCase
                }
            return number < 0 ? nil : Int(number)
        }
        set {
            let number = Int32(newValue ?? -1)
            switch kind {
            case .global: global = number
            case .key: key = number
            case .team: team = number
            case .service: service = number
            case .useCase: useCase = number
            }
        }
    }
}

/// What identifies an attempt for the outside, as a number that is cheap to look up.
///
/// Of the few thousand attempts that are known at a time, two have the same number once in 10¹² years of full load.
struct AttemptKey: Sendable, Hashable {
    private let number: Int

    init(call: String, attempt: Int) {
        var hasher = Hasher()
        hasher.combine(call)
        hasher.combine(attempt)
        number = hasher.finalize()
    }
}

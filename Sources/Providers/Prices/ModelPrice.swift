import Domain

/// One price of one unit, possibly higher above some total input.
struct UnitPrice: Sendable, Equatable {
    /// 10⁻¹⁸ dollars per token (or 10⁻¹⁵ per request): whole numbers for every price in use.
    private let base: Int128
    private let tiers: [(start: Int, price: Int128)]

    init?(_ value: JSONValue) {
        if let number = value.double {
            guard let price = Self.units(number) else { return nil }
            base = price
            tiers = []
        } else {
            guard let number = value["base"]?.double, let price = Self.units(number) else { return nil }
            var tiers: [(start: Int, price: Int128)] = []
            for tier in value["tiers"]?.array ?? [] {
                guard let start = tier["start"]?.int, let price = tier["price"]?.double.flatMap(Self.units) else {
                    return nil
                }
                tiers.append((start, price))
            }
            base = price
            self.tiers = tiers.sorted { $0.start < $1.start }
        }
    }

    /// The price for all tokens of a call whose input is `totalInput`: crossing a tier's start raises all of them.
    func price(totalInput: Int) -> Int128 { tiers.last { totalInput > $0.start }?.price ?? base }

    /// Dollars per million tokens as 10⁻¹⁸ dollars per token.
    private static func units(_ price: Double) -> Int128? {
        guard price.isFinite, price >= 0, price < 1e6 else { return nil }
        return Int128((price * 1e12).rounded())
    }

    static func == (left: Self, right: Self) -> Bool {
        left.base == right.base && left.tiers.elementsEqual(right.tiers) { $0 == $1 }
    }
}

/// What a model costs under one condition.
///
/// Units overlap: cached input is part of input, reasoning part of output. Each token is charged once, at the price of
/// the most specific unit that has one. Audio, images, video and searches are priced in the data but not counted by us.
struct ModelPrice: Sendable {
    private var input: UnitPrice?
    private var output: UnitPrice?
    private var cacheRead: UnitPrice?
    private var cacheWrite: UnitPrice?
    private var reasoning: UnitPrice?
    private var request: UnitPrice?
    let isEmpty: Bool

    init(_ prices: JSONObject) {
        isEmpty = prices.isEmpty
        input = prices["input_mtok"].flatMap(UnitPrice.init)
        output = prices["output_mtok"].flatMap(UnitPrice.init)
        cacheRead = prices["cache_read_mtok"].flatMap(UnitPrice.init)
        cacheWrite = prices["cache_write_mtok"].flatMap(UnitPrice.init)
        reasoning = prices["output_reasoning_mtok"].flatMap(UnitPrice.init)
        request = prices["requests_kcount"].flatMap(UnitPrice.init)
    }

    /// The cost of one call, rounded half up to a nano-dollar once.
    ///
    /// Unknown if the counts contradict each other.
    func cost(of usage: TokenUsage) -> Cost {
        let plainInput =
            usage.input - (cacheRead == nil ? 0 : usage.cachedInput) - (cacheWrite == nil ? 0 : usage.cacheWrite)
        let plainOutput = usage.output - (reasoning == nil ? 0 : usage.reasoning)
        let counts = [plainInput, plainOutput, usage.cachedInput, usage.cacheWrite, usage.reasoning]
        guard counts.allSatisfy({ (0..<1_000_000_000_000).contains($0) }) else { return .unknown }
        var total: Int128 = 0
        let units = [
            (input, plainInput), (output, plainOutput), (cacheRead, usage.cachedInput), (cacheWrite, usage.cacheWrite),
            (reasoning, usage.reasoning),
        ]
        for (unit, count) in units {
            if let unit { total += unit.price(totalInput: usage.input) * Int128(count) }
        }
        if let request { total += request.price(totalInput: usage.input) * 1000 }
        let nano = (total + 500_000_000) / 1_000_000_000
        return Int(exactly: nano).map { .known(nanoUSD: $0) } ?? .unknown
    }
}

/// When a price holds.
enum PriceCondition: Sendable, Equatable {
    case always
    /// From midnight UTC of a day on, in days since 1970.
    case from(day: Int)
    /// Daily, in seconds after midnight UTC; may run over midnight.
    case daily(start: Int, end: Int)

    init?(_ value: JSONValue?) {
        guard let value, !value.isNull else {
            self = .always
            return
        }
        if let date = value["start_date"]?.string {
            let parts = date.split(separator: "-").compactMap { Int($0) }
            guard parts.count == 3 else { return nil }
            self = .from(day: RetryAfter.daysSinceEpoch(year: parts[0], month: parts[1], day: parts[2]))
        } else if let start = value["start_time"]?.string.flatMap(Self.seconds),
            let end = value["end_time"]?.string.flatMap(Self.seconds)
        {
            self = .daily(start: start, end: end)
        } else {
            return nil
        }
    }

    func holds(at seconds: Double) -> Bool {
        let whole = Int(seconds.rounded(.down))
        let day = whole >= 0 ? whole / 86400 : (whole - 86399) / 86400
        switch self {
        case .always: return true
        case .from(let first): return day >= first
        case .daily(let start, let end):
            let time = whole - day * 86400
            return end < start ? time >= start || time < end : time >= start && time < end
        }
    }

    /// Seconds after midnight UTC of `16:30:00Z` or `18:30:00+02:00`.
    private static func seconds(_ text: String) -> Int? {
        let parts = text.prefix(8).split(separator: ":").compactMap { Int($0) }
        guard parts.count == 3 else { return nil }
        var seconds = parts[0] * 3600 + parts[1] * 60 + parts[2]
        let zone = text.dropFirst(8)
        if let sign = zone.first, sign == "+" || sign == "-" {
            let offset = zone.dropFirst().split(separator: ":").compactMap { Int($0) }
            guard let hours = offset.first else { return nil }
            let shift = hours * 3600 + (offset.count > 1 ? offset[1] * 60 : 0)
            seconds += sign == "+" ? -shift : shift
        }
        return (seconds % 86400 + 86400) % 86400
    }
}

/// A model of the price data: which names mean it and what it costs when.
struct PricedModel: Sendable {
    let id: String
    let match: MatchClause?
    private let prices: [(condition: PriceCondition, price: ModelPrice)]

    init(_ value: JSONValue) {
        id = value["id"]?.string ?? ""
        match = MatchClause(value["match"])
        if let prices = value["prices"]?.object {
            self.prices = [(.always, ModelPrice(prices))]
        } else {
            prices = (value["prices"]?.array ?? []).compactMap { entry in
                guard let condition = PriceCondition(entry["constraint"]) else { return nil }
                return (condition, ModelPrice(entry["prices"]?.object ?? [:]))
            }
        }
    }

    /// The cost of a call: the last price whose condition holds counts, else the first.
    ///
    /// A model without prices has none, unless its name says that it is free.
    func cost(of usage: TokenUsage, at seconds: Double) -> Cost {
        guard let price = (prices.last { $0.condition.holds(at: seconds) } ?? prices.first)?.price else {
            return .unknown
        }
        if price.isEmpty { return id.hasSuffix(":free") ? .known(nanoUSD: 0) : .unknown }
        return price.cost(of: usage)
    }
}

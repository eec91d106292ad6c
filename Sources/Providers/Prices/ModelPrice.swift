import Domain

/// What a model costs under one condition.
struct ModelPrice: Sendable {
    private var prices: [(unit: PriceUnit, price: UnitPrice)] = []
    private var request: UnitPrice?
    private var search: UnitPrice?
    /// Whether images read from the cache have a price of their own; we do not count them.
    private let hasCachedImages: Bool
    /// Units whose price is in the data but wrong, or is missing although it is charged.
    private var unknown: [PriceUnit] = []
    let isEmpty: Bool

    init(_ prices: JSONObject) {
        isEmpty = prices.isEmpty
        hasCachedImages = prices["cache_image_read_mtok"] != nil
        for unit in PriceUnit.bySpecificity {
            if let price = prices[unit.rawValue].flatMap(UnitPrice.init) { self.prices.append((unit, price)) }
        }
        request = prices[PriceUnit.request.rawValue].flatMap(UnitPrice.init)
        search = prices[PriceUnit.search.rawValue].flatMap(UnitPrice.init)
    }

    /// The same prices but for units of which nobody knows what they cost.
    func withoutPrice(of units: [PriceUnit]) -> ModelPrice {
        var price = self
        price.unknown = units
        return price
    }

    /// The cost of one call, rounded half up to a nano-dollar once.
    ///
    /// Unknown if the counts contradict each other, or something was used whose price is not known. A tier's share
    /// counts for tokens; requests and searches cost the same in every tier.
    func cost(of usage: TokenUsage, share: PriceShare = .whole) -> Cost {
        let isKnown = PriceUnit.allCases.allSatisfy { unit in
            let count = unit.count(in: usage)
            return (0..<1_000_000_000_000).contains(count) && (count == 0 || !unknown.contains(unit))
        }
        guard isKnown, usage.searches == 0 || search != nil, isUnambiguous(usage), let tokens = tokens(usage) else {
            return .unknown
        }
        var extras: Int128 = 0
        if let request { extras += request.price(totalInput: usage.input) * 1000 }
        if let search { extras += search.price(totalInput: usage.input) * 1000 * Int128(usage.searches) }
        let total = tokens * Int128(share.numerator) + extras * Int128(share.denominator)
        let unit = 1_000_000_000 * Int128(share.denominator)
        return Int(exactly: (total + unit / 2) / unit).map { .known(nanoUSD: $0) } ?? .unknown
    }

    /// Cached audio lies in two units: if both have a price and it has none, neither is its own.
    ///
    /// Of cached images nobody says how many there were.
    private func isUnambiguous(_ usage: TokenUsage) -> Bool {
        if hasCachedImages, usage.cachedInput > 0, usage.imageInput > 0 { return false }
        guard usage.cachedAudio > 0 else { return true }
        let units = prices.map(\.unit)
        return units.contains(.cachedAudio) || !units.contains(.cacheRead) || !units.contains(.audioInput)
    }

    /// What the tokens cost in 10⁻¹⁸ dollars, or `nil` if parts are larger than the whole.
    private func tokens(_ usage: TokenUsage) -> Int128? {
        var total: Int128 = 0
        var own: [Int] = []
        own.reserveCapacity(prices.count)
        for (place, entry) in prices.enumerated() {
            var count = entry.unit.count(in: usage)
            for earlier in 0..<place where prices[earlier].unit.lies(within: entry.unit) { count -= own[earlier] }
            guard count >= 0 else { return nil }
            own.append(count)
            if count > 0 { total += entry.price.price(totalInput: usage.input) * Int128(count) }
        }
        return total
    }
}

/// The part of the standard price that is charged in a service tier.
struct PriceShare: Sendable, Equatable {
    var numerator: Int
    var denominator: Int

    static let whole = PriceShare(numerator: 1, denominator: 1)
}

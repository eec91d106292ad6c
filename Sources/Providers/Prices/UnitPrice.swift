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

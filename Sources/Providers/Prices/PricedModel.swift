import Domain

/// A model of the price data: which names mean it and what it costs when.
struct PricedModel: Sendable {
    let id: String
    let match: MatchClause?
    private var prices: [(condition: PriceCondition, price: ModelPrice)]

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
    func cost(of usage: TokenUsage, share: PriceShare = .whole, at seconds: Double) -> Cost {
        guard let price = (prices.last { $0.condition.holds(at: seconds) } ?? prices.first)?.price else {
            return .unknown
        }
        if price.isEmpty { return id.hasSuffix(":free") ? .known(nanoUSD: 0) : .unknown }
        return price.cost(of: usage, share: share)
    }

    /// The same model but for units of which nobody knows what they cost.
    func withoutPrice(of units: [PriceUnit]) -> PricedModel {
        var model = self
        model.prices = prices.map { ($0.condition, $0.price.withoutPrice(of: units)) }
        return model
    }
}

package import Domain

/// What is charged otherwise than the price data says: shares of the price by service tier, corrections, contracts.
///
/// Written as JSON or YAML with the members `tiers` and `models`:
/// - `tiers`: `provider`, `tier`, `percent` of the standard price of tokens, `source`, `checked`.
/// - `models`: `provider`, `match` (a rule on the model's name as in the price data, or a plain name) and either
///   `prices` (units as in the price data, in dollars per million or per thousand) or `unknown`, the units whose price
///   in the data is wrong and for which no better one is known; `source`, `checked`.
package struct PriceOverlay: Sendable {
    /// No row at all.
    package static let empty = PriceOverlay()

    struct Tier: Sendable {
        var provider: String
        var tier: String
        var share: PriceShare
    }

    struct Model: Sendable {
        var provider: String
        var match: MatchClause
        /// `nil` where only the units in `unknown` are different.
        var priced: PricedModel?
        var unknown: [PriceUnit]
    }

    let tiers: [Tier]
    let models: [Model]

    /// The rows as they were written, for the version of the prices.
    let text: [UInt8]

    private init() {
        tiers = []
        models = []
        text = []
    }

    /// Reads rows.
    ///
    /// Throws `InvalidPrices` with the row that is wrong.
    package init(_ value: JSONValue) throws {
        guard let object = value.object else { throw Self.wrong("the prices", "must be an object") }
        for (name, _) in object where name != "tiers" && name != "models" {
            throw Self.wrong("`\(name)`", "is not known: use `tiers` or `models`")
        }
        tiers = try Self.rows(object, "tiers").map(Self.tier)
        models = try Self.rows(object, "models").map(Self.model)
        text = value.bytes(sortedKeys: true)
    }

    /// Reads a file of rows, in YAML or JSON: the one that a workspace names under `prices`.
    package init(path: String, shownAs name: String? = nil) throws {
        self = try PriceOverlay(YAMLReader.read(path: path, shownAs: name).json)
    }

    private static func rows(_ object: JSONObject, _ name: String) throws -> [(place: String, row: JSONObject)] {
        guard let value = object[name] else { return [] }
        guard let rows = value.array else { throw wrong("`\(name)`", "must be a list") }
        return try rows.enumerated().map { index, row in
            guard let row = row.object else { throw wrong("`\(name)[\(index)]`", "must be an object") }
            return ("`\(name)[\(index)]`", row)
        }
    }

    private static func tier(_ place: String, _ row: JSONObject) throws -> Tier {
        guard let provider = row["provider"]?.string, let tier = row["tier"]?.string,
            let percent = row["percent"]?.int, (0...1000).contains(percent)
        else {
            throw wrong(place, "needs `provider`, `tier` and `percent`, a whole number from 0 to 1000")
        }
        return Tier(provider: provider, tier: tier, share: PriceShare(numerator: percent, denominator: 100))
    }

    private static func model(_ place: String, _ row: JSONObject) throws -> Model {
        guard let provider = row["provider"]?.string, let match = clause(row["match"]) else {
            throw wrong(place, "needs `provider` and `match`, a model's name or a rule like `starts_with`")
        }
        let units = try (row["unknown"]?.array ?? []).map { name in
            guard let unit = name.string.flatMap(PriceUnit.init) else {
                throw wrong(place, "has an unknown unit in `unknown`: use \(unitNames)")
            }
            return unit
        }
        guard let prices = row["prices"] else {
            guard !units.isEmpty else { throw wrong(place, "needs `prices` or `unknown`") }
            return Model(provider: provider, match: match, priced: nil, unknown: units)
        }
        try check(prices, place)
        let priced = PricedModel(["id": .string(provider), "prices": prices])
        return Model(provider: provider, match: match, priced: priced, unknown: units)
    }

    private static func clause(_ value: JSONValue?) -> MatchClause? {
        if let name = value?.string, !name.isEmpty { return .equals(name.lowercased()) }
        return MatchClause(value)
    }

    private static func check(_ prices: JSONValue, _ place: String) throws {
        guard let units = prices.object, !units.isEmpty else {
            throw wrong(place, "`prices` must be an object with at least one unit")
        }
        for (name, value) in units {
            guard PriceUnit(rawValue: name) != nil else {
                throw wrong(place, "has no unit `\(name)`: use \(unitNames)")
            }
            guard UnitPrice(value) != nil else {
                throw wrong(place, "the price of `\(name)` must be a number of dollars from 0, or `base` with `tiers`")
            }
        }
    }

    private static var unitNames: String { PriceUnit.allCases.map(\.rawValue).joined(separator: ", ") }

    private static func wrong(_ place: String, _ problem: String) -> PlainFailure {
        PlainFailure("InvalidPrices", "In the prices, \(place) \(problem).")
    }
}

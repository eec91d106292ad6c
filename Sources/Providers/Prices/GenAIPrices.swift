package import Domain
import Synchronization

/// Prices from the data of pydantic/genai-prices (version 2, MIT), read when the first call is priced.
///
/// Only the providers that are asked for are turned into rules. Names are looked up as the data's own package does:
/// provider by id, then by its rule; model by the provider's rules, then by those of the providers it resells, then
/// once more with a compact date (`-20251211`) written out. A row of a contract counts more than one of our overlay,
/// and that more than the data.
package final class GenAIPrices: PriceBook {
    private struct Key: Hashable {
        var provider: String
        var model: String
    }

    /// A model's price and what service tiers make of it.
    private struct Entry {
        var model: PricedModel
        var tiers: [PriceOverlay.Tier]
    }

    private struct State {
        var providers: [JSONValue]?
        var overlay: PriceOverlay?
        var version: String?
        var tables: [Int: ProviderPrices] = [:]
        var known: [Key: Entry?] = [:]
    }

    /// Looked-up names that are kept; names beyond that are looked up each time.
    private static let maximumKept = 4096
    /// Names under which providers report that the standard price holds.
    private static let standardTiers: Set<String> = ["", "default", "standard", "auto", "on_demand"]

    private let load: @Sendable () -> [UInt8]
    private let loadOverlay: @Sendable () -> [UInt8]
    private let contract: PriceOverlay
    private let state = Mutex(State())

    /// A price book over the bytes of the data file, which are asked for once, when the first call is priced.
    ///
    /// - Parameters:
    ///   - overlay: the bytes of our own rows, as ``PriceOverlay`` reads them.
    ///   - contract: prices of the user's own, which count before all others.
    package init(
        overlay: @escaping @Sendable () -> [UInt8] = { [] }, contract: PriceOverlay = .empty,
        _ load: @escaping @Sendable () -> [UInt8]
    ) {
        self.load = load
        loadOverlay = overlay
        self.contract = contract
    }

    /// The first digits of a digest over the data, the overlay and the contract.
    package var version: String {
        state.withLock { state in
            if let version = state.version { return version }
            var digest = DigestStream()
            for part in [load(), loadOverlay(), contract.text] {
                digest.update(Array("\(part.count):".utf8))
                digest.update(part)
            }
            let version = digest.finish().short
            state.version = version
            return version
        }
    }

    package func cost(
        of usage: TokenUsage, provider: String, model: String, serviceTier: String?, at seconds: Double
    ) -> Cost {
        let key = Key(provider: provider, model: model)
        let entry: Entry? = state.withLock { state in
            if let kept = state.known[key] { return kept }
            let found = find(provider: provider.lowercased(), model: model.lowercased(), in: &state)
            if state.known.count < Self.maximumKept { state.known[key] = .some(found) }
            return found
        }
        guard let entry else { return .unknown }
        guard let tier = serviceTier, !Self.standardTiers.contains(tier) else {
            return entry.model.cost(of: usage, at: seconds)
        }
        guard let share = entry.tiers.first(where: { $0.tier == tier })?.share else { return .unknown }
        return entry.model.cost(of: usage, share: share, at: seconds)
    }

    private func find(provider: String, model: String, in state: inout State) -> Entry? {
        guard !model.isEmpty else { return nil }
        let overlay = overlay(&state)
        let name = Self.dataName(of: provider)
        let place = Self.place(of: name, among: providers(&state))
        let id = place.flatMap { state.providers?[$0]["id"]?.string } ?? name
        let tiers = (contract.tiers + overlay.tiers).filter { $0.provider == id }
        let rows = (contract.models + overlay.models).filter { row in
            row.provider == id && [model, CompactDate.writtenOut(model)].contains { row.match.matches($0) }
        }
        guard let priced = rows.lazy.compactMap(\.priced).first ?? place.flatMap({ data(model, $0, &state) }) else {
            return nil
        }
        // A row with a price of its own also says what it does not know; one without is about the data.
        let unknown = (rows.first { $0.priced != nil } ?? rows.first)?.unknown ?? []
        return Entry(model: unknown.isEmpty ? priced : priced.withoutPrice(of: unknown), tiers: tiers)
    }

    /// The model in the data of the provider at `place`.
    private func data(_ model: String, _ place: Int, _ state: inout State) -> PricedModel? {
        let providers = providers(&state)
        for name in [model, CompactDate.writtenOut(model)] {
            let table = Self.table(place, providers, &state)
            if let found = table.model(named: name) { return found }
            for other in table.fallbacks {
                guard let place = providers.firstIndex(where: { $0["id"]?.string == other }) else { continue }
                if let found = Self.table(place, providers, &state).model(named: name) { return found }
            }
        }
        return nil
    }

    private func providers(_ state: inout State) -> [JSONValue] {
        if let kept = state.providers { return kept }
        let providers = (try? JSONValue(parsing: load()))?.array ?? []
        state.providers = providers
        return providers
    }

    private func overlay(_ state: inout State) -> PriceOverlay {
        if let kept = state.overlay { return kept }
        // Ours, and read by a test: it is right, or not there.
        let overlay = (try? PriceOverlay(JSONValue(parsing: loadOverlay()))) ?? .empty
        state.overlay = overlay
        return overlay
    }

    private static func table(_ place: Int, _ providers: [JSONValue], _ state: inout State) -> ProviderPrices {
        if let table = state.tables[place] { return table }
        let table = ProviderPrices(providers[place])
        state.tables[place] = table
        return table
    }

    private static func place(of name: String, among providers: [JSONValue]) -> Int? {
        providers.firstIndex { $0["id"]?.string == name }
            ?? providers.firstIndex { MatchClause($0["provider_match"])?.matches(name) ?? false }
    }

    /// The data's word for a provider's name by OpenTelemetry's convention, where they differ.
    private static func dataName(of provider: String) -> String {
        switch provider {
        case "azure.ai.openai", "azure.ai.inference": "azure"
        case "aws.bedrock": "aws"
        case "gcp.gemini", "gcp.vertex_ai", "gcp.gen_ai": "google"
        case "x_ai": "x-ai"
        case "mistral_ai": "mistral"
        default: provider
        }
    }
}

/// One provider's models.
private struct ProviderPrices: Sendable {
    let fallbacks: [String]
    private let models: [PricedModel]

    init(_ value: JSONValue) {
        fallbacks = (value["fallback_model_providers"]?.array ?? []).compactMap(\.string)
        models = (value["models"]?.array ?? []).map(PricedModel.init)
    }

    func model(named name: String) -> PricedModel? { models.first { $0.match?.matches(name) ?? false } }
}

package import Domain
import Synchronization

/// Prices from the data of pydantic/genai-prices (version 2, MIT), read when the first call is priced.
///
/// Only the providers that are asked for are turned into rules. Names are looked up as the data's own package does:
/// provider by id, then by its rule; model by the provider's rules, then by those of the providers it resells, then
/// once more with a compact date (`-20251211`) written out.
package final class GenAIPrices: PriceBook {
    private struct Key: Hashable {
        var provider: String
        var model: String
    }

    private struct State {
        var providers: [JSONValue]?
        var tables: [Int: ProviderPrices] = [:]
        var known: [Key: PricedModel?] = [:]
    }

    /// Looked-up names that are kept; names beyond that are looked up each time.
    private static let maximumKept = 4096

    private let load: @Sendable () -> [UInt8]
    private let state = Mutex(State())

    /// A price book over the bytes of the data file, which are asked for once, when the first call is priced.
    package init(_ load: @escaping @Sendable () -> [UInt8]) { self.load = load }

    package func cost(of usage: TokenUsage, provider: String, model: String, at seconds: Double) -> Cost {
        let key = Key(provider: provider, model: model)
        let priced: PricedModel? = state.withLock { state in
            if let kept = state.known[key] { return kept }
            let found = find(provider: provider.lowercased(), model: model.lowercased(), in: &state)
            if state.known.count < Self.maximumKept { state.known[key] = .some(found) }
            return found
        }
        return priced?.cost(of: usage, at: seconds) ?? .unknown
    }

    private func find(provider: String, model: String, in state: inout State) -> PricedModel? {
        let providers: [JSONValue]
        if let kept = state.providers {
            providers = kept
        } else {
            providers = (try? JSONValue(parsing: load()))?.array ?? []
            state.providers = providers
        }
        guard !model.isEmpty, let place = Self.place(of: Self.dataName(of: provider), among: providers) else {
            return nil
        }
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

/// Compact dates in model names: `gpt-5.2-20251211` means `gpt-5.2-2025-12-11`.
enum CompactDate {
    static func writtenOut(_ name: String) -> String {
        var bytes = Array(name.utf8)
        var place = 0
        while place + 9 <= bytes.count {
            defer { place += 1 }
            guard bytes[place] == UInt8(ascii: "-") else { continue }
            let digits = bytes[(place + 1)..<(place + 9)].map { Int($0) - 48 }
            guard digits.allSatisfy({ (0...9).contains($0) }) else { continue }
            if place + 9 < bytes.count, bytes[place + 9] != UInt8(ascii: "-"), bytes[place + 9] != UInt8(ascii: ":") {
                continue
            }
            let year = digits[0...3].reduce(0) { $0 * 10 + $1 }
            let (month, day) = (digits[4] * 10 + digits[5], digits[6] * 10 + digits[7])
            guard year / 100 == 20, (1...12).contains(month), (1...days(of: month, year)).contains(day) else {
                continue
            }
            bytes.insert(UInt8(ascii: "-"), at: place + 7)
            bytes.insert(UInt8(ascii: "-"), at: place + 5)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func days(of month: Int, _ year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }
}

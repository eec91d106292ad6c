import Domain
import Foundation
import Testing

@testable import Providers

@Suite("Corrections, tiers and contracts over the price data")
struct PriceOverlayTests {
    private static let overlay = Array(
        FileManager.default.contents(atPath: Repository.root + "/Sources/CAssets/prices/overlay.json") ?? Data())
    private static let prices = GenAIPrices(overlay: { overlay }) { Repository.priceData }
    private static let now = 1_795_348_800.0

    private func contract(_ text: String) throws -> GenAIPrices {
        GenAIPrices(overlay: { Self.overlay }, contract: try PriceOverlay(JSONValue(parsing: text))) {
            Repository.priceData
        }
    }

    private func cost(_ prices: GenAIPrices, _ model: String, _ usage: TokenUsage, tier: String? = nil) -> Int? {
        prices.cost(of: usage, provider: "openai", model: model, serviceTier: tier, at: Self.now).nanoUSD
    }

    @Test("Our own rows can be read, and each says where it is from and when that was checked")
    func ownRows() throws {
        let value = try JSONValue(parsing: Self.overlay)
        let overlay = try PriceOverlay(value)
        #expect(overlay.tiers.count == 3)
        #expect(overlay.models.count == 4)
        for row in (value["tiers"]?.array ?? []) + (value["models"]?.array ?? []) {
            #expect(row["source"]?.string?.hasPrefix("https://") == true)
            #expect(row["checked"]?.string?.count == 10)
        }
    }

    @Test("Every payload costs exactly what was worked out by hand")
    func payloads() throws {
        let folder = Repository.root + "/Tests/GatewayTests/Data/usage/"
        var count = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let text = try String(contentsOfFile: folder + name, encoding: .utf8)
            for (line, text) in text.split(separator: "\n").enumerated() {
                let row = try JSONValue(parsing: String(text))
                func tokens(_ name: String) -> Int { row["tokens"]?[name]?.int ?? 0 }
                let usage = TokenUsage(
                    input: tokens("input"), output: tokens("output"), cachedInput: tokens("cachedInput"),
                    cacheWrite: tokens("cacheWrite"), reasoning: tokens("reasoning"),
                    cacheWriteLong: tokens("cacheWriteLong"), audioInput: tokens("audioInput"),
                    cachedAudio: tokens("cachedAudio"), imageInput: tokens("imageInput"),
                    audioOutput: tokens("audioOutput"), searches: tokens("searches"))
                let cost = Self.prices.cost(
                    of: usage, provider: try #require(row["provider"]?.string),
                    model: try #require(row["model"]?.string), serviceTier: row["tier"]?.string,
                    at: try #require(row["at"]?.double))
                let arithmetic = row["arithmetic"]?.string ?? ""
                #expect(cost.nanoUSD == row["nano"]?.int, "\(name):\(line + 1): \(arithmetic)")
                count += 1
            }
        }
        #expect(count > 130)
    }

    @Test("A tier's share is taken before the amount is rounded, and searches cost the same in each")
    func shares() {
        let price = ModelPrice(["input_mtok": 0.001, "web_searches_kcount": 10])
        let half = PriceShare(numerator: 50, denominator: 100)
        #expect(price.cost(of: TokenUsage(input: 1), share: half) == .known(nanoUSD: 1))
        #expect(price.cost(of: TokenUsage(input: 3), share: half) == .known(nanoUSD: 2))
        #expect(price.cost(of: TokenUsage(input: 2, searches: 1), share: half) == .known(nanoUSD: 10_000_001))
    }

    @Test("Parts that are larger than the whole, negative counts and unpriced searches are unknown")
    func contradictions() {
        let price = ModelPrice([
            "input_mtok": 1, "cache_read_mtok": 1, "input_audio_mtok": 1, "output_mtok": 1, "output_audio_mtok": 1,
        ])
        #expect(price.cost(of: TokenUsage(input: 10, cachedInput: 6, audioInput: 6)) == .unknown)
        #expect(price.cost(of: TokenUsage(output: 1, audioOutput: 2)) == .unknown)
        #expect(price.cost(of: TokenUsage(input: -1)) == .unknown)
        #expect(price.cost(of: TokenUsage(input: 1, searches: 1)) == .unknown)
        #expect(price.cost(of: TokenUsage(input: 9, cachedInput: 3, audioInput: 3, cachedAudio: 3)) == .unknown)
    }

    @Test("A contract's price counts before ours and the data's, and its tiers as well")
    func contracts() throws {
        let prices = try contract(
            """
            {"tiers": [{"provider": "openai", "tier": "priority", "percent": 175}],
             "models": [{"provider": "openai", "match": "gpt-4o", "prices": {"input_mtok": 2, "output_mtok": 9}},
                        {"provider": "openai", "match": {"starts_with": "gpt-4.1"}, "prices": {"input_mtok": 1}},
                        {"provider": "llama.cpp", "match": {"contains": "SmolLM2"}, "prices": {"input_mtok": 0.01}}]}
            """)
        #expect(cost(prices, "gpt-4o", TokenUsage(input: 1000, output: 10)) == 2_090_000)
        #expect(cost(prices, "gpt-4o", TokenUsage(input: 1000, output: 10), tier: "priority") == 3_657_500)
        #expect(cost(prices, "gpt-4.1-mini", TokenUsage(input: 1000)) == 1_000_000)
        #expect(cost(prices, "gpt-5", TokenUsage(input: 1000)) == 1_250_000)
        let local = prices.cost(
            of: TokenUsage(input: 300), provider: "llama.cpp", model: "SmolLM2-135M-Instruct", at: Self.now)
        #expect(local == .known(nanoUSD: 3000))
    }

    @Test("A contract can be written in YAML, in a file")
    func file() throws {
        let path = NSTemporaryDirectory() + "prices-\(UInt64.random(in: .min ... .max)).yaml"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let text =
            "models:\n  - provider: openai\n    match: {equals: gpt-5}\n    prices: {input_mtok: 1, output_mtok: 8.5}\n"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let prices = GenAIPrices(contract: try PriceOverlay(path: path)) { Repository.priceData }
        #expect(cost(prices, "gpt-5", TokenUsage(input: 10, output: 2)) == 27_000)
        #expect(throws: (any Error).self) { try PriceOverlay(path: path + ".none") }
    }

    @Test("The version changes with the data, the overlay and the contract, and with nothing else")
    func version() throws {
        let base = GenAIPrices { [1, 2] }
        #expect(base.version.count == 12)
        #expect(base.version == GenAIPrices { [1, 2] }.version)
        #expect(base.version != GenAIPrices { [1] }.version)
        #expect(base.version != GenAIPrices(overlay: { [2] }) { [1] }.version)
        #expect(try contract(#"{"tiers": []}"#).version != Self.prices.version)
    }

    @Test(
        "A wrong row is refused with its place",
        arguments: [
            ("[]", "the prices must be an object"), (#"{"rows": []}"#, "`rows` is not known"),
            (#"{"tiers": {}}"#, "`tiers` must be a list"), (#"{"tiers": [1]}"#, "`tiers[0]` must be an object"),
            (#"{"tiers": [{"provider": "a", "tier": "b", "percent": -5}]}"#, "`tiers[0]` needs"),
            (#"{"models": [{"provider": "a"}]}"#, "`models[0]` needs `provider` and `match`"),
            (#"{"models": [{"provider": "a", "match": "m"}]}"#, "`models[0]` needs `prices` or `unknown`"),
            (#"{"models": [{"provider": "a", "match": "m", "prices": {}}]}"#, "at least one unit"),
            (#"{"models": [{"provider": "a", "match": "m", "prices": {"input": 1}}]}"#, "has no unit `input`"),
            (#"{"models": [{"provider": "a", "match": "m", "prices": {"input_mtok": -1}}]}"#, "a number of dollars"),
            (#"{"models": [{"provider": "a", "match": "m", "prices": {"input_mtok": "1"}}]}"#, "a number of dollars"),
            (#"{"models": [{"provider": "a", "match": "m", "unknown": ["x"]}]}"#, "unknown unit"),
        ])
    func wrongRows(text: String, part: String) throws {
        do {
            _ = try PriceOverlay(JSONValue(parsing: text))
            Issue.record("it was accepted")
        } catch let failure as PlainFailure {
            #expect(failure.code == "InvalidPrices")
            #expect(failure.message.contains(part), "\(failure.message)")
        }
    }
}

import Domain
import Foundation
import Testing

@testable import Providers

@Suite("Prices")
struct GenAIPricesTests {
    private static let prices = GenAIPrices { Repository.priceData }
    /// 2026-11-22.
    private static let now = 1_795_348_800.0

    private func cost(_ provider: String, _ model: String, _ usage: TokenUsage, at time: Double = now) -> Int? {
        Self.prices.cost(of: usage, provider: provider, model: model, at: time).nanoUSD
    }

    @Test("Input, output and cached input each have their price")
    func plain() {
        // gpt-4o-mini: 0.15, 0.6, cached 0.075 dollars per million tokens.
        #expect(cost("openai", "gpt-4o-mini", TokenUsage(input: 1000, output: 100)) == 210_000)
        #expect(cost("openai", "gpt-4o-mini", TokenUsage(input: 1000, output: 100, cachedInput: 400)) == 180_000)
        #expect(cost("azure.ai.openai", "gpt-4o-mini", TokenUsage(input: 1000, output: 100)) == 210_000)
    }

    @Test("What is unknown is unknown, never zero: provider, model, contradicting counts, a model without prices")
    func unknown() {
        #expect(cost("other", "gpt-4o-mini", TokenUsage(input: 1)) == nil)
        #expect(cost("openai", "no-such-model", TokenUsage(input: 1)) == nil)
        #expect(cost("openai", "", TokenUsage(input: 1)) == nil)
        #expect(cost("openai", "gpt-4o-mini", TokenUsage(input: 1, cachedInput: 2)) == nil)
        #expect(cost("cerebras", "qwen-3-coder-480b", TokenUsage(input: 1)) == nil)
    }

    @Test("A tier raises all tokens once the total input passes its start")
    func tiers() {
        // claude-opus-4-6 before 2026-03-13: 5 up to 200,000 tokens of input, 10 above; output 25 and 37.5.
        let before = 1_770_000_000.0
        #expect(
            cost("anthropic", "claude-opus-4-6", TokenUsage(input: 200_000, output: 10), at: before) == 1_000_250_000)
        #expect(
            cost("anthropic", "claude-opus-4-6", TokenUsage(input: 200_001, output: 10), at: before) == 2_000_385_000)
        #expect(cost("anthropic", "claude-opus-4-6", TokenUsage(input: 200_001, output: 10)) == 1_000_255_000)
    }

    @Test("A compact date in a model's name is understood")
    func compactDates() {
        #expect(CompactDate.writtenOut("gpt-5.2-20251211") == "gpt-5.2-2025-12-11")
        #expect(CompactDate.writtenOut("m-20251231:free") == "m-2025-12-31:free")
        #expect(CompactDate.writtenOut("m-20250230") == "m-20250230")
        #expect(CompactDate.writtenOut("m-202512310") == "m-202512310")
    }

    @Test("Nano-dollars are rounded half up once per call")
    func rounding() throws {
        let price = ModelPrice(["input_mtok": 0.0005, "output_mtok": 0.0005])
        #expect(price.cost(of: TokenUsage(input: 1)) == .known(nanoUSD: 1))
        #expect(price.cost(of: TokenUsage(input: 1, output: 1)) == .known(nanoUSD: 1))
        #expect(price.cost(of: TokenUsage(input: 2, output: 1)) == .known(nanoUSD: 2))
        #expect(ModelPrice(["requests_kcount": 5]).cost(of: TokenUsage()) == .known(nanoUSD: 5_000_000))
    }

    @Test("The file is read only when the first call is priced")
    func lazy() {
        let prices = GenAIPrices {
            Issue.record("the file was read")
            return []
        }
        withExtendedLifetime(prices) {}
    }

    @Test("Every model × usage × time costs what the package genai-prices says, to the nano-dollar")
    func parity() throws {
        let script = """
            import datetime, json, sys
            from decimal import Decimal, ROUND_HALF_UP
            from genai_prices import Usage, types
            from genai_prices.data_snapshot import DataSnapshot
            providers = types._providers_from_raw(json.load(open(sys.argv[1]), parse_float=Decimal))
            snapshot = DataSnapshot(providers=providers, from_auto_update=False)
            usages = json.loads(sys.argv[2])
            for provider in providers:
                for model in provider.models:
                    for u, usage in enumerate(usages):
                        for time in json.loads(sys.argv[3]):
                            stamp = datetime.datetime.fromtimestamp(time, datetime.timezone.utc)
                            try:
                                found, entry = snapshot.find_provider_model(model.id, None, provider.id, None)
                                price = entry.calc_price(Usage(**usage), found, genai_request_timestamp=stamp).total_price
                                nano = int((price * 10**9).quantize(Decimal(1), rounding=ROUND_HALF_UP))
                                if not entry.get_prices(stamp)._comparable_values(): nano = "free" if entry.id.endswith(":free") else "none"
                            except (LookupError, ValueError):
                                nano = "none"
                            print(provider.id, model.id, u, int(time), nano, sep="\\t")
            """
        let usages = [
            TokenUsage(input: 1, output: 1), TokenUsage(input: 1234, output: 567, cachedInput: 234),
            TokenUsage(input: 300_001, output: 70_003, cachedInput: 100_000, cacheWrite: 50_000, reasoning: 60_001),
            TokenUsage(input: 128_000, output: 0), TokenUsage(input: 200_000, output: 99, cacheWrite: 777),
            TokenUsage(input: 5, cachedInput: 6),
            TokenUsage(input: 1000, output: 500, audioInput: 300, audioOutput: 200),
            TokenUsage(input: 9000, output: 5, cachedInput: 100, cacheWrite: 800, cacheWriteLong: 500, imageInput: 70),
        ]
        let times: [Int] = [
            1_735_689_600, 1_772_000_000, 1_785_369_599, 1_785_369_600, 1_795_348_800,
            1_800_000_000,
        ]
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try Repository.python())
        let described = JSONValue.array(
            usages.map { usage in
                [
                    "input_tokens": .int(usage.input), "output_tokens": .int(usage.output),
                    "cache_read_tokens": .int(usage.cachedInput),
                    "cache_write_tokens": .int(usage.cacheWrite), "output_reasoning_tokens": .int(usage.reasoning),
                    "cache_write_1h_tokens": .int(usage.cacheWriteLong), "input_audio_tokens": .int(usage.audioInput),
                    "output_audio_tokens": .int(usage.audioOutput), "input_image_tokens": .int(usage.imageInput),
                ]
            })
        process.arguments = [
            "-c", script, Repository.root + "/Sources/CAssets/prices/genai-prices-v2.json", described.text(),
            JSONValue.array(times.map { .int($0) }).text(),
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        var compared = 0
        var differing: [String] = []
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            let (usage, time) = (try #require(Int(fields[2])), try #require(Double(fields[3])))
            let ours = cost(fields[0], fields[1], usages[usage], at: time)
            let theirs = fields[4] == "free" ? 0 : Int(fields[4])
            compared += 1
            if ours == nil, theirs == nil { continue }
            if let ours, let theirs, abs(ours - theirs) <= 1 { continue }
            differing.append("\(line) ours \(ours.map(String.init) ?? "none")")
        }
        #expect(compared == 1466 * usages.count * times.count)
        #expect(differing.isEmpty, "\(differing.count) differ: \(differing.prefix(5))")
    }
}

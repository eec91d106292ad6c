import Domain
import Testing

@testable import Gateway

@Suite("The most a call can cost")
struct WorstCaseTests {
    /// Prices by model: nano-dollars for an input and an output token; cache writes cost double, `flex` half.
    private struct Prices: PriceBook {
        let version = "test"
        var models: [String: (input: Int, output: Int)]

        func cost(
            of usage: TokenUsage, provider: String, model: String, serviceTier: String?, at seconds: Double
        ) -> Cost {
            guard let price = models["\(provider)/\(model)"], serviceTier != "priority" else { return .unknown }
            let amount = (usage.input + usage.cacheWrite) * price.input + usage.output * price.output
            return .known(nanoUSD: serviceTier == "flex" ? amount / 2 : amount)
        }
    }

    private let prices = Prices(models: ["a/cheap": (1, 10), "b/dear": (5, 50)])

    private func target(_ provider: String, _ model: String, limit: Int? = nil, pricedAs: String? = nil) -> Target {
        var declaration = TargetDeclaration(id: model, connections: [provider], model: model)
        declaration.maximumOutputTokens = limit
        declaration.pricedAs = pricedAs
        return Target(declaration: declaration, dialect: .openAI, provider: provider, accesses: [])
    }

    private func amount(
        _ targets: [Target], input: Int = 100, output: Int? = 10, choices: Int = 1, tier: String? = nil
    ) -> Int? {
        WorstCase.amount(
            inputTokens: input, outputTokens: output, choices: choices, targets: targets, prices: prices,
            serviceTier: tier, at: 0)
    }

    @Test("The dearest target counts, with all input written to the cache and every answer at its limit")
    func dearest() {
        #expect(amount([target("a", "cheap")]) == 200 + 100)
        #expect(amount([target("a", "cheap"), target("b", "dear")]) == 1000 + 500)
        #expect(amount([target("a", "cheap")], choices: 3) == 200 + 300)
        #expect(amount([target("a", "cheap")], output: 0) == 200)
        #expect(amount([]) == 0)
    }

    @Test("The client's limit is lowered to the target's, and without any the highest there is counts")
    func limits() {
        #expect(amount([target("a", "cheap", limit: 4)]) == 200 + 40)
        #expect(amount([target("a", "cheap", limit: 4)], output: nil) == 200 + 40)
        #expect(amount([target("a", "cheap")], output: nil) == 200 + 1_310_720)
        #expect(amount([target("a", "cheap")], output: 200_000) == 200 + 2_000_000)
        #expect(amount([target("a", "cheap", limit: 50)], output: .max) == 200 + 500)
        #expect(amount([target("a", "cheap")], output: .max, choices: 9) == nil)
    }

    @Test("If the price of any target is unknown, so is the amount")
    func unknown() {
        #expect(amount([target("a", "cheap"), target("a", "new")]) == nil)
        #expect(amount([target("a", "new", pricedAs: "cheap")]) == 300)
        #expect(amount([target("a", "cheap")], tier: "priority") == nil)
    }

    @Test("A request brings its own limit, choices and extras")
    func request() throws {
        let body = #"{"model":"m","n":2,"max_tokens":7,"messages":[]}"#
        let scan = try RequestScan(.chat, Array(body.utf8))
        let input = scan.estimatedInputTokens
        let amount = WorstCase.amount(of: scan, targets: [target("a", "cheap")], prices: prices, at: 0)
        #expect(amount == 2 * input + 2 * 7 * 10)
        let text = #"{"model":"m","max_tokens":9,"messages":[],"tools":[{"type":"web_search_20250305","max_uses":3}]}"#
        #expect(try RequestScan(.messages, Array(text.utf8)).maximumSearches == 3)
        let embeddings = try RequestScan(.embeddings, Array(#"{"model":"m","input":"x"}"#.utf8))
        #expect(
            WorstCase.amount(of: embeddings, targets: [target("a", "cheap")], prices: prices, at: 0)
                == 2 * embeddings.estimatedInputTokens)
    }

    @Test("A cheaper tier that is asked for does not lower the amount: another may be used")
    func tiers() {
        #expect(amount([target("a", "cheap")], tier: "flex") == 300)
    }
}

import Domain
import Testing

@testable import Providers

@Suite("Budgets of calls and money")
struct BudgetTests {
    @Test("Calls are counted when they are admitted and refused at the limit")
    func calls() {
        var budget = CallBudget(limits: BudgetLimits(calls: 2))
        holds(budget.reserve(0) == .admitted)
        holds(budget.reserve(0) == .admitted)
        budget.settle(0, actual: 5)
        holds(budget.reserve(0) == .callsUsedUp)
    }

    @Test("Money set aside cannot be set aside twice; what settles cheaper frees the rest")
    func money() {
        var budget = CallBudget(limits: BudgetLimits(nanoUSD: 100))
        holds(budget.reserve(60) == .admitted)
        holds(budget.reserve(60) == .wait)
        holds(budget.reserve(101) == .moneyUsedUp)
        budget.settle(60, actual: 10)
        holds(budget.reserve(60) == .admitted)
        budget.settle(60, actual: 60)
        holds(budget.reserve(31) == .moneyUsedUp)
        #expect(budget.spent == 70 && budget.reserved == 0)
    }

    @Test("Whatever the order of events, spent and set aside never pass the limit while calls keep to their worst case")
    func invariant() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var budget = CallBudget(limits: BudgetLimits(calls: 40, nanoUSD: 1000))
            var open: [Int] = []
            for _ in 0..<200 {
                if Bool.random(using: &generator) || open.isEmpty {
                    let amount = Int.random(in: 0...200, using: &generator)
                    if budget.reserve(amount) == .admitted { open.append(amount) }
                } else {
                    let amount = open.remove(at: Int.random(in: 0..<open.count, using: &generator))
                    budget.settle(amount, actual: Int.random(in: 0...amount, using: &generator))
                }
                #expect(budget.spent + budget.reserved <= 1000)
                holds(budget.reserved == open.reduce(0, +))
            }
            #expect(budget.calls <= 40)
        }
    }

    @Test("Of a thousand callers on a budget of one call exactly one is sent")
    func burst() async {
        let fake = FakeClient { (_, _, _) async throws(ProviderFailure) in .text("ok") }
        let client = BudgetedClient(fake, limits: BudgetLimits(calls: 1), prices: SimplePrices())
        let passed = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<1000 { group.addTask { (try? await client.send(.chat("http://x"))) != nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(passed == 1)
        #expect(fake.calls == 1)
    }

    @Test("A burst on a limit of money spends up to it, never beyond, and those that fit after settling are sent")
    func moneyBurst() async {
        let request = ModelRequest.chat("http://x", body: ["model": "m", "max_tokens": 10, "messages": []])
        let worst = WorstCase.usage(of: request).input + 100
        let fake = FakeClient { (_, _, _) async throws(ProviderFailure) in
            await Task.yield()
            return .text("ok", cost: 50)
        }
        let limit = worst + 950
        let client = BudgetedClient(fake, limits: BudgetLimits(nanoUSD: limit), prices: SimplePrices())
        let passed = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<200 { group.addTask { (try? await client.send(request)) != nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(client.budget.spent == passed * 50)
        #expect(client.budget.spent <= limit)
        // Twenty calls of 50 fit into what is left beside one worst case.
        #expect(passed == 20)
    }

    @Test("An unknown price with a limit on money is refused before sending; without one it passes")
    func unknownPrice() async {
        let fake = FakeClient { (_, _, _) async throws(ProviderFailure) in .text("ok") }
        let request = ModelRequest.chat("http://x", body: ["model": "unpriced", "messages": []])
        let limited = BudgetedClient(fake, limits: BudgetLimits(nanoUSD: 1_000_000_000), prices: SimplePrices())
        let found = await failure(of: { _ = try await limited.send(request) })
        #expect(found?.kind == .budgetExhausted)
        #expect(found?.message.contains("priced_as") == true)
        #expect(fake.calls == 0)
        let free = BudgetedClient(fake, limits: BudgetLimits(calls: 5), prices: SimplePrices())
        #expect(await failure(of: { _ = try await free.send(request) }) == nil)
    }

    @Test("An attempt that was refused costs nothing; one that broke off counts at its worst")
    func failures() async {
        let fake = FakeClient { (_, number, _) async throws(ProviderFailure) in
            throw ProviderFailure(number == 1 ? .rateLimited : .interrupted, "")
        }
        let client = BudgetedClient(fake, limits: BudgetLimits(nanoUSD: 1_000_000), prices: SimplePrices())
        let request = ModelRequest.chat("http://x", body: ["model": "m", "max_tokens": 10, "messages": []])
        _ = try? await client.send(request)
        #expect(client.budget.spent == 0)
        _ = try? await client.send(request)
        #expect(client.budget.spent == WorstCase.usage(of: request).input + 100)
        #expect(client.budget.calls == 2)
    }

    @Test("The worst case counts limit, choices, images, and the connection's own limits")
    func worstCase() {
        func output(_ body: JSONObject, type: ConnectionType = .openAI, settings: [String: String] = [:]) -> Int {
            WorstCase.usage(of: .chat("http://x", type: type, body: body, settings: settings)).output
        }
        #expect(output(["max_tokens": 7, "n": 3]) == 21)
        #expect(output(["max_completion_tokens": 9]) == 9)
        #expect(output([:]) == 131_072)
        #expect(output([:], settings: ["max_output_tokens": "100"]) == 100)
        #expect(output([:], type: .anthropic) == 4096)
        let image: JSONObject = [
            "messages": [["role": "user", "content": [["type": "image_url", "image_url": ["url": "https://x"]]]]]
        ]
        #expect(WorstCase.usage(of: .chat("http://x", body: image)).input > 4096)
        #expect(WorstCase.usage(of: .chat("http://x", operation: .embedding)).output == 0)
    }
}

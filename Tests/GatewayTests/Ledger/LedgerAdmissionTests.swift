import Domain
import Testing

@testable import Gateway

@Suite("Admission to the ledger")
struct LedgerAdmissionTests {
    private let fixture = LedgerFixture()

    @Test("An amount is held from admission to settlement, and its cost is spent afterwards")
    func holdsAndCommits() throws {
        let ledger = try fixture.open(rules: [.team(.month, 1000)])
        let id = try #require(ledger.admit(fixture.request("a", amount: 600)).id)
        var status = try #require(ledger.status("team payments", at: fixture.clock.now))
        #expect((status.spentNanoUSD, status.reservedNanoUSD, status.leftNanoUSD) == (0, 600, 400))
        #expect(ledger.admit(fixture.request("b", amount: 401)).failure?.kind == .budgetExceeded)
        #expect(ledger.admit(fixture.request("c", amount: 400)).id != nil)
        try ledger.dispatch(id, LedgerFixture.facts)
        ledger.settle(id, LedgerFixture.record("a", cost: 50))
        status = try #require(ledger.status("team payments", at: fixture.clock.now))
        #expect((status.spentNanoUSD, status.reservedNanoUSD, status.leftNanoUSD) == (50, 400, 550))
        try ledger.close()
    }

    @Test("A thousand calls at once on a budget for one: exactly one passes")
    func burst() throws {
        let ledger = try fixture.open(rules: [.team(.day, 100)])
        let admitted = LedgerFixture.Value<[Int]>([])
        let gate = Wakeup()
        let requests = (0..<1000).map {
            fixture.request("call\($0)", amount: 100, key: LedgerFixture.key("key\($0 % 7)"))
        }
        let threads = (0..<100).map { thread in
            LedgerThread(name: "caller") {
                gate.wait()
                for call in 0..<10 where ledger.admit(requests[thread * 10 + call]).id != nil {
                    admitted.now += [thread]
                }
            }
        }
        for _ in threads { gate.signal() }
        for thread in threads { thread.join() }
        #expect(admitted.now.count == 1)
        #expect(ledger.status("team payments", at: fixture.clock.now)?.leftNanoUSD == 0)
        try ledger.close()
    }

    @Test("A refusal by one of many budgets holds nothing in the others, nor in the key's rates")
    func allOrNothing() throws {
        let key = LedgerFixture.key(
            budgets: [KeyBudget(window: .day, limitNanoUSD: 500)], requestsPerMinute: 2, tokensPerMinute: 60)
        let ledger = try fixture.open(rules: [
            BudgetRule(name: "all", scope: BudgetScope(.global), window: .total, limitNanoUSD: 10_000),
            .team(.month, 1000),
            BudgetRule(name: "refunds", scope: BudgetScope(.useCase, "refund"), window: .hour, limitNanoUSD: 90),
            BudgetRule(name: "checkout", scope: BudgetScope(.service, "checkout"), window: .hour, limitNanoUSD: 900),
        ])
        for call in 0..<5 {
            let failure = ledger.admit(fixture.request("no\(call)", amount: 91, key: key)).failure
            #expect(failure?.message.contains("`refunds`") == true)
        }
        #expect(ledger.statuses(now: fixture.clock.now).allSatisfy { $0.reservedNanoUSD == 0 })
        // Both rates are untouched: two requests of 30 tokens pass, of which the third would be too much.
        #expect(ledger.admit(fixture.request("yes1", amount: 40, key: key)).id != nil)
        #expect(ledger.admit(fixture.request("yes2", amount: 40, key: key)).id != nil)
        #expect(ledger.admit(fixture.request("yes3", amount: 1, key: key)).failure?.kind == .rateLimited)
        #expect(
            ledger.statuses(now: fixture.clock.now).map(\.reservedNanoUSD) == [80, 80, 80, 80, 80],
            "four rules, and the key's own budget last")
        try ledger.close()
    }

    @Test("Several windows of one scope are all kept")
    func manyWindows() throws {
        let ledger = try fixture.open(rules: [
            .team(.hour, 100, named: "hourly"), .team(.day, 250, named: "daily"), .team(.month, 300, named: "monthly"),
        ])
        try ledger.spend(100, by: fixture.request("a"))
        #expect(ledger.admit(fixture.request("b")).failure?.message.contains("`hourly`") == true)
        fixture.clock.now += LedgerFixture.hour
        try ledger.spend(100, by: fixture.request("c"))
        fixture.clock.now += LedgerFixture.hour
        #expect(ledger.admit(fixture.request("d")).failure?.message.contains("`daily`") == true)
        fixture.clock.now += LedgerFixture.day
        try ledger.spend(100, by: fixture.request("e"))
        fixture.clock.now += LedgerFixture.day
        #expect(ledger.admit(fixture.request("f", amount: 1)).failure?.message.contains("`monthly`") == true)
        fixture.clock.now = CalendarDay(year: 2026, month: 12, day: 1).nanoseconds
        try ledger.spend(100, by: fixture.request("g"))
        try ledger.close()
    }

    @Test("A refusal names the budget, its owner, its limit, what is left, and when it resets")
    func refusalSaysAll() throws {
        let ledger = try fixture.open(rules: [.team(.month, 2 * LedgerFixture.usd)])
        try ledger.spend(1_500_000_000, by: fixture.request("a"))
        let failure = try #require(ledger.admit(fixture.request("b", amount: 750_000_000)).failure)
        #expect(
            failure.message == """
                The budget `team payments` of anna of 2.00 USD has 0.50 USD left, and a call of `gpt` may cost 0.75 USD. \
                It resets at 2026-12-01T00:00:00Z. Lower the output limit, or ask anna for more.
                """)
        #expect(failure.status == 429)
        #expect(failure.shouldRetry == false)
        #expect(failure.retryAfterSeconds == nil, "ten days are not worth waiting for")
        try ledger.close()
    }

    @Test("A client is told to wait only for a window that resets within two minutes")
    func retryAfter() throws {
        let ledger = try fixture.open(rules: [.team(.hour, 10)])
        try ledger.spend(10, by: fixture.request("a", amount: 10))
        fixture.clock.now += 30 * LedgerFixture.minute - 121 * LedgerFixture.second
        #expect(ledger.admit(fixture.request("b", amount: 1)).failure?.retryAfterSeconds == nil)
        fixture.clock.now += LedgerFixture.second
        #expect(ledger.admit(fixture.request("b", amount: 1)).failure?.retryAfterSeconds == 120)
        fixture.clock.now += 119 * LedgerFixture.second + 999_999_999
        #expect(ledger.admit(fixture.request("b", amount: 1)).failure?.retryAfterSeconds == 1)
        fixture.clock.now += 1
        #expect(ledger.admit(fixture.request("b", amount: 1)).id != nil)
        try ledger.close()
    }

    @Test("Of several budgets that are used up, the one that resets last is named")
    func worstBudgetIsNamed() throws {
        let total = BudgetRule(name: "all", scope: BudgetScope(.global), window: .total, limitNanoUSD: 5)
        let ledger = try fixture.open(rules: [.team(.hour, 5), total, .team(.day, 5, named: "daily")])
        fixture.clock.now += 30 * LedgerFixture.minute - LedgerFixture.second
        let failure = try #require(ledger.admit(fixture.request("a", amount: 6)).failure)
        #expect(failure.message.contains("The budget `all`"))
        #expect(failure.message.contains("It never resets."))
        #expect(failure.retryAfterSeconds == nil)
        try ledger.close()
    }

    @Test("A call without a known price is refused, or let through unpriced where that is allowed")
    func unknownPrice() throws {
        let ledger = try fixture.open(rules: [.team(.hour, 10)])
        #expect(ledger.admit(fixture.request("a", amount: nil)).failure?.kind == .unknownPrice)
        let id = try #require(ledger.admit(fixture.request("a", amount: nil, allowsUnknownPrice: true)).id)
        try ledger.dispatch(id, LedgerFixture.facts)
        ledger.settle(id, LedgerFixture.record("a", cost: nil))
        try ledger.flush()
        let entry = try #require(try fixture.store.entries(after: nil, limit: 1).first)
        #expect(entry.basis == .unpriced)
        #expect(entry.costNanoUSD == nil)
        #expect(entry.usage.input == 10, "its tokens are counted all the same")
        try ledger.close()
    }

    @Test("A retried attempt is a reservation of its own but not a request of its own")
    func retries() throws {
        let key = LedgerFixture.key(requestsPerMinute: 1)
        let ledger = try fixture.open(rules: [.team(.hour, 150)])
        let first = try #require(ledger.admit(fixture.request("a", key: key)).id)
        let second = fixture.request("a", attempt: 2, key: key, isRetry: true)
        #expect(ledger.admit(second).failure?.kind == .budgetExceeded)
        ledger.void(first)
        #expect(ledger.admit(second).id != nil)
        let failure = try #require(ledger.admit(fixture.request("b", amount: 1, key: key)).failure)
        #expect(failure.kind == .rateLimited)
        #expect(failure.retryAfterSeconds == 60)
        #expect(failure.shouldRetry == true)
        try ledger.close()
    }

    @Test("Tokens that were not used come back, those used above the estimate are owed")
    func tokenRate() throws {
        let key = LedgerFixture.key(tokensPerMinute: 100)
        let ledger = try fixture.open()
        let id = try #require(ledger.admit(fixture.request("a", key: key, tokens: (40, 60))).id)
        #expect(ledger.admit(fixture.request("b", key: key, tokens: (1, 0))).failure?.kind == .rateLimited)
        ledger.settle(id, LedgerFixture.record("a", cost: 1, usage: (40, 10)))
        let second = try #require(ledger.admit(fixture.request("b", key: key, tokens: (50, 0))).id)
        ledger.settle(second, LedgerFixture.record("b", cost: 1, usage: (50, 100)))
        #expect(ledger.admit(fixture.request("c", key: key, tokens: (1, 0))).failure?.retryAfterSeconds == 61)
        let failure = try #require(ledger.admit(fixture.request("d", key: key, tokens: (1, 100))).failure)
        #expect(failure.shouldRetry == false, "no waiting helps a call that is above the rate")
        try ledger.close()
    }

    @Test("Amounts and budgets at the ends of the integers are no way around a limit")
    func extremes() throws {
        let ledger = try fixture.open(rules: [.team(.total, 1000)])
        #expect(ledger.admit(fixture.request("a", amount: .max)).failure?.kind == .budgetExceeded)
        let id = try #require(ledger.admit(fixture.request("b", amount: .min)).id)
        ledger.settle(id, LedgerFixture.record("b", cost: .max))
        #expect(ledger.admit(fixture.request("c", amount: 0)).failure?.kind == .budgetExceeded)
        let huge = fixture.request("d", key: LedgerFixture.key("key2"), team: nil, tokens: (.max, .max))
        let other = try #require(ledger.admit(huge).id)
        ledger.settle(other, LedgerFixture.record("d", cost: .max, usage: (.max, -5)))
        try ledger.flush()
        let entries = try fixture.store.entries(after: nil, limit: 5)
        #expect(entries.map(\.costNanoUSD) == [1 << 50, 1 << 50], "a sum of such entries must not overflow")
        #expect(entries.last?.usage == TokenUsage(input: 1 << 40, output: 0))
        try ledger.close()
    }

    @Test("A key's limits are those of its latest record")
    func changedKey() throws {
        let ledger = try fixture.open()
        func key(_ limit: Int) -> KeyRecord {
            LedgerFixture.key(budgets: [KeyBudget(window: .month, limitNanoUSD: limit)], team: "payments")
        }
        try ledger.spend(100, by: fixture.request("a", key: key(100)))
        let failure = try #require(ledger.admit(fixture.request("b", amount: 1, key: key(100))).failure)
        #expect(failure.message.contains("The budget `key key1, per month` of payments"))
        #expect(ledger.admit(fixture.request("b", amount: 1, key: key(101))).id != nil)
        #expect(ledger.status("key key1, per month", at: fixture.clock.now)?.rule.limitNanoUSD == 101)
        try ledger.close()
    }
}

import Testing

@testable import Gateway

/// Random calls, clocks and crashes against an account book that is as simple as it can be.
@Suite("The ledger in any order of events")
struct LedgerInterleavingTests {
    /// A call as the account book knows it.
    private struct Call {
        var id: ReservationID
        var name: String
        var attribution: Attribution
        var time: Int
        var held: Int
        var isDispatched = false
    }

    /// What was billed: the whole truth, from which every balance is summed anew.
    private struct Bill {
        var name: String
        var attribution: Attribution
        var time: Int
        var cost: Int
    }

    /// The account book.
    private struct Book {
        var open: [Call] = []
        var bills: [Bill] = []
        var time: Int

        func spent(_ rule: BudgetRule, at time: Int) -> Int {
            bills.filter { Self.counts($0.attribution, $0.time, rule, time) }.reduce(0) { $0 + $1.cost }
        }

        func held(_ rule: BudgetRule, at time: Int) -> Int {
            open.filter { Self.counts($0.attribution, $0.time, rule, time) }.reduce(0) { $0 + $1.held }
        }

        func allows(_ amount: Int, for attribution: Attribution, at time: Int, _ rules: [BudgetRule]) -> Bool {
            rules.allSatisfy { rule in
                guard attribution.scopes.contains(rule.scope) else { return true }
                return rule.limitNanoUSD - spent(rule, at: time) - held(rule, at: time) >= amount
            }
        }

        private static func counts(_ attribution: Attribution, _ then: Int, _ rule: BudgetRule, _ now: Int) -> Bool {
            attribution.scopes.contains(rule.scope) && rule.window.start(at: then) == rule.window.start(at: now)
        }
    }

    private static let rules: [BudgetRule] = [
        BudgetRule(name: "all", scope: BudgetScope(.global), window: .total, limitNanoUSD: 60_000),
        BudgetRule(name: "all daily", scope: BudgetScope(.global), window: .day, limitNanoUSD: 5000),
        BudgetRule(name: "a hourly", scope: BudgetScope(.team, "a"), window: .hour, limitNanoUSD: 900),
        BudgetRule(name: "a monthly", scope: BudgetScope(.team, "a"), window: .month, limitNanoUSD: 9000),
        BudgetRule(name: "x daily", scope: BudgetScope(.service, "x"), window: .day, limitNanoUSD: 1500),
        BudgetRule(name: "k1 hourly", scope: BudgetScope(.key, "k1"), window: .hour, limitNanoUSD: 700),
    ]

    @Test("Balances are the sums of what was billed, whatever happens in whatever order", arguments: 1...12)
    func anyOrder(seed: UInt64) throws {
        var generator = LedgerRandom(seed: seed)
        var fixture = LedgerFixture()
        var settings = LedgerFixture.quiet
        settings.segmentLimit = 3000
        settings.batchLimit = 5
        var ledger = try fixture.open(rules: Self.rules, settings: settings)
        var book = Book(time: fixture.clock.now)
        var refusals = 0
        var crashes = 0
        for step in 0..<400 {
            switch Int.random(in: 0..<100, using: &generator) {
            case 0..<35:
                if !Self.admit("c\(step)", fixture, ledger, &book, &generator) { refusals += 1 }
            case 35..<55: try Self.dispatch(ledger, &book, &generator)
            case 55..<63: try Self.extend(fixture, ledger, &book, &generator)
            case 63..<80: Self.settle(ledger, &book, &generator)
            case 80..<86: Self.void(ledger, &book, &generator)
            case 86..<92:
                // Mostly forward; sometimes back, which must change nothing.
                fixture.clock.now += Int.random(in: -20...60, using: &generator) * LedgerFixture.minute
            case 92..<95: try ledger.flush()
            case 95..<97: try ledger.sync()
            default:
                crashes += 1
                let image = try fixture.crashed()
                try ledger.close()
                fixture = image
                ledger = try fixture.open(rules: Self.rules, settings: settings)
                for call in book.open where call.isDispatched {
                    book.bills.append(
                        Bill(name: call.name, attribution: call.attribution, time: call.time, cost: call.held))
                }
                book.open = []
                book.time = fixture.clock.now
            }
            try Self.compare(ledger, fixture, &book)
        }
        #expect(refusals > 10 && crashes > 2, "the test must meet what it is about")
        #expect(ledger.health.conflicts == 0)
        try ledger.flush()
        #expect(try fixture.store.totals() == (book.bills.count, book.bills.reduce(0) { $0 + $1.cost }))
        let entries = try fixture.store.entries(after: nil, limit: .max)
        #expect(entries.map(\.call) == book.bills.map(\.name).sorted())
        #expect(try fixture.store.differences(limit: 5) == [])
        try ledger.close()
    }

    // MARK: Steps

    /// Whether the call was let through; records an issue if that is not what the book says.
    private static func admit(
        _ name: String, _ fixture: LedgerFixture, _ ledger: Ledger, _ book: inout Book,
        _ generator: inout LedgerRandom
    ) -> Bool {
        let amount = Int.random(in: 0...300, using: &generator)
        var request = fixture.request(
            name, amount: amount, key: LedgerFixture.key(["k1", "k2"].randomElement(using: &generator) ?? ""),
            team: ["a", "b", nil].randomElement(using: &generator) ?? nil,
            service: ["x", nil].randomElement(using: &generator) ?? nil, useCase: nil)
        request.now = fixture.clock.now
        book.time = max(book.time, request.now)
        let isAllowed = book.allows(amount, for: request.attribution, at: book.time, rules)
        guard let id = ledger.admit(request).id else {
            #expect(!isAllowed)
            return false
        }
        #expect(isAllowed)
        book.open.append(
            Call(id: id, name: name, attribution: request.attribution, time: book.time, held: amount))
        return true
    }

    private static func dispatch(_ ledger: Ledger, _ book: inout Book, _ generator: inout LedgerRandom) throws {
        guard let place = book.open.indices.randomElement(using: &generator) else { return }
        try ledger.dispatch(book.open[place].id, LedgerFixture.facts)
        book.open[place].isDispatched = true
    }

    private static func extend(
        _ fixture: LedgerFixture, _ ledger: Ledger, _ book: inout Book, _ generator: inout LedgerRandom
    ) throws {
        guard let place = book.open.indices.randomElement(using: &generator) else { return }
        let call = book.open[place]
        let amount = Int.random(in: 0...200, using: &generator)
        book.time = max(book.time, fixture.clock.now)
        let isAllowed = book.allows(amount, for: call.attribution, at: call.time, rules)
        let refusal = ledger.extend(call.id, byNanoUSD: amount, outputTokens: 1, now: fixture.clock.now)
        if refusal == nil {
            #expect(isAllowed)
            book.open[place].held += amount
        } else {
            // Windows before the last are not kept: there the ledger may refuse what the book would allow.
            let isCurrent = BudgetWindow.hour.start(at: call.time) == BudgetWindow.hour.start(at: book.time)
            #expect(!isAllowed || !isCurrent)
        }
    }

    private static func settle(_ ledger: Ledger, _ book: inout Book, _ generator: inout LedgerRandom) {
        guard let place = book.open.indices.randomElement(using: &generator) else { return }
        let call = book.open.remove(at: place)
        // A fifth costs more than was held.
        let cost = call.held * Int.random(in: 0...5, using: &generator) / 4
        ledger.settle(call.id, LedgerFixture.record(call.name, cost: cost))
        ledger.settle(call.id, LedgerFixture.record(call.name, cost: cost))
        book.bills.append(Bill(name: call.name, attribution: call.attribution, time: call.time, cost: cost))
    }

    private static func void(_ ledger: Ledger, _ book: inout Book, _ generator: inout LedgerRandom) {
        guard let place = book.open.indices.randomElement(using: &generator) else { return }
        ledger.void(book.open.remove(at: place).id)
    }

    private static func compare(_ ledger: Ledger, _ fixture: LedgerFixture, _ book: inout Book) throws {
        book.time = max(book.time, fixture.clock.now)
        let statuses = ledger.statuses(now: fixture.clock.now)
        try #require(statuses.map(\.rule) == rules)
        for status in statuses {
            try #require(status.spentNanoUSD == book.spent(status.rule, at: book.time), "\(status.rule.name)")
            try #require(status.reservedNanoUSD == book.held(status.rule, at: book.time), "\(status.rule.name)")
        }
    }
}

import Testing

@testable import Gateway

@Suite("Settlement in the ledger")
struct LedgerSettlementTests {
    private let fixture = LedgerFixture()

    @Test("What a call cost above its reservation is posted, and the next admission sees it")
    func overage() throws {
        let ledger = try fixture.open(rules: [.team(.month, 1000), .team(.hour, 500, named: "hourly")])
        try ledger.spend(5000, by: fixture.request("a", amount: 100))
        #expect(ledger.statuses(now: fixture.clock.now).map(\.leftNanoUSD) == [-4000, -4500])
        #expect(ledger.admit(fixture.request("b", amount: 0)).failure?.message.contains("-0.000004 USD left") == true)
        try ledger.flush()
        #expect(try fixture.store.totals() == (1, 5000))
        try ledger.close()
    }

    @Test("The entry is about the reservation, whatever the record says of it")
    func entryIsOfReservation() throws {
        let ledger = try fixture.open()
        try ledger.spend(70, by: fixture.request("a", amount: 100))
        try ledger.flush()
        let entry = try #require(try fixture.store.entries(after: nil, limit: 2).first)
        #expect(entry.call == "a")
        #expect(entry.start == LedgerFixture.friday)
        #expect(entry.attribution == Attribution(key: "key1", team: "payments", service: "checkout", useCase: "refund"))
        #expect(entry.reservedNanoUSD == 100)
        #expect(entry.rawUsage == #"{"prompt_tokens":10}"#)
        #expect(try fixture.store.differences(limit: 10) == [])
        try ledger.close()
    }

    @Test("A second settlement changes nothing; one with another amount is reported, and the first counts")
    func duplicates() throws {
        let ledger = try fixture.open(rules: [.team(.month, 1000)])
        let id = try #require(ledger.admit(fixture.request("a")).id)
        try ledger.dispatch(id, LedgerFixture.facts)
        ledger.settle(id, LedgerFixture.record("a", cost: 40))
        ledger.settle(id, LedgerFixture.record("a", cost: 40))
        #expect(ledger.health.conflicts == 0)
        #expect(fixture.warnings.now == [])
        ledger.settle(id, LedgerFixture.record("a", cost: 41))
        ledger.settle(id, LedgerFixture.record("a", cost: nil))
        #expect(ledger.health.conflicts == 2)
        #expect(
            fixture.warnings.now.first
                == "conflicting settlement: attempt 1 of call a was settled at 0.00000004 USD and again at 0.000000041 USD; "
                + "the first amount counts")
        #expect(ledger.status("team payments", at: fixture.clock.now)?.spentNanoUSD == 40)
        #expect(ledger.admit(fixture.request("a")).failure?.kind == .internalError, "an attempt is billed once")
        #expect(ledger.record(LedgerFixture.record("a", cost: 40)) == nil)
        try ledger.flush()
        #expect(try fixture.store.totals() == (1, 40))
        #expect(try fixture.store.differences(limit: 10) == [])
        try ledger.close()
    }

    @Test("A settlement of what was given up, or never admitted, is reported and not counted")
    func settledAfterVoid() throws {
        let ledger = try fixture.open(rules: [.team(.month, 1000)])
        let id = try #require(ledger.admit(fixture.request("a")).id)
        try ledger.dispatch(id, LedgerFixture.facts)
        ledger.void(id)
        ledger.void(id)
        ledger.settle(id, LedgerFixture.record("a", cost: 40))
        ledger.settle(ReservationID(slot: 99, serial: 99), LedgerFixture.record("b", cost: 1))
        #expect(ledger.health.conflicts == 2)
        #expect(ledger.status("team payments", at: fixture.clock.now)?.leftNanoUSD == 1000)
        // The slot is used again; the old handle must not reach the new reservation.
        let second = try #require(ledger.admit(fixture.request("c")).id)
        ledger.void(id)
        #expect(ledger.status("team payments", at: fixture.clock.now)?.reservedNanoUSD == 100)
        ledger.void(second)
        try ledger.flush()
        #expect(try fixture.store.totals() == (0, 0))
        try ledger.close()
    }

    @Test("A call counts in the window in which it was reserved, even if it ends in the next")
    func windowOfReservation() throws {
        let ledger = try fixture.open(rules: [.team(.hour, 100)])
        let id = try #require(ledger.admit(fixture.request("a")).id)
        try ledger.dispatch(id, LedgerFixture.facts)
        fixture.clock.now += LedgerFixture.hour
        let second = try #require(ledger.admit(fixture.request("b")).id, "the new hour is untouched")
        ledger.settle(id, LedgerFixture.record("a", cost: 90))
        #expect(ledger.status("team payments", at: fixture.clock.now)?.spentNanoUSD == 0)
        #expect(ledger.status("team payments", at: fixture.clock.now)?.reservedNanoUSD == 100)
        ledger.settle(second, LedgerFixture.record("b", cost: 10))
        try ledger.flush()
        #expect(try fixture.store.differences(limit: 10) == [])
        let hour = BudgetWindow.hour.start(at: LedgerFixture.friday)
        let balances = try fixture.store.balances(at: LedgerFixture.friday).filter {
            $0.scope.kind == .team && $0.window == .hour
        }
        #expect(balances.map(\.spentNanoUSD).sorted() == [10, 90])
        #expect(balances.first { $0.start == hour }?.spentNanoUSD == 90)
        try ledger.close()
    }

    @Test("A running call may hold more, up to the budget, in the window of its reservation")
    func extensions() throws {
        let ledger = try fixture.open(rules: [.team(.hour, 1000)])
        let id = try #require(ledger.admit(fixture.request("a", amount: 600)).id)
        try ledger.dispatch(id, LedgerFixture.facts)
        #expect(ledger.extend(id, byNanoUSD: 300, outputTokens: 10, now: fixture.clock.now) == nil)
        #expect(
            ledger.extend(id, byNanoUSD: 101, outputTokens: 10, now: fixture.clock.now)?.kind == .budgetExceeded)
        #expect(ledger.status("team payments", at: fixture.clock.now)?.reservedNanoUSD == 900)
        fixture.clock.now += LedgerFixture.hour
        #expect(ledger.admit(fixture.request("b", amount: 1000)).id != nil)
        #expect(
            ledger.extend(id, byNanoUSD: 100, outputTokens: 1, now: fixture.clock.now) == nil,
            "the old hour has room, and the new one is not its")
        #expect(ledger.extend(id, byNanoUSD: 1, outputTokens: 1, now: fixture.clock.now) != nil)
        ledger.settle(id, LedgerFixture.record("a", cost: 950))
        #expect(ledger.extend(id, byNanoUSD: 1, outputTokens: 1, now: fixture.clock.now)?.kind == .internalError)
        try ledger.flush()
        #expect(try fixture.store.entries(after: nil, limit: 1).first?.reservedNanoUSD == 1000)
        try ledger.close()
    }

    @Test("A call that was admitted with a price and ended without one is billed at its whole reservation")
    func priceIsLost() throws {
        let ledger = try fixture.open(rules: [.team(.month, 1000)])
        let id = try #require(ledger.admit(fixture.request("a", amount: 100)).id)
        try ledger.dispatch(id, LedgerFixture.facts)
        ledger.settle(id, LedgerFixture.record("a", cost: nil, basis: .unpriced))
        ledger.settle(id, LedgerFixture.record("a", cost: nil, basis: .unpriced))
        #expect(ledger.health.conflicts == 0)
        #expect(ledger.status("team payments", at: fixture.clock.now)?.spentNanoUSD == 100)
        try ledger.flush()
        let entry = try #require(try fixture.store.entries(after: nil, limit: 1).first)
        #expect(entry.costNanoUSD == 100)
        #expect(entry.basis == .estimated)
        try ledger.close()
    }

    @Test("Zero is not missing: a free call is exact, an unpriced one is not")
    func zeroIsNotMissing() throws {
        let ledger = try fixture.open()
        try ledger.spend(0, by: fixture.request("a", amount: 0))
        try ledger.spend(nil, by: fixture.request("b", amount: 0))
        try ledger.flush()
        let entries = try fixture.store.entries(after: nil, limit: 2)
        #expect(entries.map(\.costNanoUSD) == [0, nil])
        #expect(entries.map(\.basis) == [.exact, .unpriced])
        try ledger.close()
    }

    @Test("A cache hit is an entry without a reservation, once")
    func cacheHits() throws {
        let ledger = try fixture.open(rules: [.team(.month, 0)])
        var hit = LedgerFixture.record("a", cost: 0)
        hit.attribution = Attribution(key: "key1", team: "payments")
        hit.start = fixture.clock.now
        hit.isCacheHit = true
        #expect(ledger.record(hit) == nil)
        #expect(ledger.record(hit) == nil)
        try ledger.flush()
        #expect(try fixture.store.entries(after: nil, limit: 5) == [hit])
        #expect(ledger.health.conflicts == 0)
        try ledger.close()
    }

    @Test("A clock that goes back stands still for windows, and is counted")
    func clockSteps() throws {
        let ledger = try fixture.open(rules: [.team(.hour, 100)])
        try ledger.spend(100, by: fixture.request("a"))
        fixture.clock.now -= LedgerFixture.hour
        #expect(
            ledger.admit(fixture.request("b")).failure?.kind == .budgetExceeded, "the hour before is not given again")
        fixture.clock.now += LedgerFixture.hour - 1
        #expect(ledger.admit(fixture.request("c")).failure?.kind == .budgetExceeded)
        #expect(ledger.health.clockSteps == 1, "a nanosecond between threads is no step")
        fixture.clock.now += LedgerFixture.hour
        try ledger.spend(1, by: fixture.request("d"))
        try ledger.close()
    }
}

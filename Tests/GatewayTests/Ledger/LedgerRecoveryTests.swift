import Domain
import Testing

@testable import Gateway

@Suite("The ledger after a crash")
struct LedgerRecoveryTests {
    private let fixture = LedgerFixture()
    private let rules: [BudgetRule] = [.team(.month, 10_000)]

    @Test("What was only admitted never was; what was dispatched counts whole; what was settled counts as settled")
    func threeFates() throws {
        let ledger = try fixture.open(rules: rules)
        _ = ledger.admit(fixture.request("admitted", amount: 1000))
        let dispatched = try #require(ledger.admit(fixture.request("dispatched", amount: 200, tokens: (7, 9))).id)
        try ledger.dispatch(dispatched, LedgerFixture.facts)
        #expect(ledger.extend(dispatched, byNanoUSD: 50, outputTokens: 3, now: fixture.clock.now) == nil)
        let voided = try #require(ledger.admit(fixture.request("voided", amount: 3000)).id)
        try ledger.dispatch(voided, LedgerFixture.facts)
        ledger.void(voided)
        try ledger.spend(30, by: fixture.request("settled"))

        let image = try fixture.crashed()
        let after = try image.open(rules: rules)
        let status = try #require(after.status("team payments", at: image.clock.now))
        #expect((status.spentNanoUSD, status.reservedNanoUSD) == (280, 0))
        #expect(after.health.unreconciled == 1)
        #expect(image.warnings.now.count == 1)
        try after.flush()
        let entries = try image.store.entries(after: nil, limit: 10)
        #expect(entries.map(\.call) == ["dispatched", "settled"])
        let kept = try #require(entries.first)
        #expect(kept.basis == .unreconciled)
        #expect((kept.costNanoUSD, kept.reservedNanoUSD) == (250, 250))
        #expect((kept.usage.input, kept.usage.output) == (7, 12))
        #expect((kept.provider, kept.upstreamModel, kept.priceVersion) == ("openai", "gpt-5", "v1"))
        #expect(kept.isStream)
        #expect(kept.attribution.team == "payments" && kept.start == LedgerFixture.friday)
        #expect(try image.store.differences(limit: 10) == [])
        try after.close()
        try ledger.close()
    }

    @Test("A second crash, before or after the first one's calls were applied, counts nothing twice")
    func crashAfterCrash() throws {
        let ledger = try fixture.open(rules: rules)
        try ledger.spend(30, by: fixture.request("settled"))
        try ledger.dispatch(try #require(ledger.admit(fixture.request("open", amount: 200)).id), LedgerFixture.facts)
        let first = try fixture.crashed()
        let again = try first.open(rules: rules)
        let second = try first.crashed()
        try again.flush()
        let third = try first.crashed()
        for image in [second, third] {
            let after = try image.open(rules: rules)
            #expect(after.health.unreconciled == 0)
            #expect(after.status("team payments", at: image.clock.now)?.spentNanoUSD == 230)
            try after.flush()
            #expect(try image.store.totals() == (2, 230))
            #expect(try image.store.differences(limit: 10) == [])
            try after.close()
        }
        try again.close()
        try ledger.close()
    }

    @Test("A dispatch whose entry is already in the store is not open, whatever was applied between them")
    func dispatchBeforePosition() throws {
        let ledger = try fixture.open(rules: rules)
        let long = try #require(ledger.admit(fixture.request("long", amount: 500)).id)
        try ledger.dispatch(long, LedgerFixture.facts)
        try ledger.spend(1, by: fixture.request("short"))
        try ledger.flush()
        // The position is after the long call's dispatch now: a crash must still know that it is open.
        let image = try fixture.crashed()
        let after = try image.open(rules: rules)
        #expect(after.health.unreconciled == 1)
        #expect(after.status("team payments", at: image.clock.now)?.spentNanoUSD == 501)
        try after.close()
        ledger.settle(long, LedgerFixture.record("long", cost: 400))
        try ledger.flush()
        let settled = try fixture.crashed()
        let last = try settled.open(rules: rules)
        #expect(last.health.unreconciled == 0)
        #expect(try settled.store.totals() == (2, 401))
        try last.close()
        try ledger.close()
    }

    @Test("A journal cut at any byte of its end keeps all whole records before it, and takes new ones")
    func cutAtEveryByte() throws {
        let ledger = try fixture.open(rules: rules)
        var ends: [Int] = []
        for call in 0..<4 {
            let id = try #require(ledger.admit(fixture.request("c\(call)", amount: 100)).id)
            try ledger.dispatch(id, LedgerFixture.facts)
            ends.append(try LedgerFixture.bytes(of: fixture.path(1)).count)
            ledger.settle(id, LedgerFixture.record("c\(call)", cost: 10))
            ends.append(try LedgerFixture.bytes(of: fixture.path(1)).count)
        }
        let image = try fixture.crashed()
        let whole = try LedgerFixture.bytes(of: image.path(1))
        for size in ends[4]...whole.count {
            let cut = try fixture.crashed()
            try LedgerFixture.write(Array(whole.prefix(size)), to: cut.path(1))
            let after = try cut.open(rules: rules)
            let records = ends.count { $0 <= size }
            let settled = records / 2
            let open = records % 2
            #expect(after.health.unreconciled == open)
            try after.spend(5, by: cut.request("new"))
            try after.flush()
            #expect(try cut.store.totals() == (settled + open + 1, settled * 10 + open * 100 + 5), "cut at \(size)")
            #expect(try cut.store.differences(limit: 1) == [])
            try after.close()
        }
        try ledger.close()
    }

    @Test("Zeros or rubbish after the last record are a torn end too")
    func rubbishAtTheEnd() throws {
        let ledger = try fixture.open(rules: rules)
        try ledger.spend(10, by: fixture.request("a"))
        let whole = try LedgerFixture.bytes(of: fixture.path(1))
        let zeros = [UInt8](repeating: 0, count: 5000)
        for rubbish in [zeros, [0xFF, 0xFF, 0xFF], [8, 0, 0, 0, 1, 2, 3, 4, 5]] {
            let image = try fixture.crashed()
            try LedgerFixture.write(whole + rubbish, to: image.path(1))
            let after = try image.open(rules: rules)
            #expect(try LedgerFixture.bytes(of: image.path(1)) == whole)
            try after.spend(5, by: image.request("b"))
            try after.flush()
            #expect(try image.store.totals() == (2, 15))
            try after.close()
        }
        try ledger.close()
    }

    @Test("A changed byte before the last record is damage, with file and place, and nothing is touched")
    func damageIsRefused() throws {
        let ledger = try fixture.open(rules: rules)
        for call in 0..<3 { try ledger.spend(10, by: fixture.request("c\(call)")) }
        try ledger.close()
        let whole = try LedgerFixture.bytes(of: fixture.path(1))
        let header = SegmentHeader.size
        let length = whole[header...].withUnsafeBytes { Int($0.loadUnaligned(as: UInt32.self)) }
        for place in header..<header + SegmentReader.frameSize + length {
            let image = try fixture.crashed()
            var damaged = whole
            damaged[place] ^= 0x41
            try LedgerFixture.write(damaged, to: image.path(1))
            let failure = #expect(throws: LedgerFailure.self) { try image.open(rules: rules) }
            guard case .corrupt(image.path(1), header, _) = failure else {
                Issue.record("byte \(place): \(String(describing: failure))")
                continue
            }
            #expect(try LedgerFixture.bytes(of: image.path(1)) == damaged)
        }
        // Bytes 56 to 63 of the header are filling.
        for place in 0..<56 {
            let image = try fixture.crashed()
            var damaged = whole
            damaged[place] ^= 0x41
            try LedgerFixture.write(damaged, to: image.path(1))
            #expect(throws: LedgerFailure.self) { try image.open(rules: rules) }
            #expect(try LedgerFixture.bytes(of: image.path(1)) == damaged)
        }
    }

    @Test("Recovery reads what it wrote in every order of segments, with calls that stay open across them")
    func segments() throws {
        var settings = LedgerFixture.quiet
        settings.segmentLimit = 2000
        let ledger = try fixture.open(rules: rules, settings: settings)
        let long = try #require(ledger.admit(fixture.request("long", amount: 500)).id)
        try ledger.dispatch(long, LedgerFixture.facts)
        #expect(ledger.extend(long, byNanoUSD: 5, outputTokens: 0, now: fixture.clock.now) == nil)
        var spent = 0
        for call in 0..<60 {
            try ledger.spend(call, by: fixture.request("c\(call)"))
            spent += call
            if call % 4 == 3 { try ledger.sync() }
            if call % 16 == 15 { try ledger.flush() }
            let image = try fixture.crashed()
            let after = try image.open(rules: rules, settings: settings)
            #expect(after.health.unreconciled == 1)
            #expect(after.status("team payments", at: image.clock.now)?.spentNanoUSD == spent + 505)
            try after.flush()
            #expect(try image.store.totals() == (call + 2, spent + 505))
            #expect(try image.store.differences(limit: 1) == [])
            try after.close()
        }
        #expect(fixture.segments.count == 3, "all applied segments but one are removed: \(fixture.segments)")
        #expect(fixture.segments.first != "journal-00000001.log")
        ledger.settle(long, LedgerFixture.record("long", cost: 1))
        try ledger.close()
        #expect(try fixture.store.totals() == (61, spent + 1))
        let last = try fixture.open(rules: rules, settings: settings)
        #expect(last.health.unreconciled == 0)
        #expect(last.status("team payments", at: fixture.clock.now)?.spentNanoUSD == spent + 1)
        try last.close()
    }

    @Test("A crash between the making of a segment and its first record, or within its header, loses nothing")
    func headerIsTorn() throws {
        let ledger = try fixture.open(rules: rules)
        try ledger.spend(10, by: fixture.request("a"))
        let header = SegmentHeader(ledger: String(repeating: "0", count: 31) + "1", segment: 2).bytes
        for size in 0...header.count {
            let image = try fixture.crashed()
            try LedgerFixture.write(Array(header.prefix(size)), to: image.path(2))
            let after = try image.open(rules: rules)
            try after.spend(5, by: image.request("b"))
            try after.close()
            #expect(try image.store.totals() == (2, 15))
        }
        try ledger.close()
    }

    @Test("A budget of a window that has not begun by a clock set back is kept for when it does")
    func clockSetBackBetweenStarts() throws {
        let ledger = try fixture.open(rules: [.team(.hour, 100)])
        fixture.clock.now += LedgerFixture.hour
        try ledger.spend(100, by: fixture.request("a"))
        try ledger.close()
        fixture.clock.now -= LedgerFixture.hour
        let after = try fixture.open(rules: [.team(.hour, 100)])
        try after.spend(100, by: fixture.request("b"))
        fixture.clock.now += LedgerFixture.hour
        #expect(after.admit(fixture.request("c", amount: 1)).failure?.kind == .budgetExceeded)
        fixture.clock.now += LedgerFixture.hour
        try after.spend(100, by: fixture.request("d"))
        try after.close()
    }
}

import Domain
import Glibc
import Testing

@testable import Gateway

@Suite("The ledger on a disk that fails")
struct LedgerDiskTests {
    private let fixture = LedgerFixture()
    private let rules: [BudgetRule] = [.team(.month, 10_000)]

    /// A disk in the test's hand.
    private final class Disk: Sendable {
        /// Bytes that still fit; `nil` for no limit.
        let room = LedgerFixture.Value<Int?>(nil)
        let syncError = LedgerFixture.Value<Int32?>(nil)
        let syncs = LedgerFixture.Value(0)

        var system: JournalSystem {
            JournalSystem(
                write: { file, bytes, offset in
                    let room = self.room.now ?? .max
                    guard room > 0 else { return -Int(ENOSPC) }
                    let part = UnsafeRawBufferPointer(rebasing: bytes.prefix(room))
                    let written = JournalSystem.live.write(file, part, offset)
                    if written > 0, self.room.now != nil { self.room.now = room - written }
                    return written
                },
                sync: { file in
                    self.syncs.now += 1
                    if let error = self.syncError.now { return -Int(error) }
                    return JournalSystem.live.sync(file)
                })
        }
    }

    @Test("With a full disk nothing is dispatched, what runs is settled, and all goes on when there is room again")
    func diskFull() throws {
        let disk = Disk()
        let ledger = try fixture.open(rules: rules, system: disk.system)
        let running = try #require(ledger.admit(fixture.request("running", amount: 100)).id)
        try ledger.dispatch(running, LedgerFixture.facts)
        for room in [0, 1, 7, 40] {
            disk.room.now = room
            let id = try #require(ledger.admit(fixture.request("refused\(room)", amount: 100)).id)
            let failure = #expect(throws: GatewayFailure.self) { try ledger.dispatch(id, LedgerFixture.facts) }
            #expect(failure?.kind == .ledgerUnavailable)
            #expect(failure?.status == 503)
            ledger.void(id)
        }
        #expect(ledger.health.journalError == "No space left on device")
        let refusal = ledger.extend(running, byNanoUSD: 10, outputTokens: 1, now: fixture.clock.now)
        #expect(refusal?.kind == .ledgerUnavailable)
        let status = ledger.status("team payments", at: fixture.clock.now)
        #expect(status?.reservedNanoUSD == 100, "the extension is taken back")
        ledger.settle(running, LedgerFixture.record("running", cost: 60))
        #expect(ledger.status("team payments", at: fixture.clock.now)?.spentNanoUSD == 60)
        #expect(ledger.admit(fixture.request("b")).failure?.kind == .ledgerUnavailable, "a settlement waits")
        #expect(ledger.health.unwritten == 1)
        #expect(fixture.warnings.now.count == 1, "one failure is told once: \(fixture.warnings.now)")

        // A crash now: the settlement is lost, so the whole reservation counts.
        let image = try fixture.crashed()
        let after = try image.open(rules: rules)
        #expect(after.status("team payments", at: image.clock.now)?.spentNanoUSD == 100)
        try after.close()

        disk.room.now = nil
        try ledger.sync()
        #expect(ledger.health.journalError == nil)
        #expect(fixture.warnings.now.last == "the ledger's journal can be written again")
        try ledger.spend(5, by: fixture.request("again"))
        try ledger.close()
        #expect(try fixture.store.totals() == (2, 65))
        let last = try fixture.open(rules: rules)
        #expect(last.health.unreconciled == 0)
        try last.close()
    }

    @Test("Whatever a full disk took of a record, the next start reads the journal")
    func partialRecords() throws {
        for room in 0..<200 {
            let fixture = LedgerFixture()
            let disk = Disk()
            let ledger = try fixture.open(rules: rules, system: disk.system)
            try ledger.spend(10, by: fixture.request("a"))
            let id = try #require(ledger.admit(fixture.request("b", amount: 100)).id)
            disk.room.now = room
            let isDispatched = (try? ledger.dispatch(id, LedgerFixture.facts)) != nil
            let image = try fixture.crashed()
            let after = try image.open(rules: rules)
            #expect(after.status("team payments", at: image.clock.now)?.spentNanoUSD == (isDispatched ? 110 : 10))
            try after.close()
            disk.room.now = nil
            try ledger.close()
        }
    }

    @Test("A scope that was set to fail open goes on without the journal, and is written when that works again")
    func failOpen() throws {
        let disk = Disk()
        var settings = LedgerFixture.quiet
        settings.failOpenScopes = [BudgetScope(.team, "payments")]
        let ledger = try fixture.open(rules: rules, settings: settings, system: disk.system)
        disk.room.now = 0
        try ledger.spend(10, by: fixture.request("a"))
        try ledger.spend(20, by: fixture.request("b"))
        let other = fixture.request("c", team: "others")
        #expect(ledger.admit(other).failure?.kind == .ledgerUnavailable)
        let above = fixture.request("d", amount: 9971)
        #expect(ledger.admit(above).failure?.kind == .budgetExceeded, "budgets hold all the same")
        disk.room.now = nil
        try ledger.spend(1, by: other)
        try ledger.flush()
        #expect(try fixture.store.totals() == (3, 31))
        try ledger.close()
    }

    @Test("After a sync that failed, the journal goes on in a new segment with everything that is open")
    func syncFails() throws {
        let disk = Disk()
        var settings = LedgerFixture.quiet
        settings.sync = .each
        let ledger = try fixture.open(rules: rules, settings: settings, system: disk.system)
        let running = try #require(ledger.admit(fixture.request("running", amount: 100)).id)
        try ledger.dispatch(running, LedgerFixture.facts)
        disk.syncError.now = EIO
        let id = try #require(ledger.admit(fixture.request("a", amount: 70)).id)
        let failure = #expect(throws: GatewayFailure.self) { try ledger.dispatch(id, LedgerFixture.facts) }
        #expect(failure?.kind == .ledgerUnavailable)
        ledger.void(id)
        #expect(ledger.admit(fixture.request("b")).failure?.kind == .ledgerUnavailable)
        #expect(ledger.health.journalError == "Input/output error")
        disk.syncError.now = nil
        try ledger.sync()
        #expect(fixture.segments.count == 2)
        try ledger.spend(5, by: fixture.request("c"))
        try ledger.flush()
        let image = try fixture.crashed()
        let after = try image.open(rules: rules)
        #expect(after.status("team payments", at: image.clock.now)?.spentNanoUSD == 105)
        #expect(after.health.unreconciled == 1)
        try after.close()
        ledger.settle(running, LedgerFixture.record("running", cost: 1))
        try ledger.close()
        #expect(try fixture.store.totals() == (2, 6))
    }

    @Test("With sync after each dispatch, a dispatch is on the disk before it is told so, many with one sync")
    func groupCommit() throws {
        let disk = Disk()
        var settings = LedgerFixture.quiet
        settings.sync = .each
        let ledger = try fixture.open(rules: rules, settings: settings, system: disk.system)
        let before = disk.syncs.now
        let told = LedgerFixture.Value(0)
        let done = Wakeup()
        for call in 0..<50 {
            let id = try #require(ledger.admit(fixture.request("c\(call)", amount: 1)).id)
            try ledger.dispatch(id, LedgerFixture.facts) { failure in
                #expect(failure == nil)
                #expect(disk.syncs.now > before)
                told.now += 1
                done.signal()
            }
        }
        for _ in 0..<50 { done.wait() }
        #expect(told.now == 50)
        #expect(disk.syncs.now - before <= 50)
        try ledger.close()
    }

    @Test("Without it, a dispatch is told at once")
    func toldAtOnce() throws {
        let ledger = try fixture.open(rules: rules)
        let id = try #require(ledger.admit(fixture.request("a")).id)
        let told = LedgerFixture.Value(false)
        try ledger.dispatch(id, LedgerFixture.facts) { told.now = $0 == nil }
        #expect(told.now)
        try ledger.dispatch(id, LedgerFixture.facts)
        try ledger.close()
        #expect(throws: GatewayFailure.self) { try ledger.dispatch(id, LedgerFixture.facts) }
        #expect(ledger.admit(fixture.request("b")).failure?.kind == .stopping)
        ledger.settle(id, LedgerFixture.record("a", cost: 1))
        #expect(throws: Never.self) { try ledger.close() }
    }
}

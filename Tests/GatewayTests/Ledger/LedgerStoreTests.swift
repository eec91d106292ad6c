import Domain
import Glibc
import Synchronization
import Testing

@testable import Gateway

@Suite("The ledger and its store")
struct LedgerStoreTests {
    private let fixture = LedgerFixture()
    private let rules: [BudgetRule] = [.team(.month, 10_000)]
    private let away = PlainFailure("StoreIsAway", "The database is locked.")

    @Test("While the store is away calls go on, entries wait in the journal, and are applied once when it is back")
    func storeIsAway() throws {
        let ledger = try fixture.open(rules: rules)
        fixture.store.fail(away)
        for call in 0..<250 { try ledger.spend(2, by: fixture.request("c\(call)", amount: 2)) }
        #expect(throws: PlainFailure.self) { try ledger.flush() }
        #expect(ledger.health.backlog == 250)
        #expect(ledger.health.backlogBytes > 0)
        #expect(throws: PlainFailure.self, "the balance of a new scope cannot be read") {
            let scope = BudgetScope(.service, "s")
            try ledger.update(rules: [BudgetRule(name: "s", scope: scope, window: .day, limitNanoUSD: 1)])
        }
        #expect(ledger.statuses(now: fixture.clock.now).map(\.rule) == rules)
        fixture.store.fail(nil)
        try ledger.flush()
        #expect(ledger.health.backlog == 0)
        #expect(ledger.health.backlogBytes == 0)
        #expect(try fixture.store.totals() == (250, 500))
        #expect(try fixture.store.differences(limit: 10) == [])
        try ledger.close()
    }

    @Test("Entries are applied behind, without being asked for, and a failing store is told once and tried again")
    func appliesBehind() throws {
        let store = ScriptedStore(fixture.store, failures: 2)
        var settings = LedgerFixture.quiet
        settings.applyInterval = .milliseconds(1)
        let ledger = try fixture.open(rules: rules, settings: settings, store: store)
        try ledger.spend(2, by: fixture.request("a"))
        store.applied.wait()
        #expect(try fixture.store.totals() == (1, 2))
        #expect(fixture.warnings.now.count { $0.contains("does not take entries") } == 1)
        try ledger.close()
    }

    @Test("A batch whose commit came through although it reported a failure is not applied twice")
    func commitIsUnknown() throws {
        let store = ScriptedStore(fixture.store, failures: 0, lostAnswers: 3)
        let ledger = try fixture.open(rules: rules, store: store)
        for call in 0..<250 { try ledger.spend(2, by: fixture.request("c\(call)")) }
        try ledger.flush()
        #expect(try fixture.store.totals() == (250, 500))
        #expect(try fixture.store.differences(limit: 10) == [])
        try ledger.close()
    }

    @Test("A journal that cannot be read for a while is read again from where it was")
    func journalIsUnreadable() throws {
        var settings = LedgerFixture.quiet
        settings.segmentLimit = 1000
        let ledger = try fixture.open(rules: rules, settings: settings)
        for call in 0..<10 {
            try ledger.spend(2, by: fixture.request("c\(call)"))
            try ledger.sync()
        }
        let middle = try #require(fixture.segments.dropFirst(2).first)
        let path = "\(fixture.folder)/\(middle)"
        let whole = try LedgerFixture.bytes(of: path)
        for damaged in [Array(whole.dropLast()), whole.map { $0 ^ 1 }] {
            try LedgerFixture.write(damaged, to: path)
            #expect(throws: LedgerFailure.self) { try ledger.flush() }
            #expect(try fixture.store.totals() == (0, 0), "entries before the damage wait for those after it")
        }
        try LedgerFixture.write(whole, to: path)
        try ledger.flush()
        #expect(try fixture.store.totals() == (10, 20))
        #expect(ledger.health.backlog == 0)
        #expect(ledger.health.backlogBytes == 0)
        try ledger.close()
    }

    @Test("When the journal holds as much as is allowed to wait, calls are refused until it is applied")
    func backlogIsBounded() throws {
        var settings = LedgerFixture.quiet
        settings.backlogLimit = 5000
        let ledger = try fixture.open(rules: rules, settings: settings)
        var refusal: GatewayFailure?
        var calls = 0
        while refusal == nil, calls < 100 {
            let request = fixture.request("c\(calls)", amount: 1)
            refusal = ledger.admit(request).failure
            if refusal == nil {
                try ledger.spend(1, by: fixture.request("d\(calls)"))
                calls += 1
            }
        }
        #expect(refusal?.kind == .ledgerUnavailable)
        #expect((5...20).contains(calls))
        try ledger.flush()
        #expect(ledger.admit(fixture.request("again")).id != nil)
        try ledger.close()
    }

    @Test("A rule for a scope that had none begins with all that was spent there, held or not applied yet")
    func newRules() throws {
        let ledger = try fixture.open(rules: rules)
        try ledger.spend(100, by: fixture.request("applied"))
        try ledger.flush()
        try ledger.spend(20, by: fixture.request("waiting"))
        let running = try #require(ledger.admit(fixture.request("running", amount: 3)).id)
        try ledger.dispatch(running, LedgerFixture.facts)
        try ledger.spend(7, by: fixture.request("other", service: "other"))
        let scope = BudgetScope(.service, "checkout")
        let rule = BudgetRule(name: "checkout", scope: scope, window: .day, limitNanoUSD: 1000)
        try ledger.update(rules: rules + [rule])
        var status = try #require(ledger.status("checkout", at: fixture.clock.now))
        #expect((status.spentNanoUSD, status.reservedNanoUSD) == (120, 3))
        ledger.settle(running, LedgerFixture.record("running", cost: 4))
        status = try #require(ledger.status("checkout", at: fixture.clock.now))
        #expect((status.spentNanoUSD, status.reservedNanoUSD) == (124, 0))
        #expect(ledger.status("team payments", at: fixture.clock.now)?.spentNanoUSD == 131)
        try ledger.update(rules: [.team(.month, 131)])
        #expect(ledger.statuses(now: fixture.clock.now).count == 1)
        #expect(ledger.admit(fixture.request("b", amount: 1)).failure?.kind == .budgetExceeded)
        try ledger.close()
    }

    @Test("Only one ledger has a folder, whose files are for their owner only")
    func folderIsLocked() throws {
        let ledger = try fixture.open(rules: rules)
        #expect(throws: LedgerFailure.folderInUse(fixture.folder)) { try fixture.open(rules: rules) }
        for name in LedgerFixture.names(in: fixture.folder) {
            var status = stat()
            #expect(stat("\(fixture.folder)/\(name)", &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600, "\(name)")
        }
        try ledger.close()
        try fixture.open(rules: rules).close()
    }

    @Test("A ledger that is dropped without being closed leaves the folder free, as a crash does")
    func dropped() throws {
        do {
            let ledger = try fixture.open(rules: rules)
            let id = try #require(ledger.admit(fixture.request("a", amount: 9)).id)
            try ledger.dispatch(id, LedgerFixture.facts)
        }
        let after = try fixture.open(rules: rules)
        #expect(after.health.unreconciled == 1)
        try after.close()
    }

    @Test("A closed ledger begins again where it was")
    func reopened() throws {
        for round in 1...5 {
            let ledger = try fixture.open(rules: rules)
            #expect(ledger.status("team payments", at: fixture.clock.now)?.spentNanoUSD == (round - 1) * 10)
            try ledger.spend(10, by: fixture.request("c\(round)"))
            try ledger.close()
        }
        #expect(fixture.warnings.now == [])
        #expect(try fixture.store.totals() == (5, 50))
    }
}

/// A store that fails a few times before it works: before its commit, or after it.
private final class ScriptedStore: LedgerStore {
    let applied = Wakeup()
    private let store: MemoryLedgerStore
    private let failures: Mutex<Int>
    private let lostAnswers: Mutex<Int>

    init(_ store: MemoryLedgerStore, failures: Int, lostAnswers: Int = 0) {
        self.store = store
        self.failures = Mutex(failures)
        self.lostAnswers = Mutex(lostAnswers)
    }

    func apply(_ batch: LedgerBatch) throws {
        guard !batch.entries.isEmpty else { return try store.apply(batch) }
        if Self.counts(failures) { throw PlainFailure("StoreIsAway", "The database is locked.") }
        try store.apply(batch)
        applied.signal()
        if Self.counts(lostAnswers) { throw PlainFailure("StoreIsAway", "The connection is lost.") }
    }

    private static func counts(_ number: borrowing Mutex<Int>) -> Bool {
        number.withLock { number in
            guard number > 0 else { return false }
            number -= 1
            return true
        }
    }

    func position() throws -> JournalPosition? { try store.position() }
    func balances(at now: Int) throws -> [Balance] { try store.balances(at: now) }
    func entries(after: (call: String, attempt: Int)?, limit: Int) throws -> [CallRecord] {
        try store.entries(after: after, limit: limit)
    }
    func reconcile(_ entry: CallRecord, increments: [Balance]) throws {
        try store.reconcile(entry, increments: increments)
    }
    func differences(limit: Int) throws -> [String] { try store.differences(limit: limit) }
    func totals() throws -> (entries: Int, nanoUSD: Int) { try store.totals() }
}

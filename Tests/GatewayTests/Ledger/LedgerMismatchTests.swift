import Domain
import Glibc
import Testing

@testable import Gateway

@Suite("Journals and databases that do not belong together")
struct LedgerMismatchTests {
    private let fixture = LedgerFixture()
    private let rules: [BudgetRule] = [.team(.month, 10_000)]

    private func spend(_ calls: Range<Int>, in fixture: LedgerFixture, segmentLimit: Int = 64 << 20) throws {
        var settings = LedgerFixture.quiet
        settings.segmentLimit = segmentLimit
        let ledger = try fixture.open(rules: rules, settings: settings)
        for call in calls {
            try ledger.spend(10, by: fixture.request("c\(call)"))
            try ledger.sync()
            if call % 4 == 0 { try ledger.flush() }
        }
        try ledger.close()
    }

    /// What the ledger says, in a fixture of the journal of one and the database of another.
    private func mismatch(_ journal: LedgerFixture, _ store: MemoryLedgerStore) throws -> String {
        let before = try journal.segments.map { try LedgerFixture.bytes(of: "\(journal.folder)/\($0)") }
        let failure = #expect(throws: LedgerFailure.self) { try journal.open(rules: rules, store: store) }
        let after = try journal.segments.map { try LedgerFixture.bytes(of: "\(journal.folder)/\($0)") }
        #expect(before == after, "nothing is changed")
        guard case .mismatch(_, let what) = failure else { return "no mismatch" }
        return what
    }

    @Test("A journal of another ledger is refused")
    func otherLedger() throws {
        try spend(0..<3, in: fixture)
        let other = LedgerFixture()
        // The first id that a fixture makes is the same for all: this one is its second.
        _ = try other.open(rules: rules)
        let failed = LedgerFixture(store: other.store)
        var settings = LedgerFixture.quiet
        settings.beginsNewJournal = true
        let store = MemoryLedgerStore()
        try store.apply(
            LedgerBatch(entries: [], increments: [], position: JournalPosition(ledger: "x", segment: 1, offset: 64)))
        try failed.open(rules: rules, settings: settings, store: store).close()
        #expect(try mismatch(fixture, store).contains("the database belongs to ledger 0000000000000000000000000000000"))
    }

    @Test("A database without its journal is refused")
    func journalIsGone() throws {
        try spend(0..<3, in: fixture)
        let what = try mismatch(LedgerFixture(), fixture.store)
        #expect(what == "the database has a ledger, but its journal is not there")
    }

    @Test("A database restored from a backup is refused if the journal no longer holds what it lacks")
    func databaseIsOlder() throws {
        try spend(0..<2, in: fixture, segmentLimit: 1000)
        let backup = MemoryLedgerStore(copying: fixture.store)
        let recent = try LedgerFixture.bytes(of: fixture.path(1))
        #expect(!recent.isEmpty)
        try spend(2..<40, in: fixture, segmentLimit: 1000)
        #expect(try mismatch(fixture, backup).contains("the database is older, as after restoring a backup"))
        #expect(try mismatch(fixture, MemoryLedgerStore()).contains("the database is new"))
    }

    @Test("A database restored from a backup catches up if the journal still holds what it lacks")
    func databaseCatchesUp() throws {
        try spend(0..<5, in: fixture)
        let backup = MemoryLedgerStore(copying: fixture.store)
        try spend(5..<9, in: fixture)
        for store in [backup, MemoryLedgerStore()] {
            let image = try fixture.crashed()
            let ledger = try image.open(rules: rules, store: store)
            #expect(ledger.status("team payments", at: image.clock.now)?.spentNanoUSD == 90)
            try ledger.close()
            #expect(try store.totals() == (9, 90))
            #expect(try store.differences(limit: 5) == [])
        }
    }

    @Test("A journal that is older than the database is refused")
    func journalIsOlder() throws {
        try spend(0..<3, in: fixture)
        let old = try fixture.crashed()
        try spend(3..<6, in: fixture)
        #expect(try mismatch(old, fixture.store).contains("it is older than the database"))
        try spend(6..<40, in: fixture, segmentLimit: 1000)
        #expect(try mismatch(old, fixture.store).contains("the journal is older"))
    }

    @Test("A missing segment in the middle is damage")
    func gap() throws {
        try spend(0..<40, in: fixture, segmentLimit: 1000)
        let image = try fixture.crashed()
        let last = try #require(image.segments.last)
        let number = try #require(Int(last.dropFirst(8).dropLast(4)))
        let missing = "\(image.folder)/\(last)"
        let next = missing.replacing("\(number).log", with: "\(number + 1).log")
        var bytes = try LedgerFixture.bytes(of: missing)
        let header = SegmentHeader(ledger: String(repeating: "0", count: 31) + "1", segment: number + 1)
        bytes.replaceSubrange(0..<64, with: header.bytes)
        try LedgerFixture.write(bytes, to: next)
        unlink(missing)
        #expect(throws: LedgerFailure.corrupt(path: missing, offset: 0, what: "the segment is missing")) {
            try image.open(rules: rules)
        }
    }

    @Test("A new journal is begun only where it was asked for; balances stay, and old segments are set aside")
    func newJournal() throws {
        try spend(0..<3, in: fixture)
        let store = MemoryLedgerStore(copying: fixture.store)
        try spend(3..<6, in: fixture)
        let old = try fixture.crashed()
        var damaged = try LedgerFixture.bytes(of: old.path(1))
        damaged[80] ^= 1
        try LedgerFixture.write(damaged, to: old.path(1))
        var settings = LedgerFixture.quiet
        settings.beginsNewJournal = true
        let ledger = try old.open(rules: rules, settings: settings, store: store)
        #expect(ledger.status("team payments", at: old.clock.now)?.spentNanoUSD == 30)
        let aside = try #require(LedgerFixture.names(in: old.folder).first { $0.hasPrefix("aside-") })
        #expect(try LedgerFixture.bytes(of: "\(old.folder)/\(aside)") == damaged)
        try ledger.spend(5, by: old.request("new"))
        try ledger.close()
        #expect(try store.totals() == (4, 35))
        // From then on the two belong together, with the setting and without it.
        for settings in [settings, LedgerFixture.quiet] {
            let again = try old.open(rules: rules, settings: settings, store: store)
            #expect(again.status("team payments", at: old.clock.now)?.spentNanoUSD == 35)
            try again.close()
        }
        #expect(LedgerFixture.names(in: old.folder).count { $0.hasPrefix("aside-") } == 1)
    }

    @Test("A journal of a later version is refused as such")
    func laterVersion() throws {
        try spend(0..<1, in: fixture)
        var bytes = try LedgerFixture.bytes(of: fixture.path(1))
        bytes[8] = 2
        let checksum = bytes.prefix(52).withUnsafeBytes(CRC32C.checksum)
        withUnsafeBytes(of: checksum.littleEndian) { bytes.replaceSubrange(52..<56, with: $0) }
        try LedgerFixture.write(bytes, to: fixture.path(1))
        #expect(throws: LedgerFailure.newer(path: fixture.path(1), version: 2)) { try fixture.open(rules: rules) }
    }
}

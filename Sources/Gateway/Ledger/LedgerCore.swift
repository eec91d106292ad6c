import Glibc
import Synchronization

/// The ledger's memory and its journal, under one lock: what is decided and what is written never differ.
final class LedgerCore: Sendable {
    struct Contents {
        var state: LedgerState
        var writer: JournalWriter
        /// Entries that are worth a transaction at once.
        let batchLimit: Int
        /// The size at which the next segment is begun.
        var segmentLimit: Int
        /// Settlements that the journal did not take; they go before anything else.
        var unwritten: [JournalRecord] = []
        /// Everything before it is on the disk.
        var synced: JournalPosition
        /// Whom to tell that everything until now is on the disk, or will not be.
        var waiting: [@Sendable (GatewayFailure?) -> Void] = []
        /// Whether the last segment's file has failed to reach the disk: what is in it can no longer be relied on.
        var hasLostSync = false
        var isClosed = false
        var health = LedgerHealth()
        /// Whether the threads know that there is work.
        var syncIsDue = false
        var applyIsDue = false
        /// To be told once the lock is free.
        var notices: [String] = []
        var wakesSync = false
        var wakesApply = false
        var hurriesApply = false
    }

    /// Settlements that may wait for the journal; more calls are refused before there are more.
    static let unwrittenLimit = 10_000

    let settings: LedgerSettings
    let effects: LedgerEffects
    let system: JournalSystem
    let folder: JournalFolder
    let syncWakeup = Wakeup()
    let applyWakeup = Wakeup()
    /// Ends a pause of the applier.
    let applyHurry = Wakeup()
    private let contents: Mutex<Contents>
    /// One sync at a time.
    private let syncing = Mutex(())

    init(contents: sending Contents, settings: LedgerSettings, effects: LedgerEffects, system: JournalSystem) {
        self.settings = settings
        self.effects = effects
        self.system = system
        folder = contents.writer.folder
        self.contents = Mutex(contents)
    }

    /// Works on the contents; threads are woken and notices told after the lock is free.
    func withContents<Value: Sendable, E: Error>(_ body: (inout Contents) throws(E) -> Value) throws(E) -> Value {
        var notices: [String] = []
        var wakesSync = false
        var wakesApply = false
        var hurriesApply = false
        defer {
            if wakesSync { syncWakeup.signal() }
            if wakesApply { applyWakeup.signal() }
            if hurriesApply { applyHurry.signal() }
            for notice in notices { effects.warn(notice) }
        }
        return try contents.withLock { (contents) throws(E) in
            defer {
                if !contents.notices.isEmpty { swap(&notices, &contents.notices) }
                wakesSync = contents.wakesSync
                wakesApply = contents.wakesApply
                hurriesApply = contents.hurriesApply
                contents.wakesSync = false
                contents.wakesApply = false
                contents.hurriesApply = false
            }
            return try body(&contents)
        }
    }

    /// Brings what is in the journal to the disk, and begins a new segment where it is time.
    ///
    /// `force` is for the applier, before whose work the journal must not fall behind in a loss of power.
    func synchronize(force: Bool) throws(ErrorNumber) {
        var waiting: [@Sendable (GatewayFailure?) -> Void] = []
        let error = syncing.withLock { _ in synchronize(force: force, waiting: &waiting) }
        for tell in waiting { tell(error.map { _ in Refusal.journalFails }) }
        if let error { throw error }
    }

    private func synchronize(force: Bool, waiting: inout [@Sendable (GatewayFailure?) -> Void]) -> ErrorNumber? {
        let (isDue, hasLostSync) = withContents { contents in
            contents.writeUnwritten()
            return (contents.writer.offset >= contents.segmentLimit, contents.hasLostSync)
        }
        do throws(ErrorNumber) {
            if isDue || hasLostSync { try beginSegment(after: hasLostSync) }
        } catch {
            if hasLostSync {
                waiting = withContents { $0.takeWaiting() }
                return error
            }
            withContents { $0.segmentFails(error) }
        }
        guard force || settings.sync != .process else {
            withContents { $0.syncIsDue = false }
            return nil
        }
        let (file, position) = withContents { contents in
            contents.syncIsDue = false
            waiting = contents.takeWaiting()
            return (contents.writer.file, contents.writer.position)
        }
        do throws(ErrorNumber) {
            try system.syncAll(file)
        } catch {
            withContents { $0.syncFails(error) }
            return error
        }
        withContents { $0.synced = position }
        return nil
    }

    private func beginSegment(after hasLostSync: Bool) throws(ErrorNumber) {
        let (file, number, ledger) = withContents { contents in
            (contents.writer.file, contents.writer.segment + 1, contents.writer.ledger)
        }
        // Most of the old segment goes to the disk before the new one is there, and without the lock.
        if !hasLostSync { try system.syncAll(file) }
        let prepared = try PreparedSegment(number, of: ledger, in: folder, system: system)
        let old: Int32
        do throws(ErrorNumber) {
            old = try withContents { (contents) throws(ErrorNumber) in
                defer { contents.segmentLimit = settings.segmentLimit }
                return try contents.begin(prepared)
            }
        } catch {
            prepared.discard(in: folder)
            throw error
        }
        defer { close(old) }
        // A file that failed once reports success later, so what it says then is not asked for.
        guard !hasLostSync else { return }
        do throws(ErrorNumber) {
            try system.syncAll(old)
        } catch {
            withContents { $0.syncFails(error) }
        }
    }
}

extension LedgerCore.Contents {
    /// Appends a record; false if the journal does not take it.
    mutating func append(_ record: JournalRecord) -> Bool {
        writeUnwritten()
        guard unwritten.isEmpty, !hasLostSync else { return false }
        return write(record)
    }

    /// Appends a record, now or as soon as the journal takes it again.
    mutating func appendSooner(_ record: JournalRecord) {
        writeUnwritten()
        if unwritten.isEmpty, write(record) { return }
        unwritten.append(record)
        dueForSync()
    }

    /// Whether something waits that only a later sync can bring to the disk.
    var needsAnotherSync: Bool { !unwritten.isEmpty || hasLostSync }

    /// Appends what waits.
    mutating func writeUnwritten() {
        guard !unwritten.isEmpty else { return }
        var written = 0
        while written < unwritten.count, write(unwritten[written]) { written += 1 }
        unwritten.removeFirst(written)
    }

    private mutating func write(_ record: JournalRecord) -> Bool {
        do throws(ErrorNumber) {
            try writer.append(record)
        } catch {
            journalFails(error)
            return false
        }
        if case .entry = record { countEntries(1) }
        dueForSync()
        if !hasLostSync { journalWorks() }
        return true
    }

    /// Goes on in a new segment, with all that must not be only in the old one.
    fileprivate mutating func begin(_ prepared: PreparedSegment) throws(ErrorNumber) -> Int32 {
        let open = state.dispatched.map { JournalRecord.dispatch($0.reserved, $0.facts) }
        let old = try writer.begin(prepared, carrying: open + unwritten)
        for case .entry in unwritten { countEntries(1) }
        unwritten = []
        hasLostSync = false
        journalWorks()
        return old
    }

    /// Counts entries that wait for the store.
    mutating func countEntries(_ count: Int) {
        health.backlog += count
        if health.backlog == batchLimit { hurriesApply = true }
        guard count > 0, !applyIsDue else { return }
        applyIsDue = true
        wakesApply = true
    }

    private mutating func dueForSync() {
        guard !syncIsDue else { return }
        syncIsDue = true
        wakesSync = true
    }

    private mutating func journalFails(_ error: ErrorNumber) {
        guard health.journalError != error.text else { return }
        health.journalError = error.text
        notices.append(
            "the ledger's journal cannot be written, calls are refused: "
                + "\(writer.folder.path(ofSegment: writer.segment)): \(error.text)")
    }

    private mutating func journalWorks() {
        guard health.journalError != nil else { return }
        health.journalError = nil
        notices.append("the ledger's journal can be written again")
    }

    /// A segment's file did not get to the disk: what is open goes into a new one before any call goes on.
    fileprivate mutating func syncFails(_ error: ErrorNumber) {
        hasLostSync = true
        journalFails(error)
    }

    /// A new segment could not be made: the old one grows on for a while.
    fileprivate mutating func segmentFails(_ error: ErrorNumber) {
        segmentLimit = writer.offset + (1 << 20)
        notices.append(
            "the ledger's journal cannot begin \(writer.folder.path(ofSegment: writer.segment + 1)): \(error.text)")
    }

    fileprivate mutating func takeWaiting() -> [@Sendable (GatewayFailure?) -> Void] {
        defer { waiting = [] }
        return waiting
    }
}

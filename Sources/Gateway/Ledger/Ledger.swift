/// Knows what may be spent and what was: the authority of every budget, and the journal of every call.
///
/// A call is admitted (its highest cost is held in all its budgets), dispatched (journaled before its first byte goes
/// upstream) and settled (its real cost is committed) or given up. All of it is decided in memory under one lock and
/// written to the journal under the same lock; a thread brings entries into the store behind. Everything here may be
/// called from event loops, except ``update(rules:)``, ``flush()`` and ``close()``, which block.
///
/// After a crash, what was admitted but not dispatched never was; what was dispatched but not settled is committed at
/// its whole reservation and flagged `unreconciled`.
package final class Ledger: Sendable {
    private let core: LedgerCore
    private let applier: LedgerApplier
    private let threads: LedgerThreads

    /// Opens the journal in `folder`, makes good what the last process left, and begins to apply entries.
    ///
    /// The folder is made if need be and locked against others. Throws a ``LedgerFailure`` if it is in use, damaged, or
    /// does not belong to the store's database; then nothing is changed.
    package convenience init(
        folder: String, rules: [BudgetRule], store: any LedgerStore, settings: LedgerSettings = LedgerSettings(),
        effects: LedgerEffects
    ) throws {
        try self.init(
            folder: folder, rules: rules, store: store, settings: settings, effects: effects, system: .live)
    }

    init(
        folder: String, rules: [BudgetRule], store: any LedgerStore, settings: LedgerSettings, effects: LedgerEffects,
        system: JournalSystem
    ) throws {
        let opened = try OpenedJournal(
            folder: folder, rules: rules, store: store, settings: settings, effects: effects, system: system)
        core = LedgerCore(contents: opened.contents, settings: settings, effects: effects, system: system)
        applier = LedgerApplier(core: core, store: store, position: opened.applied, oldest: opened.oldest)
        threads = LedgerThreads(core: core, applier: applier)
    }

    // MARK: Calls

    /// Lets a call through if all its budgets and rates allow it, and then holds its amount in all of them.
    package func admit(_ request: AdmissionRequest) -> Admission {
        core.withContents { contents in
            if let refusal = contents.refusal(of: request.attribution, core.settings) { return .refused(refusal) }
            return contents.state.admit(request)
        }
    }

    /// Journals that the first byte goes upstream now; throws if it must not.
    ///
    /// A second dispatch of the same reservation changes nothing. With `LedgerSettings.Sync.each` this waits for the
    /// disk; event loops use ``dispatch(_:_:whenDurable:)`` then.
    package func dispatch(_ id: ReservationID, _ facts: DispatchFacts) throws(GatewayFailure) {
        try core.withContents { (contents) throws(GatewayFailure) in
            try contents.dispatch(id, facts, core.settings)
        }
        guard core.settings.sync == .each else { return }
        do throws(ErrorNumber) {
            try core.synchronize(force: true)
        } catch {
            throw Refusal.journalFails
        }
    }

    /// Journals that the first byte goes upstream as soon as `whenDurable` is called without a failure.
    ///
    /// Without `LedgerSettings.Sync.each` it is called at once; else from the thread that syncs, for all dispatches
    /// since its last turn together. After a failure the reservation is still open, to be given up.
    package func dispatch(
        _ id: ReservationID, _ facts: DispatchFacts, whenDurable: @escaping @Sendable (GatewayFailure?) -> Void
    ) throws(GatewayFailure) {
        let waits = core.settings.sync == .each
        try core.withContents { (contents) throws(GatewayFailure) in
            try contents.dispatch(id, facts, core.settings)
            if waits { contents.waiting.append(whenDurable) }
        }
        if !waits { whenDurable(nil) }
    }

    /// Holds more for a running call, so that it may go on; `nil` if that is granted.
    package func extend(
        _ id: ReservationID, byNanoUSD amount: Int, outputTokens: Int, now: Int
    ) -> GatewayFailure? {
        core.withContents { $0.extend(id, by: amount, outputTokens: outputTokens, now: now, core.settings) }
    }

    /// Commits what an attempt cost, even if it is more than was held.
    ///
    /// `call`, `attempt`, `attribution`, `start` and `reservedNanoUSD` of the entry are those of the reservation. A
    /// second settlement changes nothing; one with another amount is counted as a conflict and reported.
    package func settle(_ id: ReservationID, _ record: CallRecord) {
        core.withContents { contents in
            let settlement = contents.state.settle(id, record)
            contents.keep(settlement, serial: id.serial)
        }
    }

    /// Gives up a reservation whose bytes never reached a provider; of no effect if it has ended.
    package func void(_ id: ReservationID) {
        core.withContents { contents in
            guard case .void(let serial) = contents.state.void(id) else { return }
            contents.appendSooner(.void(serial: serial))
        }
    }

    /// Adds an entry without a reservation: a cache hit, which costs nothing.
    ///
    /// A failure says that the ledger takes nothing at the moment, so that the answer should not be given.
    @discardableResult
    package func record(_ entry: CallRecord) -> GatewayFailure? {
        core.withContents { contents in
            if let refusal = contents.refusal(of: entry.attribution, core.settings) { return refusal }
            contents.keep(contents.state.record(entry), serial: 0)
            return nil
        }
    }

    // MARK: Administration

    /// Replaces the configured rules; balances of scopes that had none are read from the store.
    ///
    /// If the store is away, it throws and the old rules stay.
    package func update(rules: [BudgetRule]) throws {
        let isKnown = core.withContents { contents in
            guard contents.state.unwatched(in: rules).isEmpty else { return false }
            contents.state.setRules(rules)
            return true
        }
        guard !isKnown else { return }
        try applier.withBalances(at: core.effects.now()) { contents, balances, entries in
            for scope in contents.state.unwatched(in: rules) {
                contents.state.watch(scope, balances: balances, entries: entries)
            }
            contents.state.setRules(rules)
        }
    }

    /// Budgets as they stand: those of the configuration in its order, then those of keys that have called.
    package func statuses(now: Int) -> [BudgetStatus] {
        core.withContents { $0.state.statuses(at: now) }
    }

    package var health: LedgerHealth {
        core.withContents { contents in
            var health = contents.health
            health.journalBytes = contents.writer.appendedBytes
            health.backlogBytes += contents.writer.appendedBytes
            health.open = contents.state.openCount
            health.dispatched = contents.state.dispatchedCount
            health.unwritten = contents.unwritten.count
            health.conflicts = contents.state.conflicts
            health.clockSteps = contents.state.clockSteps
            return health
        }
    }

    /// Waits until every entry so far is in the store; throws what keeps it from that.
    package func flush() throws {
        try applier.drain()
    }

    /// Brings what is in the journal to the disk, and begins a new segment if it is time: what a thread does behind.
    func sync() throws(ErrorNumber) {
        try core.synchronize(force: true)
    }

    /// Takes no more calls, brings everything to the disk and the store, and frees the folder.
    ///
    /// If the store is away, it throws after the rest is done; the entries wait in the journal for the next start.
    /// Reservations that are still dispatched then count as after a crash.
    package func close() throws {
        let wasClosed = core.withContents { contents in
            defer { contents.isClosed = true }
            return contents.isClosed
        }
        guard !wasClosed else { return }
        threads.stop()
        defer { core.closeFiles() }
        let sync = Result { () throws(ErrorNumber) in try core.synchronize(force: true) }
        try applier.drain()
        if case .failure(let error) = sync {
            throw LedgerFailure.system(path: core.folder.path, doing: "brought to the disk", reason: error.text)
        }
    }

    deinit {
        // Without close() it ends as a crash would; but it leaves no thread behind.
        if !core.withContents({ $0.isClosed }) {
            threads.stop()
            core.closeFiles()
        }
    }
}

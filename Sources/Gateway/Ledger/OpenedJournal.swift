import Glibc

/// A journal that was opened, with the memory that goes with it: what ``Ledger`` starts from.
struct OpenedJournal {
    let contents: LedgerCore.Contents
    /// Everything before it is in the store.
    let applied: JournalPosition
    /// The first segment that is there.
    let oldest: Int

    init(
        folder path: String, rules: [BudgetRule], store: any LedgerStore, settings: LedgerSettings,
        effects: LedgerEffects, system: JournalSystem
    ) throws {
        let folder = try JournalFolder(path)
        do {
            do {
                self =
                    try Self.continued(folder, rules, store, settings, effects, system)
                    ?? Self.new(folder, rules, store, settings, effects, system)
            } catch let failure as LedgerFailure where failure.isSolvedByNewJournal && settings.beginsNewJournal {
                effects.warn("a new journal of the ledger is begun: \(failure.message)")
                let word = String(effects.newLedgerID().prefix(8))
                for number in try folder.segments() { try folder.setAside(number, as: word) }
                self = try Self.new(folder, rules, store, settings, effects, system)
            }
        } catch {
            folder.unlock()
            throw error
        }
    }

    private init(contents: LedgerCore.Contents, applied: JournalPosition, oldest: Int) {
        self.contents = contents
        self.applied = applied
        self.oldest = oldest
    }

    /// A journal without records; `nil` never, so that it can follow ``continued``.
    private static func new(
        _ folder: JournalFolder, _ rules: [BudgetRule], _ store: any LedgerStore, _ settings: LedgerSettings,
        _ effects: LedgerEffects, _ system: JournalSystem
    ) throws -> Self {
        let state = try memory(rules, store, effects)
        let ledger = effects.newLedgerID()
        let segment: PreparedSegment
        do throws(ErrorNumber) {
            segment = try PreparedSegment(1, of: ledger, in: folder, system: system)
        } catch {
            throw LedgerFailure.system(path: folder.path(ofSegment: 1), doing: "made", reason: error.text)
        }
        let start = JournalPosition(ledger: ledger, segment: 1, offset: SegmentHeader.size)
        // From now on the database belongs to this journal.
        do {
            try store.apply(LedgerBatch(entries: [], increments: [], position: start))
        } catch {
            segment.discard(in: folder)
            throw error
        }
        let writer = JournalWriter(
            folder: folder, ledger: ledger, segment: 1, offset: SegmentHeader.size, file: segment.file, system: system)
        let contents = LedgerCore.Contents(
            state: state, writer: writer, batchLimit: settings.batchLimit, segmentLimit: settings.segmentLimit,
            synced: start)
        return Self(contents: contents, applied: start, oldest: 1)
    }

    /// The journal that is in the folder, with what the last process left made good; `nil` if there is none.
    private static func continued(
        _ folder: JournalFolder, _ rules: [BudgetRule], _ store: any LedgerStore, _ settings: LedgerSettings,
        _ effects: LedgerEffects, _ system: JournalSystem
    ) throws -> Self? {
        let position = try store.position()
        guard let segments = try JournalSegments(in: folder) else {
            guard position == nil else {
                throw LedgerFailure.mismatch(
                    folder: folder.path, what: "the database has a ledger, but its journal is not there")
            }
            return nil
        }
        let applied = try start(in: segments, after: position, of: folder)
        var state = try memory(rules, store, effects)
        let replay = try JournalReplay(segments, in: folder, after: applied) { entry in
            state.post(entry.amountNanoUSD ?? 0, of: entry.attribution, at: entry.time)
        }
        state.skipSerials(to: replay.lastSerial)
        let file = try folder.open(replay.end.segment, forWriting: true)
        let writer = JournalWriter(
            folder: folder, ledger: segments.ledger, segment: replay.end.segment, offset: replay.end.offset, file: file,
            system: system)
        var contents = LedgerCore.Contents(
            state: state, writer: writer, batchLimit: settings.batchLimit, segmentLimit: settings.segmentLimit,
            synced: applied)
        contents.health.backlogBytes = replay.bytes
        contents.countEntries(replay.entries)
        do {
            try contents.keepUnreconciled(replay.unreconciled())
        } catch {
            close(file)
            throw error
        }
        return Self(contents: contents, applied: applied, oldest: segments.numbers.lowerBound)
    }

    /// Where the store ends within the journal.
    private static func start(
        in segments: JournalSegments, after position: JournalPosition?, of folder: JournalFolder
    ) throws -> JournalPosition {
        guard let position else {
            guard segments.numbers.lowerBound == 1 else {
                throw LedgerFailure.mismatch(
                    folder: folder.path,
                    what: "the database is new, but the journal's first segments were applied to another one")
            }
            return JournalPosition(ledger: segments.ledger, segment: 1, offset: SegmentHeader.size)
        }
        let what: String? =
            if position.ledger != segments.ledger {
                "the database belongs to ledger \(position.ledger), the journal to \(segments.ledger)"
            } else if position.segment < segments.numbers.lowerBound {
                "the database holds entries up to segment \(position.segment), but the journal begins with segment "
                    + "\(segments.numbers.lowerBound); the database is older, as after restoring a backup"
            } else if position.segment > segments.numbers.upperBound {
                "the database holds entries up to segment \(position.segment), but the journal ends with segment "
                    + "\(segments.numbers.upperBound); the journal is older"
            } else {
                nil
            }
        if let what { throw LedgerFailure.mismatch(folder: folder.path, what: what) }
        return position
    }

    /// A state with the rules and what the store has committed.
    private static func memory(
        _ rules: [BudgetRule], _ store: any LedgerStore, _ effects: LedgerEffects
    ) throws -> LedgerState {
        let now = effects.now()
        var state = LedgerState(now: now)
        state.setRules(rules)
        for balance in try store.balances(at: now) { state.load(balance) }
        return state
    }
}

extension LedgerFailure {
    /// Whether the ledger can go on with the database alone.
    fileprivate var isSolvedByNewJournal: Bool {
        switch self {
        case .corrupt, .mismatch: true
        case .folderInUse, .system, .newer, .closed: false
        }
    }
}

extension LedgerCore.Contents {
    /// Bills the calls whose end was not seen, as entries that are settled again by a person or a job later.
    fileprivate mutating func keepUnreconciled(_ calls: [(serial: Int, entry: CallRecord)]) throws(LedgerFailure) {
        for (serial, entry) in calls {
            guard append(.entry(serial: serial, entry)) else {
                throw .system(
                    path: writer.folder.path(ofSegment: writer.segment), doing: "written",
                    reason: health.journalError ?? "unknown")
            }
            state.post(entry.spentNanoUSD, of: entry.attribution, at: entry.start)
        }
        health.unreconciled = calls.count
        guard !calls.isEmpty else { return }
        notices.append(
            "\(calls.count) calls had no end when the last process ended; they are billed at their whole reservations "
                + "and marked unreconciled: `pawang ledger list` shows them, `pawang ledger reconcile` corrects them")
    }
}

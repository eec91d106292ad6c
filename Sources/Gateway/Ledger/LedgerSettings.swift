/// How the ledger keeps what it is told.
package struct LedgerSettings: Sendable, Hashable {
    /// What a dispatch has survived when it returns.
    ///
    /// All survive the end of the process at any moment (kill -9). They differ in what a loss of power may take.
    package enum Sync: String, Sendable, Hashable, CaseIterable {
        /// Whatever the system has not written yet: seconds.
        case process
        /// At most what came in the last `syncInterval` and was not applied to the store.
        case interval
        /// Nothing: a dispatch is on the disk before its first byte goes upstream.
        case each
    }

    package var sync = Sync.interval
    package var syncInterval = Duration.milliseconds(50)
    /// The longest an entry waits for others before it is applied to the store.
    package var applyInterval = Duration.milliseconds(100)
    /// Entries in one transaction.
    package var batchLimit = 1000
    /// Bytes after which a new segment of the journal is begun.
    package var segmentLimit = 64 << 20
    /// Bytes that may wait in the journal while the store is away; beyond them admission is refused.
    package var backlogLimit = 1 << 30
    /// Scopes whose calls are let through while the journal cannot be written.
    ///
    /// Their entries are lost if the process ends before it can be written again. Empty: the ledger fails closed.
    package var failOpenScopes: Set<BudgetScope> = []
    /// Whether a database whose journal is lost or belongs to another ledger is taken as it is, and a new journal begun.
    ///
    /// Segments that do not belong to it are set aside, not removed.
    package var beginsNewJournal = false

    package init() {}
}

/// What the ledger needs of the world, and whom it tells.
package struct LedgerEffects: Sendable {
    /// Nanoseconds since 1970.
    package var now: @Sendable () -> Int
    /// Something an operator should know, in a sentence without prompts, answers or secrets.
    ///
    /// A conflicting settlement, a journal or store that fails and one that works again, calls that were not finished.
    /// Called from event loops: must not block.
    package var warn: @Sendable (String) -> Void
    /// 128 random bits as 32 hexadecimal digits: the id of a new ledger.
    package var newLedgerID: @Sendable () -> String

    package init(
        now: @escaping @Sendable () -> Int, warn: @escaping @Sendable (String) -> Void,
        newLedgerID: @escaping @Sendable () -> String = LedgerEffects.randomID
    ) {
        self.now = now
        self.warn = warn
        self.newLedgerID = newLedgerID
    }

    /// 32 random hexadecimal digits.
    package static func randomID() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

/// How the ledger is doing.
package struct LedgerHealth: Sendable, Hashable {
    /// Entries in the journal that are not in the store yet.
    package var backlog = 0
    /// Bytes of the journal that are not in the store yet.
    package var backlogBytes = 0
    /// Bytes written to the journal since the start.
    package var journalBytes = 0
    /// Reservations that are open, and those of them that were dispatched.
    package var open = 0
    package var dispatched = 0
    /// Settlements that wait because the journal cannot be written.
    package var unwritten = 0
    /// Settlements that contradicted an earlier one of the same attempt.
    package var conflicts = 0
    /// Entries that the last start kept at their whole reservation.
    package var unreconciled = 0
    /// How often the clock went back by more than a second.
    package var clockSteps = 0
    /// What does not work at the moment; `nil` if all does.
    package var journalError: String?
    package var storeError: String?

    package init() {}
}

/// A place in the journal: everything before it is in the store.
package struct JournalPosition: Sendable, Hashable {
    /// The ledger the journal belongs to: 32 hexadecimal digits.
    package var ledger: String
    /// The journal's segment, from 1.
    package var segment: Int
    /// Bytes into it.
    package var offset: Int

    package init(ledger: String, segment: Int, offset: Int) {
        self.ledger = ledger
        self.segment = segment
        self.offset = offset
    }
}

/// What was spent in one scope and window.
package struct Balance: Sendable, Hashable {
    package var scope: BudgetScope
    package var window: BudgetWindow
    /// The window's first nanosecond since 1970; 0 for `total`.
    package var start: Int
    package var spentNanoUSD: Int
    package var inputTokens: Int
    package var outputTokens: Int
    package var calls: Int

    package init(
        scope: BudgetScope, window: BudgetWindow, start: Int, spentNanoUSD: Int, inputTokens: Int = 0,
        outputTokens: Int = 0, calls: Int = 0
    ) {
        self.scope = scope
        self.window = window
        self.start = start
        self.spentNanoUSD = spentNanoUSD
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.calls = calls
    }
}

/// What one transaction adds to the store.
package struct LedgerBatch: Sendable {
    /// Entries by (call, attempt); one that is there already is left as it is.
    package var entries: [CallRecord]
    /// What is added to balances: each member of `Balance` but the key is an increment.
    package var increments: [Balance]
    /// The journal's place after the last entry.
    package var position: JournalPosition

    package init(entries: [CallRecord], increments: [Balance], position: JournalPosition) {
        self.entries = entries
        self.increments = increments
        self.position = position
    }
}

/// Keeps entries, their spans and balances.
///
/// Blocking; called from one writer thread.
package protocol LedgerStore: Sendable {
    /// Adds a batch in one transaction: entries, one span for each, increments and the position.
    func apply(_ batch: LedgerBatch) throws
    /// The position of the last batch, or `nil` if there was none.
    func position() throws -> JournalPosition?
    /// Balances of windows that have not ended at `now` (nanoseconds since 1970), all of `total` included.
    func balances(at now: Int) throws -> [Balance]
    /// Entries in order of (call, attempt), starting after `after`.
    func entries(after: (call: String, attempt: Int)?, limit: Int) throws -> [CallRecord]
    /// Replaces an unreconciled entry and adds the difference to its balances, in one transaction.
    func reconcile(_ entry: CallRecord, increments: [Balance]) throws
    /// Compares entries with balances and spans, and says each difference in a sentence; none means that they agree.
    func differences(limit: Int) throws -> [String]
    /// Entries and their sum in nano-dollars.
    func totals() throws -> (entries: Int, nanoUSD: Int)
}

/// What is read, not counted, when metrics are asked for.
package struct TrafficGauges: Sendable {
    /// A budget's state.
    package struct Budget: Sendable, Hashable {
        /// The rule's name.
        package var name: String
        package var scopeKind: String
        package var scopeName: String
        package var window: String
        package var limitNanoUSD: Int
        package var spentNanoUSD: Int
        package var reservedNanoUSD: Int
        /// Nanoseconds since 1970; `nil` for `total`.
        package var resets: Int?

        package init(
            name: String, scopeKind: String, scopeName: String, window: String, limitNanoUSD: Int, spentNanoUSD: Int,
            reservedNanoUSD: Int, resets: Int?
        ) {
            self.name = name
            self.scopeKind = scopeKind
            self.scopeName = scopeName
            self.window = window
            self.limitNanoUSD = limitNanoUSD
            self.spentNanoUSD = spentNanoUSD
            self.reservedNanoUSD = reservedNanoUSD
            self.resets = resets
        }
    }

    package var budgets: [Budget] = []
    /// Reservations that are not settled yet.
    package var openReservations = 0
    /// Entries that the ledger has in its journal but not in the database.
    package var ledgerBacklog = 0
    package var ledgerJournalBytes = 0
    /// Entries whose amount is the upper bound of a call that a crash cut off.
    package var ledgerUnreconciled = 0
    /// Settlements that disagreed with an earlier one of the same attempt.
    package var ledgerConflicts = 0
    package var isLedgerHealthy = true
    /// The state of a target: whether it is left alone after a failure, and calls under way.
    package var targets: [(model: String, target: String, isCooling: Bool, inFlight: Int)] = []
    package var cache = AnswerCache.Statistics()
    package var connections = 0
    /// Nanoseconds since 1970.
    package var started = 0
    /// The configuration's generation, and when it was loaded.
    package var configurationGeneration = 0
    package var version = ""
    package var process: ProcessUsage?

    package init() {}
}

/// What the process takes of the machine.
package struct ProcessUsage: Sendable, Hashable {
    /// Processor time, user and system.
    package var cpuNanoseconds: Int
    package var residentBytes: Int
    package var openDescriptors: Int

    package init(cpuNanoseconds: Int, residentBytes: Int, openDescriptors: Int) {
        self.cpuNanoseconds = cpuNanoseconds
        self.residentBytes = residentBytes
        self.openDescriptors = openDescriptors
    }
}

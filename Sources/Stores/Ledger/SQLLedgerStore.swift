import Domain
package import Gateway

/// Entries of the ledger, their spans and balances.
///
/// Entries are numbered in the order of their coming; the number joins an entry with its span.
package struct SQLLedgerStore: LedgerStore {
    let database: any SQLDatabase

    package init(_ database: some SQLDatabase) { self.database = database }

    /// Adds a batch in one transaction.
    ///
    /// It may be called again when it is not known whether it was committed: increments of entries that are there
    /// already are taken back, so that balances stay the sums of entries, and the position never goes back.
    package func apply(_ batch: LedgerBatch) throws {
        try database.write { connection in
            let isNew = try Self.isNew(batch.position, connection)
            let present = try Self.add(batch.entries, connection)
            var increments = batch.increments
            if !present.isEmpty { increments += Balance.increments(of: present).map(\.negated) }
            try Self.add(increments, connection)
            if isNew { try Self.store(batch.position, connection) }
        }
    }

    package func position() throws -> JournalPosition? {
        try database.read(Self.position)
    }

    package func balances(at now: Int) throws -> [Balance] {
        try database.read { connection in
            try BudgetWindow.allCases.flatMap { window in
                try connection.query(
                    "SELECT \(LedgerRows.balanceColumns.joined(separator: ", ")) FROM balances WHERE window_kind = ? AND start_ns >= ? ORDER BY scope_kind, scope_name, start_ns",
                    [.text(window.rawValue), .int(window.start(at: now))]
                ).map(LedgerRows.balance)
            }
        }
    }

    package func entries(after: (call: String, attempt: Int)?, limit: Int) throws -> [CallRecord] {
        try database.read { connection in
            try connection.query(
                "SELECT \(LedgerRows.selected) FROM ledger_entries WHERE (call, attempt) > (?, ?) ORDER BY call, attempt LIMIT ?",
                [.foreign(after?.call ?? ""), .int(after?.attempt ?? 0), .int(limit)]
            ).map(LedgerRows.entry)
        }
    }

    package func totals() throws -> (entries: Int, nanoUSD: Int) {
        try database.read { connection in
            // PostgreSQL's sum of 64-bit integers is a NUMERIC.
            let rows = try connection.query(
                "SELECT COUNT(*), CAST(COALESCE(SUM(cost_nano_usd), 0) AS BIGINT) FROM ledger_entries")
            guard let row = rows.first else { return (0, 0) }
            return (try row.int(0), try row.int(1))
        }
    }

    /// The attempts of a call, the first one first.
    package func entries(of call: String) throws -> [CallRecord] {
        try database.read { connection in
            try connection.query(
                "SELECT \(LedgerRows.selected) FROM ledger_entries WHERE call = ? ORDER BY attempt", [.foreign(call)]
            ).map(LedgerRows.entry)
        }
    }

    /// The entries that came last, the last one first; only unreconciled ones if asked for.
    package func latest(limit: Int, onlyUnreconciled: Bool = false) throws -> [CallRecord] {
        try database.read { connection in
            try connection.query(
                "SELECT \(LedgerRows.selected) FROM ledger_entries\(onlyUnreconciled ? " WHERE basis = 'unreconciled'" : "") ORDER BY entry DESC LIMIT ?",
                [.int(limit)]
            ).map(LedgerRows.entry)
        }
    }
}

extension SQLLedgerStore {
    private static func isNew(_ position: JournalPosition, _ connection: any SQLConnection) throws -> Bool {
        // Writers of several processes wait for each other here; SQLite has one writer anyway.
        if connection.engine == .postgreSQL { _ = try connection.query("SELECT pg_advisory_xact_lock(7291835532)") }
        guard let last = try Self.position(connection) else { return true }
        guard last.ledger == position.ledger else { return true }
        return (position.segment, position.offset) > (last.segment, last.offset)
    }

    @Sendable private static func position(_ connection: any SQLConnection) throws -> JournalPosition? {
        try connection.query("SELECT ledger, segment, place FROM ledger_position").first.map {
            JournalPosition(ledger: try $0.text(0), segment: try $0.int(1), offset: try $0.int(2))
        }
    }

    private static func store(_ position: JournalPosition, _ connection: any SQLConnection) throws {
        try connection.insert(
            into: "ledger_position", columns: ["id", "ledger", "segment", "place"],
            rows: [[1, .foreign(position.ledger), .int(position.segment), .int(position.offset)]],
            onConflict: .replace(key: ["id"]))
    }

    /// Adds entries and their spans, and returns those that were there already.
    private static func add(_ entries: [CallRecord], _ connection: any SQLConnection) throws -> [CallRecord] {
        let number = try connection.query("SELECT COALESCE(MAX(entry), 0) + 1 FROM ledger_entries").first?.int(0) ?? 1
        let count = try connection.insert(
            into: "ledger_entries", columns: LedgerRows.columns,
            rows: entries.enumerated().map { LedgerRows.values($0.element, number: number + $0.offset) },
            onConflict: .ignore(key: ["call", "attempt"]))
        var added: Set<Int>?
        if count < entries.count {
            added = Set(
                try connection.query("SELECT entry FROM ledger_entries WHERE entry >= ?", [.int(number)])
                    .map { try $0.int(0) })
        }
        var writer = JSONWriter()
        var rows: [[SQLValue]] = []
        var present: [CallRecord] = []
        rows.reserveCapacity(count)
        for (place, entry) in entries.enumerated() {
            if let added, !added.contains(number + place) {
                present.append(entry)
            } else {
                rows.append(LedgerSpans.values(entry, number: number + place, writer: &writer))
            }
        }
        try connection.insert(into: "call_spans", columns: LedgerSpans.columns, rows: rows)
        return present
    }

    static func add(_ increments: [Balance], _ connection: any SQLConnection) throws {
        var sums: [BalanceKey: Balance] = [:]
        for increment in increments {
            let key = BalanceKey(increment)
            sums[key] = sums[key].map { $0.adding(increment) } ?? increment
        }
        // In one order, so that two writers never wait for each other.
        let rows = sums.filter { !$0.value.isNothing }.sorted { $0.key < $1.key }.map { LedgerRows.values($0.value) }
        try connection.insert(
            into: "balances", columns: LedgerRows.balanceColumns, rows: rows,
            onConflict: .add(key: LedgerRows.balanceKey))
    }
}

/// What tells a balance from others.
struct BalanceKey: Hashable, Comparable {
    var scope: BudgetScope
    var window: BudgetWindow
    var start: Int

    init(_ balance: Balance) { self.init(scope: balance.scope, window: balance.window, start: balance.start) }

    init(scope: BudgetScope, window: BudgetWindow, start: Int) {
        self.scope = scope
        self.window = window
        self.start = start
    }

    static func < (left: Self, right: Self) -> Bool {
        (left.scope.kind.rawValue, left.scope.name, left.window.rawValue, left.start)
            < (right.scope.kind.rawValue, right.scope.name, right.window.rawValue, right.start)
    }
}

extension Balance {
    var isNothing: Bool { spentNanoUSD == 0 && inputTokens == 0 && outputTokens == 0 && calls == 0 }

    var negated: Balance {
        Balance(
            scope: scope, window: window, start: start, spentNanoUSD: -spentNanoUSD, inputTokens: -inputTokens,
            outputTokens: -outputTokens, calls: -calls)
    }

    func adding(_ other: Balance) -> Balance {
        Balance(
            scope: scope, window: window, start: start, spentNanoUSD: spentNanoUSD + other.spentNanoUSD,
            inputTokens: inputTokens + other.inputTokens, outputTokens: outputTokens + other.outputTokens,
            calls: calls + other.calls)
    }
}

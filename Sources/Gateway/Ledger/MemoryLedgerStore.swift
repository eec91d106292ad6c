import Synchronization

/// A ledger's store in memory: the twin of the databases, for tests and for servers that keep nothing.
package final class MemoryLedgerStore: LedgerStore {
    private struct EntryKey: Hashable {
        var call: String
        var attempt: Int
    }

    private struct BalanceKey: Hashable {
        var scope: BudgetScope
        var window: BudgetWindow
        var start: Int
    }

    private struct Contents {
        var entries: [EntryKey: CallRecord] = [:]
        var balances: [BalanceKey: Balance] = [:]
        var position: JournalPosition?
        var failure: (any Error)?

        mutating func add(_ increments: [Balance]) {
            for increment in increments {
                let key = BalanceKey(scope: increment.scope, window: increment.window, start: increment.start)
                guard var balance = balances[key] else {
                    balances[key] = increment
                    continue
                }
                balance.spentNanoUSD = balance.spentNanoUSD.saturatingAdd(increment.spentNanoUSD)
                balance.inputTokens = balance.inputTokens.saturatingAdd(increment.inputTokens)
                balance.outputTokens = balance.outputTokens.saturatingAdd(increment.outputTokens)
                balance.calls += increment.calls
                balances[key] = balance
            }
        }
    }

    private let contents: Mutex<Contents>

    package init() {
        contents = Mutex(Contents())
    }

    /// A store that begins with what another one holds now: the state of a database at a crash.
    package init(copying other: MemoryLedgerStore) {
        contents = Mutex(other.contents.withLock { $0 })
    }

    /// Lets every call fail from now on, or work again: a database that is away.
    package func fail(_ failure: (any Error)?) {
        contents.withLock { $0.failure = failure }
    }

    package func apply(_ batch: LedgerBatch) throws {
        try withContents { contents in
            for entry in batch.entries {
                let key = EntryKey(call: entry.call, attempt: entry.attempt)
                if contents.entries[key] == nil { contents.entries[key] = entry }
            }
            contents.add(batch.increments)
            contents.position = batch.position
        }
    }

    package func position() throws -> JournalPosition? {
        try withContents { $0.position }
    }

    package func balances(at now: Int) throws -> [Balance] {
        try withContents { contents in
            contents.balances.values.filter { ($0.window.end(at: $0.start) ?? .max) > now }
        }
    }

    package func entries(after: (call: String, attempt: Int)?, limit: Int) throws -> [CallRecord] {
        try withContents { contents in
            let sorted = contents.entries.values.sorted { ($0.call, $0.attempt) < ($1.call, $1.attempt) }
            guard let after else { return Array(sorted.prefix(limit)) }
            return Array(sorted.drop { ($0.call, $0.attempt) <= (after.call, after.attempt) }.prefix(limit))
        }
    }

    package func reconcile(_ entry: CallRecord, increments: [Balance]) throws {
        try withContents { contents in
            let key = EntryKey(call: entry.call, attempt: entry.attempt)
            guard contents.entries[key]?.basis == .unreconciled else { return }
            contents.entries[key] = entry
            contents.add(increments)
        }
    }

    package func differences(limit: Int) throws -> [String] {
        try withContents { contents in
            var expected: [BalanceKey: Balance] = [:]
            for balance in Balance.increments(of: contents.entries.values) {
                expected[BalanceKey(scope: balance.scope, window: balance.window, start: balance.start)] = balance
            }
            let keys = Set(expected.keys).union(contents.balances.keys)
            let found = keys.compactMap { key -> String? in
                let wanted = expected[key]
                let kept = contents.balances[key]
                guard wanted != kept else { return nil }
                return "\(key.scope.kind.rawValue) `\(key.scope.name)`, \(key.window.rawValue) from "
                    + "\(LedgerText.time(key.start)): entries make \(Self.text(wanted)), the balance is \(Self.text(kept))"
            }
            return Array(found.sorted().prefix(limit))
        }
    }

    package func totals() throws -> (entries: Int, nanoUSD: Int) {
        try withContents { contents in
            (contents.entries.count, contents.entries.values.reduce(0) { $0.saturatingAdd($1.spentNanoUSD) })
        }
    }

    private func withContents<Value: Sendable>(_ body: (inout Contents) throws -> Value) throws -> Value {
        try contents.withLock { contents in
            if let failure = contents.failure { throw failure }
            return try body(&contents)
        }
    }

    private static func text(_ balance: Balance?) -> String {
        guard let balance else { return "nothing" }
        return "\(LedgerText.money(balance.spentNanoUSD)) in \(balance.calls) calls with \(balance.inputTokens) + "
            + "\(balance.outputTokens) tokens"
    }
}

import Domain
import Foundation
import Gateway

extension SQLLedgerStore {
    /// Compares entries with balances and spans, and says each difference in a sentence; none means that they agree.
    ///
    /// All is read in one transaction, page by page; the state that is kept meanwhile grows with the number of owners and
    /// hours, not with that of entries.
    package func differences(limit: Int) throws -> [String] {
        try database.read { connection in
            var check = LedgerDifferences(limit: limit)
            var after = 0
            while !check.isFull {
                let rows = try connection.query(
                    LedgerDifferences.page, [.int(after), .int(LedgerDifferences.pageSize)])
                guard let last = rows.last else { break }
                after = try last.int(0)
                for row in rows { try check.take(entry: row) }
            }
            for row in try connection.query(LedgerDifferences.spansAlone, [.int(limit)]) {
                check.report(
                    "the span `\(try row.text(0))` of the trace `\(try row.text(1))` has no entry in the ledger")
            }
            let balances = try connection.query(
                "SELECT \(LedgerRows.balanceColumns.joined(separator: ", ")) FROM balances"
            ).map(LedgerRows.balance)
            check.compare(balances)
            return check.sentences
        }
    }
}

/// Adds up entries and compares.
struct LedgerDifferences {
    static let pageSize = 5000
    static let page = """
        SELECT e.entry, e.call, e.attempt, e.trace, e.span, e.key_id, e.team, e.service, e.use_case, e.start_ns,
            e.input_tokens, e.output_tokens, e.cost_nano_usd, s.trace, s.span, s.attributes
        FROM ledger_entries e LEFT JOIN call_spans s ON s.entry = e.entry
        WHERE e.entry > ? ORDER BY e.entry LIMIT ?
        """
    static let spansAlone = """
        SELECT s.span, s.trace FROM call_spans s
        WHERE NOT EXISTS (SELECT 1 FROM ledger_entries e WHERE e.entry = s.entry) ORDER BY s.entry LIMIT ?
        """

    /// Who pays, in which hour: entries are added up by that first, since most share it with others.
    private struct Owner: Hashable {
        var attribution: Attribution
        var hour: Int
    }

    private struct Sum {
        var spent = 0
        var input = 0
        var output = 0
        var calls = 0
    }

    private let limit: Int
    private(set) var sentences: [String] = []
    private var sums: [Owner: Sum] = [:]

    init(limit: Int) { self.limit = limit }

    var isFull: Bool { sentences.count >= limit }

    mutating func report(_ sentence: String) {
        if !isFull { sentences.append(sentence) }
    }

    mutating func take(entry row: SQLRow) throws {
        let (input, output, cost) = (try row.int(10), try row.int(11), try row.optionalInt(12))
        let owner = Owner(
            attribution: Attribution(
                key: try row.text(5), team: try row.optionalText(6), service: try row.optionalText(7),
                useCase: try row.optionalText(8)), hour: BudgetWindow.hour.start(at: try row.int(9)))
        var sum = sums[owner] ?? Sum()
        sum.spent += cost ?? 0
        sum.input += input
        sum.output += output
        sum.calls += 1
        sums[owner] = sum

        let what = "the entry of the call `\(try row.text(1))`, attempt \(try row.int(2)),"
        guard let attributes = try row.optionalText(15) else { return report("\(what) has no span") }
        if row.values[3] != row.values[13] || row.values[4] != row.values[14] {
            report("\(what) names another span than the one it has")
        }
        guard let span = try? JSONValue(parsing: attributes) else {
            return report("\(what) has a span whose attributes cannot be read")
        }
        for (name, wanted) in [
            (Vocabulary.inputTokens, input), (Vocabulary.outputTokens, output), (Vocabulary.cost, cost),
        ] where span[name]?.int != wanted {
            let found = span[name]?.int.map(String.init) ?? "nothing"
            report("\(what) has \(wanted.map(String.init) ?? "nothing") as \(name), but its span \(found)")
        }
    }

    /// Compares what was added up with the balances that are kept.
    mutating func compare(_ balances: [Balance]) {
        guard !isFull else { return }
        var wanted: [BalanceKey: Balance] = [:]
        for (owner, sum) in sums {
            for scope in owner.attribution.scopes {
                for window in BudgetWindow.allCases {
                    let part = Balance(
                        scope: scope, window: window, start: window.start(at: owner.hour), spentNanoUSD: sum.spent,
                        inputTokens: sum.input, outputTokens: sum.output, calls: sum.calls)
                    let key = BalanceKey(part)
                    wanted[key] = wanted[key].map { $0.adding(part) } ?? part
                }
            }
        }
        let kept = Dictionary(balances.map { (BalanceKey($0), $0) }, uniquingKeysWith: { $1 })
        for key in Set(wanted.keys).union(kept.keys).sorted() {
            let nothing = Balance(scope: key.scope, window: key.window, start: key.start, spentNanoUSD: 0)
            let (entries, balance) = (wanted[key] ?? nothing, kept[key] ?? nothing)
            guard entries != balance else { continue }
            report(
                "the balance of \(key) is \(Self.text(balance)), but its entries sum to \(Self.text(entries))")
        }
    }

    private static func text(_ balance: Balance) -> String {
        "\(balance.spentNanoUSD) nano-dollars, \(balance.inputTokens) + \(balance.outputTokens) tokens and \(balance.calls) calls"
    }
}

extension BalanceKey: CustomStringConvertible {
    /// For people: `team payments per month from 2026-11-01T00:00:00Z`.
    var description: String {
        let name =
            scope.kind == .global ? "everybody" : "the \(scope.kind.rawValue.replacing("_", with: " ")) `\(scope.name)`"
        guard window != .total else { return "\(name) in total" }
        let from = Date(timeIntervalSince1970: Double(start) / 1e9).formatted(.iso8601)
        return "\(name) per \(window.rawValue) from \(from)"
    }
}

import Domain
import Testing

@testable import Gateway

@Suite("Increments of balances")
struct BalanceTests {
    @Test("Entries of any times and scopes sum to what counting each one alone gives")
    func sums() {
        var generator = LedgerRandom(seed: 21)
        let entries = (0..<500).map { number in
            var entry = LedgerFixture.record(
                "c\(number)", cost: [nil, 0, 7, 1000].randomElement(using: &generator) ?? nil,
                usage: (Int.random(in: 0...9, using: &generator), 3))
            entry.attribution = Attribution(
                key: ["k1", "k2"].randomElement(using: &generator) ?? "",
                team: ["same", nil].randomElement(using: &generator) ?? nil,
                service: ["same", "other", nil].randomElement(using: &generator) ?? nil)
            // Around the turn of the year, where an hour, a day and a month begin at once.
            entry.start =
                CalendarDay(year: 2027, month: 1, day: 1).nanoseconds
                + Int.random(in: -3...3, using: &generator) * LedgerFixture.hour / 2
            return entry
        }
        let found = Balance.increments(of: entries)
        var wanted: Set<Balance> = []
        for scope in Set(entries.flatMap(\.attribution.scopes)) {
            let own = entries.filter { $0.attribution.scopes.contains(scope) }
            for window in BudgetWindow.allCases {
                for start in Set(own.map { window.start(at: $0.start) }) {
                    let counted = own.filter { window.start(at: $0.start) == start }
                    wanted.insert(
                        Balance(
                            scope: scope, window: window, start: start,
                            spentNanoUSD: counted.reduce(0) { $0 + ($1.costNanoUSD ?? 0) },
                            inputTokens: counted.reduce(0) { $0 + $1.usage.input },
                            outputTokens: counted.reduce(0) { $0 + $1.usage.output }, calls: counted.count))
                }
            }
        }
        #expect(found.count == wanted.count, "one for each scope and window")
        #expect(Set(found) == wanted)
    }
}

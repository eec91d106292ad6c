import Domain

extension CallRecord {
    /// What the entry adds to a balance: its cost, or nothing where that is not known.
    package var spentNanoUSD: Int { costNanoUSD ?? 0 }
}

extension Balance {
    /// What entries add to the balances of all their scopes, in all windows, summed.
    ///
    /// The window is that of the entry's `start`; an entry counts as one call, whatever came of it. In no order.
    package static func increments(of entries: some Sequence<CallRecord>) -> [Balance] {
        var sums: [Key: Balance] = [:]
        for entry in entries {
            for scope in entry.attribution.scopes {
                for window in BudgetWindow.allCases {
                    let key = Key(scope: scope, window: window, start: window.start(at: entry.start))
                    sums[key, default: Balance(scope: scope, window: window, start: key.start, spentNanoUSD: 0)]
                        .add(entry)
                }
            }
        }
        return Array(sums.values)
    }

    private struct Key: Hashable {
        var scope: BudgetScope
        var window: BudgetWindow
        var start: Int
    }

    private mutating func add(_ entry: CallRecord) {
        spentNanoUSD = spentNanoUSD.saturatingAdd(entry.spentNanoUSD)
        inputTokens = inputTokens.saturatingAdd(entry.usage.input)
        outputTokens = outputTokens.saturatingAdd(entry.usage.output)
        calls += 1
    }
}

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
        // An hour's entries of a scope are in the same day and month: four windows for one look-up.
        var hours: [Key: Balance] = [:]
        for entry in entries {
            let hour = BudgetWindow.hour.start(at: entry.start)
            for scope in entry.attribution.scopes {
                hours[
                    Key(scope: scope, start: hour),
                    default: Balance(scope: scope, window: .hour, start: hour, spentNanoUSD: 0)
                ].add(entry)
            }
        }
        var sums: [Key: PerWindow<Balance?>] = [:]
        for (key, hour) in hours {
            for window in BudgetWindow.allCases {
                let start = window.start(at: key.start)
                let place = Key(scope: key.scope, start: start)
                var sum = hour
                sum.window = window
                sum.start = start
                if let known = sums[place]?[window] { sum.add(known) }
                sums[place, default: PerWindow(repeating: nil)][window] = sum
            }
        }
        return sums.values.flatMap { [$0.hour, $0.day, $0.month, $0.total].compactMap { $0 } }
    }

    private struct Key: Hashable {
        var scope: BudgetScope
        var start: Int
    }

    private mutating func add(_ entry: CallRecord) {
        spentNanoUSD = spentNanoUSD.saturatingAdd(entry.spentNanoUSD)
        inputTokens = inputTokens.saturatingAdd(entry.usage.input)
        outputTokens = outputTokens.saturatingAdd(entry.usage.output)
        calls += 1
    }

    private mutating func add(_ other: Balance) {
        spentNanoUSD = spentNanoUSD.saturatingAdd(other.spentNanoUSD)
        inputTokens = inputTokens.saturatingAdd(other.inputTokens)
        outputTokens = outputTokens.saturatingAdd(other.outputTokens)
        calls += other.calls
    }
}

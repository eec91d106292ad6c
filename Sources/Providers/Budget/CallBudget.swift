/// The bounds of a run's calls and money.
package struct BudgetLimits: Sendable, Equatable {
    /// Attempts that may be sent in all.
    package var calls: Int?
    /// Nano-dollars that may be spent in all.
    package var nanoUSD: Int?

    package init(calls: Int? = nil, nanoUSD: Int? = nil) {
        self.calls = calls
        self.nanoUSD = nanoUSD
    }
}

/// Keeps calls and money within bounds that cannot be overshot: what a call may cost at worst is set aside before it is
/// sent and settled after it.
///
/// Money is in nano-dollars.
package struct CallBudget: Sendable, Equatable {
    /// Whether a call may be sent.
    package enum Admission: Sendable, Equatable {
        case admitted
        /// There will be room if calls under way turn out cheaper than was set aside for them.
        case wait
        case callsUsedUp
        case moneyUsedUp
    }

    package let limits: BudgetLimits
    /// Attempts that were admitted.
    package private(set) var calls = 0
    /// What settled calls cost.
    package private(set) var spent = 0
    /// What is set aside for calls under way.
    package private(set) var reserved = 0
    private var underWay = 0

    package init(limits: BudgetLimits) { self.limits = limits }

    /// Sets `amount` aside for a call if it fits.
    package mutating func reserve(_ amount: Int) -> Admission {
        if let most = limits.calls, calls >= most { return .callsUsedUp }
        if let most = limits.nanoUSD {
            guard amount <= most - spent else { return .moneyUsedUp }
            guard amount <= most - spent - reserved else { return underWay > 0 ? .wait : .moneyUsedUp }
        }
        calls += 1
        underWay += 1
        reserved += amount
        return .admitted
    }

    /// Ends a call for which `amount` was set aside and that cost `actual`.
    ///
    /// More than was set aside is still counted.
    package mutating func settle(_ amount: Int, actual: Int) {
        underWay -= 1
        reserved -= amount
        spent += actual
    }
}

import Domain
import Providers

/// Bounds on calls and money from the command line.
enum BudgetOptions {
    /// The limits.
    ///
    /// Dollars become integer nano-dollars.
    static func limits(calls: Int?, dollars: Double?) throws -> BudgetLimits {
        if let calls, calls < 0 { throw PlainFailure("ArgumentInvalid", "--max-calls must not be negative") }
        guard let dollars else { return BudgetLimits(calls: calls) }
        guard dollars.isFinite, dollars >= 0, dollars < 1e9 else {
            throw PlainFailure("ArgumentInvalid", "--max-cost must be an amount of dollars from 0 to 1,000,000,000")
        }
        return BudgetLimits(calls: calls, nanoUSD: Int((dollars * 1e9).rounded(.down)))
    }
}

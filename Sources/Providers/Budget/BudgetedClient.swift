package import Domain
import Foundation
import Synchronization

/// Refuses calls that could overshoot a budget; nothing is sent for a refused call.
///
/// Belongs inside retries, so that each attempt counts. A call to a model without a known price is refused when money
/// is limited. Attempts that a provider refused cost nothing; one that broke off may have been billed and counts at its
/// worst. `local` calls are free; a `replay` call counts what the recorded one would have cost, where that is known.
package final class BudgetedClient: ModelClient {
    private struct State {
        var budget: CallBudget
        var waiting: [(id: UInt64, amount: Int, continuation: CheckedContinuation<CallBudget.Admission, Never>)] = []
        var nextID: UInt64 = 0
    }

    private let client: any ModelClient
    private let prices: any PriceBook
    private let effects: Effects
    private let state: Mutex<State>

    package init(_ client: any ModelClient, limits: BudgetLimits, prices: any PriceBook, effects: Effects = .live) {
        self.client = client
        self.prices = prices
        self.effects = effects
        state = Mutex(State(budget: CallBudget(limits: limits)))
    }

    /// Calls and money so far.
    package var budget: CallBudget { state.withLock { $0.budget } }

    package func send(
        _ request: ModelRequest, onText: (@Sendable (String) -> Void)?
    ) async throws(ProviderFailure) -> ModelResponse {
        let amount = try worstCost(of: request)
        try await reserve(amount, for: request)
        do throws(ProviderFailure) {
            let response = try await client.send(request, onText: onText)
            // An answer that does not say what it used counts at its worst.
            settle(amount, actual: response.cost.nanoUSD ?? amount)
            return response
        } catch {
            settle(amount, actual: Self.mayBeBilled(error) ? amount : 0)
            throw error
        }
    }

    private func worstCost(of request: ModelRequest) throws(ProviderFailure) -> Int {
        guard budget.limits.nanoUSD != nil, request.connection.type != .local else { return 0 }
        let model = request.connection.settings["priced_as"] ?? request.model
        let provider = ProviderName.of(request.connection)
        let cost = prices.cost(
            of: WorstCase.usage(of: request), provider: provider, model: model, at: effects.now().timeIntervalSince1970)
        if case .known(let amount) = cost { return amount }
        guard request.connection.type != .replay else { return 0 }
        throw ProviderFailure(
            .budgetExhausted,
            "The price of `\(model)` at \(provider) is not known, so a limit on cost cannot be kept. Set "
                + "`priced_as` (and `provider`) in connection `\(request.connection.name)`, or limit the number of calls "
                + "instead."
        )
    }

    private static func mayBeBilled(_ failure: ProviderFailure) -> Bool {
        switch failure.kind {
        case .interrupted, .timeout, .malformed, .tooLarge, .canceled: true
        default: false
        }
    }

    private func reserve(_ amount: Int, for request: ModelRequest) async throws(ProviderFailure) {
        var admission = state.withLock { $0.waiting.isEmpty ? $0.budget.reserve(amount) : .wait }
        if admission == .wait { admission = await wait(amount) }
        switch admission {
        case .admitted: return
        case .wait: throw ProviderFailure(.canceled, "The call was canceled.")
        case .callsUsedUp:
            let most = budget.limits.calls ?? 0
            throw ProviderFailure(
                .budgetExhausted, "The limit of \(most) model calls is reached; the call was not sent.")
        case .moneyUsedUp:
            let budget = budget
            throw ProviderFailure(
                .budgetExhausted,
                "The call may cost up to $\(amount.dollars), and "
                    + "$\(((budget.limits.nanoUSD ?? 0) - budget.spent).dollars) of "
                    + "$\((budget.limits.nanoUSD ?? 0).dollars) is left; it was not sent. A smaller `max_tokens` lowers "
                    + "what is set aside."
            )
        }
    }

    /// Waits for room; `.wait` means that the caller gave up.
    private func wait(_ amount: Int) async -> CallBudget.Admission {
        let id = state.withLock {
            $0.nextID += 1
            return $0.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isCanceled = state.withLock {
                    guard !Task.isCancelled else { return true }
                    $0.waiting.append((id, amount, continuation))
                    return false
                }
                // Room may have come, or the last call under way may have ended, before the place in the queue.
                if isCanceled { continuation.resume(returning: .wait) } else { admitWaiting() }
            }
        } onCancel: {
            let continuation: CheckedContinuation<CallBudget.Admission, Never>? = state.withLock { state in
                guard let place = state.waiting.firstIndex(where: { $0.id == id }) else { return nil }
                return state.waiting.remove(at: place).continuation
            }
            continuation?.resume(returning: .wait)
            admitWaiting()
        }
    }

    private func settle(_ amount: Int, actual: Int) {
        state.withLock { $0.budget.settle(amount, actual: actual) }
        admitWaiting()
    }

    /// Answers those who wait, in order, until one still has to.
    private func admitWaiting() {
        var answered: [(CheckedContinuation<CallBudget.Admission, Never>, CallBudget.Admission)] = []
        state.withLock {
            while let first = $0.waiting.first {
                let admission = $0.budget.reserve(first.amount)
                guard admission != .wait else { return }
                answered.append((first.continuation, admission))
                $0.waiting.removeFirst()
            }
        }
        for (continuation, admission) in answered { continuation.resume(returning: admission) }
    }
}

extension Int {
    /// Nano-dollars as dollars with six decimals, rounded up.
    var dollars: String {
        let micro = Swift.max(0, self / 1000 + (self % 1000 > 0 ? 1 : 0))
        let fraction = String(micro % 1_000_000)
        return "\(micro / 1_000_000).\(String(repeating: "0", count: 6 - fraction.count))\(fraction)"
    }
}

extension LedgerState {
    /// Lets a call through if every budget and rate allows it, and then holds its amount in all of them.
    mutating func admit(_ request: AdmissionRequest) -> Admission {
        let time = advance(to: request.now)
        let attempt = AttemptKey(call: request.call, attempt: request.attempt)
        switch attempts[attempt] {
        case .open, .settled:
            conflicts += 1
            return .refused(Refusal.attemptIsKnown(request.attempt, of: request.call))
        case .voided, nil: break
        }
        guard request.amountNanoUSD != nil || request.allowsUnknownPrice else {
            return .refused(Refusal.unknownPrice(of: request.model))
        }
        let amount = request.amountNanoUSD.map { max(0, $0) }
        let set = accounts(of: request.attribution)
        if let key = set[.key] { take(over: request.key, into: key, now: time) }
        if let refusal = budgetRefusal(of: amount ?? 0, in: set, at: starts, for: request.model) {
            return .refused(refusal)
        }
        let tokens = max(0, request.inputTokens).saturatingAdd(max(0, request.outputTokens))
        if let refusal = rateRefusal(of: tokens, isRetry: request.isRetry, in: set) { return .refused(refusal) }
        if let key = set[.key] {
            if !request.isRetry { accounts[key].requests?.take(1) }
            accounts[key].tokens?.take(tokens)
        }
        let call = ReservedCall(
            serial: 0, call: request.call, attempt: request.attempt, time: time, attribution: request.attribution,
            model: request.model, amountNanoUSD: amount.map(CallRecord.bounded(cost:)),
            inputTokens: CallRecord.bounded(count: request.inputTokens),
            outputTokens: CallRecord.bounded(count: request.outputTokens))
        return .admitted(open(call, in: set))
    }

    /// Holds more for a running call, in the windows of its reservation; `nil` if that is granted.
    ///
    /// Tokens are taken even into debt: a running answer is stopped by money, not by the rate.
    mutating func extend(_ id: ReservationID, byNanoUSD amount: Int, outputTokens: Int, now: Int) -> GatewayFailure? {
        advance(to: now)
        guard let reservation = self[id] else { return Refusal.unknownReservation }
        let set = accounts(of: reservation.reserved.attribution)
        let amount = reservation.reserved.amountNanoUSD == nil ? 0 : max(0, amount)
        let model = reservation.reserved.model
        if let refusal = budgetRefusal(of: amount, in: set, at: reservation.starts, for: model) { return refusal }
        if let key = set[.key] { accounts[key].tokens?.take(max(0, outputTokens)) }
        enlarge(id, by: amount, outputTokens: max(0, outputTokens))
        return nil
    }

    /// Takes an extension back that could not be journaled.
    mutating func retract(_ id: ReservationID, byNanoUSD amount: Int, outputTokens: Int) {
        guard let reservation = self[id] else { return }
        if let key = reservation.accounts[.key] { accounts[key].tokens?.take(-max(0, outputTokens)) }
        enlarge(id, by: -max(0, amount), outputTokens: -max(0, outputTokens))
    }

    /// The budgets as they stand: configured ones in their order, then those of the keys seen since the start.
    mutating func statuses(at now: Int) -> [BudgetStatus] {
        advance(to: now)
        for account in accounts.indices where accounts[account].hasBudgets { accounts[account].advance(to: starts) }
        let configured = rules.compactMap { rule in account(of: rule.scope).map { status(of: rule, in: accounts[$0]) } }
        let ofKeys = accounts.indices.filter { !accounts[$0].keyBudgets.isEmpty }.flatMap { number in
            let account = accounts[number]
            return account.keyBudgets.map { status(of: $0.rule(of: account), in: account) }
        }
        return configured + ofKeys
    }

    private func status(of rule: BudgetRule, in account: Account) -> BudgetStatus {
        let sums = account.sums(of: rule.window, from: starts[rule.window]) ?? Account.Sums()
        return BudgetStatus(
            rule: rule, spentNanoUSD: sums.committed, reservedNanoUSD: sums.open, resetsAt: rule.window.end(at: time))
    }

    // MARK: Checks

    /// The budget that does not allow an amount; of several, the one that resets last.
    private func budgetRefusal(
        of amount: Int, in set: AccountSet, at begins: WindowStarts, for model: String
    ) -> GatewayFailure? {
        var worst: (rule: BudgetRule, left: Int, end: Int?)?
        func check(_ rule: @autoclosure () -> BudgetRule, _ window: BudgetWindow, _ limit: Int, _ account: Account) {
            let sums = account.sums(of: window, from: begins[window])
            // A window before the last is not known here; nothing more is given for it.
            let left = sums.map { limit.saturatingSubtract($0.committed).saturatingSubtract($0.open) } ?? Int.min
            guard left < amount else { return }
            let end = window.end(at: time)
            guard let known = worst else { return worst = (rule(), left, end) }
            if let knownEnd = known.end, end.map({ $0 > knownEnd }) ?? true { worst = (rule(), left, end) }
        }
        for kind in BudgetScope.Kind.allCases {
            guard let number = set[kind] else { continue }
            for rule in accounts[number].rules { check(rule, rule.window, rule.limitNanoUSD, accounts[number]) }
            for budget in accounts[number].keyBudgets {
                check(budget.rule(of: accounts[number]), budget.window, budget.limitNanoUSD, accounts[number])
            }
        }
        return worst.map {
            Refusal.budget($0.rule, left: $0.left, asked: amount, end: $0.end, time: time, model: model)
        }
    }

    private func rateRefusal(of tokens: Int, isRetry: Bool, in set: AccountSet) -> GatewayFailure? {
        guard let number = set[.key] else { return nil }
        let key = accounts[number].scope.name
        if !isRetry, let bucket = accounts[number].requests, bucket.wait(for: 1) != 0 {
            return Refusal.rate("requests", limit: bucket.limit, key: key, wait: bucket.wait(for: 1))
        }
        if let bucket = accounts[number].tokens, bucket.wait(for: tokens) != 0 {
            guard let wait = bucket.wait(for: tokens) else {
                return Refusal.callIsAboveRate(tokens: tokens, limit: bucket.limit, key: key)
            }
            return Refusal.rate("tokens", limit: bucket.limit, key: key, wait: wait)
        }
        return nil
    }

    /// Takes over the key's limits, which may have changed since its last call.
    private mutating func take(over key: KeyRecord, into account: Int, now: Int) {
        if accounts[account].keyBudgets != key.budgets { accounts[account].keyBudgets = key.budgets }
        if accounts[account].keyOwner != key.team { accounts[account].keyOwner = key.team }
        accounts[account].requests = Self.bucket(accounts[account].requests, limit: key.requestsPerMinute, now: now)
        accounts[account].tokens = Self.bucket(accounts[account].tokens, limit: key.tokensPerMinute, now: now)
    }

    private static func bucket(_ old: RateBucket?, limit: Int?, now: Int) -> RateBucket? {
        guard let limit else { return nil }
        guard var bucket = old else { return RateBucket(limit: limit, now: now) }
        bucket.refill(now: now)
        bucket.change(limit: limit)
        return bucket
    }
}

extension KeyBudget {
    /// The budget as a rule, for messages.
    fileprivate func rule(of account: Account) -> BudgetRule {
        let period = window == .total ? "in total" : "per \(window.rawValue)"
        return BudgetRule(
            name: "key \(account.scope.name), \(period)", scope: account.scope, window: window,
            limitNanoUSD: limitNanoUSD, owner: account.keyOwner)
    }
}

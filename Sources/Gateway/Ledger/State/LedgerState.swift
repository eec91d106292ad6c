/// Balances, open reservations and rates: the authority on what may be spent.
///
/// A value without clock and without I/O. Times are given, never asked for, and never go back: a clock that does is
/// taken to stand still. Each change is all or nothing.
///
/// A node that shares its budgets with others gets its part as rules with the limits that were leased to it.
struct LedgerState: Sendable {
    private(set) var time: Int
    /// The windows that hold `time`.
    private(set) var starts: WindowStarts
    private(set) var rules: [BudgetRule] = []
    private(set) var clockSteps = 0
    var conflicts = 0
    private(set) var openCount = 0
    private(set) var dispatchedCount = 0
    var accounts: [Account]
    var attempts = RecentAttempts()
    private var index = AccountIndex()
    private var slots: [Reservation?] = []
    private var freeSlots: [Int] = []
    private var nextSerial = 1
    private var hourEnd: Int

    /// A ledger in which nothing is spent.
    init(now: Int) {
        time = now
        starts = WindowStarts(at: now)
        hourEnd = starts.hour + 3_600_000_000_000
        accounts = [Account(scope: BudgetScope(.global), starts: starts)]
        index[BudgetScope(.global)] = 0
    }

    // MARK: Time

    /// Lets time go on to `now`, if that is later, and returns the time that counts.
    @discardableResult
    mutating func advance(to now: Int) -> Int {
        guard now > time else {
            // Event loops read the clock a moment before they get here; only more than that is a step.
            if time - now > 1_000_000_000 { clockSteps += 1 }
            return time
        }
        time = now
        if now >= hourEnd {
            starts = WindowStarts(at: now)
            hourEnd = starts.hour + 3_600_000_000_000
        }
        return now
    }

    // MARK: Accounts

    /// Accounts of the scopes that are watched, brought to the current windows.
    mutating func accounts(of attribution: Attribution) -> AccountSet {
        var set = AccountSet()
        set[.global] = 0
        set[.key] = account(ofKey: attribution.key)
        if let team = attribution.team { set[.team] = index.team(team) }
        if let service = attribution.service { set[.service] = index.service(service) }
        if let useCase = attribution.useCase { set[.useCase] = index.useCase(useCase) }
        for kind in BudgetScope.Kind.allCases {
            if let account = set[kind] { accounts[account].advance(to: starts) }
        }
        return set
    }

    /// The account of a scope, if it is watched.
    func account(of scope: BudgetScope) -> Int? { index[scope] }

    /// The account of a scope, kept from now on.
    @discardableResult
    mutating func watch(_ scope: BudgetScope) -> Int {
        if let account = index[scope] { return account }
        accounts.append(Account(scope: scope, starts: starts))
        index[scope] = accounts.count - 1
        return accounts.count - 1
    }

    private mutating func account(ofKey key: String) -> Int {
        index.key(key) ?? watch(BudgetScope(.key, key))
    }

    /// Replaces the configured rules; their scopes must be watched.
    mutating func setRules(_ newRules: [BudgetRule]) {
        rules = newRules
        for account in accounts.indices { accounts[account].rules = [] }
        for rule in newRules { accounts[watch(rule.scope)].rules.append(rule) }
    }

    /// Scopes of rules whose balances are not known here: they have to be read before the rules can be kept.
    func unwatched(in rules: [BudgetRule]) -> Set<BudgetScope> {
        // All keys' balances are known, so a key without an account has spent nothing.
        Set(rules.map(\.scope).filter { $0.kind != .key && index[$0] == nil })
    }

    // MARK: Reservations

    /// The open reservation of a handle.
    subscript(id: ReservationID) -> Reservation? {
        guard id.slot < slots.count, let reservation = slots[id.slot], reservation.reserved.serial == id.serial else {
            return nil
        }
        return reservation
    }

    /// Opens a reservation and holds its amount; `call`'s serial is given here.
    mutating func open(_ call: ReservedCall, in set: AccountSet) -> ReservationID {
        var call = call
        call.serial = nextSerial
        nextSerial += 1
        let reservation = Reservation(reserved: call, starts: starts, accounts: set)
        post(committed: 0, open: reservation.held, for: reservation)
        openCount += 1
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
            slots[slot] = reservation
        } else {
            slot = slots.count
            slots.append(reservation)
        }
        attempts.open(AttemptKey(call: call.call, attempt: call.attempt))
        return ReservationID(slot: slot, serial: call.serial)
    }

    /// Ends a reservation, of whose amount nothing is held any longer.
    mutating func close(_ id: ReservationID, _ reservation: Reservation, committing amount: Int) {
        post(committed: amount, open: -reservation.held, for: reservation)
        slots[id.slot] = nil
        freeSlots.append(id.slot)
        openCount -= 1
        if reservation.facts != nil { dispatchedCount -= 1 }
    }

    /// Keeps numbers up to one that is in the journal from being given again.
    mutating func skipSerials(to last: Int) {
        nextSerial = max(nextSerial, last + 1)
    }

    /// Marks a reservation as dispatched, or takes the mark away where that could not be written.
    mutating func setFacts(_ facts: DispatchFacts?, of id: ReservationID) {
        dispatchedCount += (facts == nil ? 0 : 1) - (slots[id.slot]?.facts == nil ? 0 : 1)
        slots[id.slot]?.facts = facts
    }

    /// Enlarges what a reservation holds, or takes that back; an unpriced one holds no money.
    mutating func enlarge(_ id: ReservationID, by amount: Int, outputTokens: Int) {
        guard let reservation = self[id] else { return }
        slots[id.slot]?.reserved.outputTokens = reservation.reserved.outputTokens.saturatingAdd(outputTokens)
        guard let held = reservation.reserved.amountNanoUSD else { return }
        post(committed: 0, open: amount, for: reservation)
        slots[id.slot]?.reserved.amountNanoUSD = held.saturatingAdd(amount)
    }

    /// Dispatched reservations, in the order in which they were opened.
    var dispatched: [(reserved: ReservedCall, facts: DispatchFacts)] {
        slots.compactMap { slot in slot.flatMap { open in open.facts.map { (open.reserved, $0) } } }
            .sorted { $0.reserved.serial < $1.reserved.serial }
    }

    private mutating func post(committed: Int, open: Int, for reservation: Reservation) {
        for kind in BudgetScope.Kind.allCases {
            guard let account = reservation.accounts[kind] else { continue }
            accounts[account].post(committed: committed, open: open, at: reservation.starts)
        }
    }

    // MARK: What is in the store and the journal

    /// Takes over what the store has committed in a window, for scopes that are watched and for all keys.
    mutating func load(_ balance: Balance) {
        let account = balance.scope.kind == .key ? watch(balance.scope) : index[balance.scope]
        guard let account else { return }
        accounts[account].advance(to: starts)
        accounts[account].load(committed: balance.spentNanoUSD, in: balance.window, from: balance.start)
    }

    /// Adds an entry that needs no reservation: one that was replayed, or cost nothing.
    mutating func post(_ amount: Int, of attribution: Attribution, at entryTime: Int) {
        let begins = WindowStarts(at: entryTime)
        let set = accounts(of: attribution)
        for kind in BudgetScope.Kind.allCases {
            guard let account = set[kind] else { continue }
            for window in BudgetWindow.allCases {
                accounts[account].load(committed: amount, in: window, from: begins[window])
            }
        }
    }

    /// Begins to watch a scope that was not: with its balances, entries that are not in them, and open reservations.
    mutating func watch(
        _ scope: BudgetScope, balances: [Balance], entries: [EntryBytes.Summary]
    ) {
        guard index[scope] == nil else { return }
        let account = watch(scope)
        for balance in balances where balance.scope == scope { load(balance) }
        for entry in entries where entry.attribution.counts(in: scope) {
            let begins = WindowStarts(at: entry.time)
            for window in BudgetWindow.allCases {
                accounts[account].load(committed: entry.amountNanoUSD ?? 0, in: window, from: begins[window])
            }
        }
        for slot in slots.indices {
            guard let open = slots[slot], open.reserved.attribution.counts(in: scope) else { continue }
            slots[slot]?.accounts[scope.kind] = account
            accounts[account].post(committed: 0, open: open.held, at: open.starts)
        }
    }
}

extension Attribution {
    /// Whether the call counts in a scope.
    func counts(in scope: BudgetScope) -> Bool {
        switch scope.kind {
        case .global: true
        case .key: key == scope.name
        case .team: team == scope.name
        case .service: service == scope.name
        case .useCase: useCase == scope.name
        }
    }
}

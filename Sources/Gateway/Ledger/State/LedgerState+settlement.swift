import Domain

/// What became of a settlement.
enum Settlement: Sendable {
    /// It counts; the entry as it goes into the journal.
    case committed(CallRecord)
    /// The attempt was settled before, with the same amount.
    case duplicate
    /// The attempt was settled otherwise before, or was never admitted; the first one counts. With a sentence.
    case conflict(String)
}

/// What became of a reservation that is given up.
enum Release: Sendable {
    /// It was never dispatched: nobody but us knew of it.
    case forgotten
    /// It was dispatched, which the journal has to take back.
    case void(serial: Int)
    /// It had ended before; nothing changes.
    case unknown
}

extension LedgerState {
    /// Ends an attempt with what it cost, which may be more than was held.
    ///
    /// Attribution, identity and start are those of the reservation, so that entries and balances agree. A call that
    /// was admitted with a price and ended without one is billed at its whole reservation: unknown is never nothing.
    mutating func settle(_ id: ReservationID, _ record: CallRecord) -> Settlement {
        guard let reservation = self[id] else { return ended(record) }
        let reserved = reservation.reserved
        var entry = record
        entry.call = reserved.call
        entry.attempt = reserved.attempt
        entry.attribution = reserved.attribution
        entry.start = reserved.time
        entry.reservedNanoUSD = reservation.held
        if record.costNanoUSD == nil, reservation.held > 0 {
            entry.costNanoUSD = reservation.held
            entry.basis = .estimated
        }
        entry.bound()
        close(id, reservation, committing: entry.spentNanoUSD)
        let used = entry.usage.input + entry.usage.output
        giveBack(reservation, used: used)
        let asked = record.costNanoUSD.map(CallRecord.bounded(cost:))
        attempts.end(AttemptKey(call: reserved.call, attempt: reserved.attempt), .settled(asked))
        return .committed(entry)
    }

    /// Gives up a reservation whose bytes never reached a provider.
    mutating func void(_ id: ReservationID) -> Release {
        guard let reservation = self[id] else { return .unknown }
        close(id, reservation, committing: 0)
        giveBack(reservation, used: 0)
        let reserved = reservation.reserved
        attempts.end(AttemptKey(call: reserved.call, attempt: reserved.attempt), .voided)
        return reservation.facts == nil ? .forgotten : .void(serial: reserved.serial)
    }

    /// Adds an entry without a reservation, at its own start.
    mutating func record(_ record: CallRecord) -> Settlement {
        let key = AttemptKey(call: record.call, attempt: record.attempt)
        if let fate = attempts[key], fate != .voided { return ended(record) }
        var entry = record
        entry.bound()
        advance(to: entry.start)
        post(entry.spentNanoUSD, of: entry.attribution, at: entry.start)
        attempts.end(key, .settled(entry.costNanoUSD))
        return .committed(entry)
    }

    private mutating func ended(_ record: CallRecord) -> Settlement {
        let key = AttemptKey(call: record.call, attempt: record.attempt)
        let name = "attempt \(record.attempt) of call \(record.call)"
        switch attempts[key] {
        case .settled(let amount) where amount == record.costNanoUSD.map(CallRecord.bounded(cost:)): return .duplicate
        case .settled(let amount):
            conflicts += 1
            return .conflict(
                "\(name) was settled at \(Self.text(amount)) and again at \(Self.text(record.costNanoUSD)); "
                    + "the first amount counts")
        case .voided:
            conflicts += 1
            return .conflict(
                "\(name) was given up and then settled at \(Self.text(record.costNanoUSD)); it is not billed")
        case .open:
            conflicts += 1
            return .conflict("\(name) is open under another handle; the settlement is not counted")
        case nil:
            conflicts += 1
            return .conflict("\(name) is settled but was never admitted, or ended long ago; it is not counted")
        }
    }

    private mutating func giveBack(_ reservation: Reservation, used: Int) {
        guard let key = reservation.accounts[.key] else { return }
        let held = reservation.reserved.inputTokens.saturatingAdd(reservation.reserved.outputTokens)
        accounts[key].tokens?.take(used.saturatingSubtract(held))
    }

    private static func text(_ amount: Int?) -> String {
        amount.map(LedgerText.money) ?? "an unknown price"
    }
}

extension CallRecord {
    /// The highest cost of one attempt: a million US dollars and some.
    ///
    /// Without it, an upstream that reports absurd usage could fill a balance to the end of its integers.
    static let highestCost = 1 << 50
    private static let highestCount = 1 << 40

    static func bounded(cost: Int) -> Int { min(max(0, cost), highestCost) }
    static func bounded(count: Int) -> Int { min(max(0, count), highestCount) }

    /// Keeps what is summed within what sums can hold; an entry without an amount is unpriced.
    fileprivate mutating func bound() {
        costNanoUSD = costNanoUSD.map(Self.bounded(cost:))
        if costNanoUSD == nil { basis = .unpriced }
        usage.input = Self.bounded(count: usage.input)
        usage.output = Self.bounded(count: usage.output)
    }
}

import Domain

extension LedgerCore.Contents {
    /// Why no call can be let through at the moment, whatever its budgets.
    mutating func refusal(of attribution: Attribution, _ settings: LedgerSettings) -> GatewayFailure? {
        if isClosed { return Refusal.isClosed }
        if health.backlogBytes + writer.appendedBytes > settings.backlogLimit { return Refusal.backlogIsFull }
        writeUnwritten()
        guard !unwritten.isEmpty || hasLostSync else { return nil }
        return mayPass(attribution, settings) ? nil : Refusal.journalFails
    }

    mutating func dispatch(
        _ id: ReservationID, _ facts: DispatchFacts, _ settings: LedgerSettings
    ) throws(GatewayFailure) {
        guard !isClosed else { throw Refusal.isClosed }
        guard let reservation = state[id] else { throw Refusal.unknownReservation }
        guard reservation.facts == nil else { return }
        guard append(.dispatch(reservation.reserved, facts)) || mayPass(reservation.reserved.attribution, settings)
        else { throw Refusal.journalFails }
        state.setFacts(facts, of: id)
    }

    mutating func extend(
        _ id: ReservationID, by amount: Int, outputTokens: Int, now: Int, _ settings: LedgerSettings
    ) -> GatewayFailure? {
        if let refusal = state.extend(id, byNanoUSD: amount, outputTokens: outputTokens, now: now) { return refusal }
        guard let reservation = state[id], reservation.facts != nil else { return nil }
        let record = JournalRecord.enlargement(
            serial: id.serial, amountNanoUSD: reservation.held, outputTokens: reservation.reserved.outputTokens)
        guard append(record) || mayPass(reservation.reserved.attribution, settings) else {
            state.retract(id, byNanoUSD: amount, outputTokens: outputTokens)
            return Refusal.journalFails
        }
        return nil
    }

    /// Journals what a settlement came to, or reports it.
    mutating func keep(_ settlement: Settlement, serial: Int) {
        switch settlement {
        case .committed(let entry): appendSooner(.entry(serial: serial, entry))
        case .duplicate: break
        case .conflict(let sentence): notices.append("conflicting settlement: \(sentence)")
        }
    }

    /// Whether a call goes on although the journal does not take it, because its scope was set to fail open.
    private func mayPass(_ attribution: Attribution, _ settings: LedgerSettings) -> Bool {
        guard !settings.failOpenScopes.isEmpty, unwritten.count < LedgerCore.unwrittenLimit else { return false }
        return settings.failOpenScopes.contains { attribution.counts(in: $0) }
    }
}

extension LedgerCore {
    /// Notes that the store did not take a batch.
    func storeFails(_ error: any Error) {
        let text = (error as? any Failure)?.message ?? String(describing: error)
        withContents { contents in
            guard contents.health.storeError != text else { return }
            contents.health.storeError = text
            contents.notices.append("the ledger's database does not take entries, which wait in the journal: \(text)")
        }
    }

    /// Closes the journal and frees its folder.
    func closeFiles() {
        withContents { contents in
            contents.isClosed = true
            contents.writer.closeFile()
        }
        folder.unlock()
    }
}

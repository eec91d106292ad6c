import Gateway

extension Ledger {
    /// Journals a dispatch and returns once it is as durable as the ledger's settings ask, without holding a thread.
    func dispatchDurably(_ reservation: ReservationID, _ facts: DispatchFacts) async throws(GatewayFailure) {
        let failure: GatewayFailure? = await withCheckedContinuation { continuation in
            do throws(GatewayFailure) {
                try dispatch(reservation, facts) { continuation.resume(returning: $0) }
            } catch {
                continuation.resume(returning: error)
            }
        }
        if let failure { throw failure }
    }
}

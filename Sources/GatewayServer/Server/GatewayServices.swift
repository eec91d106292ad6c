package import Domain
package import Gateway

/// What the data path works with.
package struct GatewayServices: Sendable {
    package var snapshots: SnapshotBox
    package var ledger: Ledger
    package var prices: any PriceBook
    /// With as many shards as the server has threads.
    package var traffic: Traffic
    package var cache: AnswerCache?
    package var idempotency: IdempotencyTable?
    package var flows: (any FlowModels)?
    /// Pawang's version, for `/health`.
    package var version = ""
    /// Nanoseconds since 1970.
    package var now: @Sendable () -> Int
    /// Takes whole lines of the request log, several at a time; called from event loops, must not block for long.
    package var requestLog: @Sendable ([UInt8]) -> Void

    package init(
        snapshots: SnapshotBox, ledger: Ledger, prices: any PriceBook, traffic: Traffic, cache: AnswerCache? = nil,
        idempotency: IdempotencyTable? = nil, flows: (any FlowModels)? = nil,
        now: @escaping @Sendable () -> Int = SystemClock.nanoseconds,
        requestLog: @escaping @Sendable ([UInt8]) -> Void = { _ in }
    ) {
        self.snapshots = snapshots
        self.ledger = ledger
        self.prices = prices
        self.traffic = traffic
        self.cache = cache
        self.idempotency = idempotency
        self.flows = flows
        self.now = now
        self.requestLog = requestLog
    }
}

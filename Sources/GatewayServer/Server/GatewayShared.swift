import Gateway
import NIOCore
import NIOSSL
import Synchronization

/// What the event loops of one server share.
final class GatewayShared: Sendable {
    /// Answers that are read to their end without a client, at the same time.
    private static let drainLimit = 256

    let services: GatewayServices
    let upstreamTLS: NIOSSLContext?
    private let loops = Mutex<[ObjectIdentifier: NIOLoopBound<GatewayLoop>]>([:])
    private let inFlight = Atomic(0)
    private let drains = Atomic(0)
    private let stopping = Atomic(false)

    /// Seconds since 1970.
    let started: Int

    init(services: GatewayServices, upstreamTLS: NIOSSLContext?) {
        started = services.now() / 1_000_000_000
        self.services = services
        self.upstreamTLS = upstreamTLS
    }

    var poolLimits: UpstreamPoolLimits { UpstreamPoolLimits() }

    /// How long a client's connection may be silent.
    var idleTimeout: TimeAmount {
        .nanoseconds(Int64(services.snapshots.current.configuration.server.idleTimeout.nanoseconds))
    }

    /// Whether new calls are refused.
    var isStopping: Bool { stopping.load(ordering: .relaxed) }

    /// What an event loop has; called on it.
    func loop(of eventLoop: any EventLoop) -> GatewayLoop {
        loops.withLock { loops in
            if let known = loops[ObjectIdentifier(eventLoop)] { return known }
            let loop = GatewayLoop(eventLoop: eventLoop, number: loops.count, shared: self)
            let bound = NIOLoopBound(loop, eventLoop: eventLoop)
            loops[ObjectIdentifier(eventLoop)] = bound
            return bound
        }.value
    }

    /// Counts a request in; false if there are as many as there may be, or the server stops.
    func begin(limit: Int) -> Bool {
        let count = inFlight.wrappingAdd(1, ordering: .relaxed).newValue
        guard count > limit else { return true }
        inFlight.wrappingSubtract(1, ordering: .relaxed)
        return false
    }

    func end() { inFlight.wrappingSubtract(1, ordering: .relaxed) }

    /// Requests in work.
    var count: Int { inFlight.load(ordering: .relaxed) }

    /// Takes a place among the drains; false if there is none.
    func beginDrain() -> Bool {
        let count = drains.wrappingAdd(1, ordering: .relaxed).newValue
        guard count > Self.drainLimit else { return true }
        drains.wrappingSubtract(1, ordering: .relaxed)
        return false
    }

    func endDrain() { drains.wrappingSubtract(1, ordering: .relaxed) }

    /// New calls are refused from here on.
    func beginStopping() { stopping.store(true, ordering: .relaxed) }

    /// Ends what is still running, on every event loop.
    func stop() {
        for bound in loops.withLock({ Array($0.values) }) {
            bound.eventLoop.execute { bound.value.stop() }
        }
    }
}

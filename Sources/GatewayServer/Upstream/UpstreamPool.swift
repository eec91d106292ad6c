import Gateway
import NIOCore
import NIOPosix
import NIOSSL

/// Bounds of a pool.
struct UpstreamPoolLimits {
    /// Idle connections kept for one origin.
    var idlePerOrigin = 32
    /// How long one is kept.
    var idleTime = TimeAmount.seconds(30)
    /// Connections of one event loop, used and idle.
    var connections = 8192
}

/// One event loop's connections to upstreams.
///
/// The one used last is used first, so that the rest grows old and is closed. HTTP/1.1 only.
final class UpstreamPool {
    private let eventLoop: any EventLoop
    private let limits: UpstreamPoolLimits
    private let tls: NIOSSLContext?
    private var idle: [Origin: [UpstreamConnection]] = [:]
    private var open: [ObjectIdentifier: UpstreamConnection] = [:]
    private var connecting = 0

    init(eventLoop: any EventLoop, tls: NIOSSLContext?, limits: UpstreamPoolLimits = UpstreamPoolLimits()) {
        self.eventLoop = eventLoop
        self.tls = tls
        self.limits = limits
    }

    /// Connections that are open now.
    var count: Int { open.count }
    var idleCount: Int { idle.values.reduce(0) { $0 + $1.count } }

    /// An idle connection that can be used at once.
    func take(_ origin: Origin) -> UpstreamConnection? {
        while let connection = idle[origin]?.popLast() {
            if connection.isActive { return connection }
        }
        return nil
    }

    /// Opens a connection; `done` is called once, on the event loop, after this returns.
    func connect(
        _ origin: Origin, timeout: TimeAmount, done: @escaping (Result<UpstreamConnection, UpstreamFailure>) -> Void
    ) {
        guard open.count + connecting < limits.connections else {
            return eventLoop.assumeIsolated().execute {
                done(.failure(UpstreamFailure("the gateway has \(self.limits.connections) upstream connections open")))
            }
        }
        connecting += 1
        let tls = tls
        let deadline = NIODeadline.now() + timeout
        ClientBootstrap(group: eventLoop)
            .connectTimeout(timeout)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.maxMessagesPerRead, value: 4)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if origin.isTLS, let tls {
                        // An address has no name to be indicated; its certificate is checked all the same.
                        let name = Self.isAddress(origin.host) ? nil : origin.host
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: name))
                    }
                    try channel.pipeline.syncOperations.addHandler(UpstreamConnection(origin: origin))
                }
            }
            .connect(host: origin.host, port: origin.port)
            .assumeIsolated()
            .whenComplete { result in
                self.connecting -= 1
                self.connected(result, origin: origin, deadline: deadline, done: done)
            }
    }

    /// Takes back a connection whose answer is whole.
    func put(_ connection: UpstreamConnection) {
        guard open[ObjectIdentifier(connection)] != nil, (idle[connection.origin]?.count ?? 0) < limits.idlePerOrigin
        else { return connection.close() }
        connection.idleSince = .now()
        connection.setReading(true)
        idle[connection.origin, default: []].append(connection)
    }

    /// Forgets a connection that has ended.
    func remove(_ connection: UpstreamConnection) {
        guard open.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        idle[connection.origin]?.removeAll { $0 === connection }
        if idle[connection.origin]?.isEmpty == true { idle[connection.origin] = nil }
    }

    /// Closes what has been idle for too long.
    func sweep(at now: NIODeadline) {
        for connection in idle.values.joined() where now - connection.idleSince > limits.idleTime { connection.close() }
    }

    /// Closes everything.
    func closeAll() {
        for connection in open.values { connection.close() }
    }

    // MARK: - Private

    private func connected(
        _ result: Result<any Channel, any Error>, origin: Origin, deadline: NIODeadline,
        done: @escaping (Result<UpstreamConnection, UpstreamFailure>) -> Void
    ) {
        let connection: UpstreamConnection
        do {
            let channel = try result.get()
            connection = try channel.pipeline.syncOperations.handler(type: UpstreamConnection.self)
        } catch {
            let isTimeout = if case ChannelError.connectTimeout = error { true } else { false }
            return done(.failure(UpstreamFailure(Self.sentence(for: error), isTimeout: isTimeout)))
        }
        connection.pool = self
        open[ObjectIdentifier(connection)] = connection
        guard origin.isTLS else { return done(.success(connection)) }
        let timer = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            let told = connection.onReady
            connection.onReady = nil
            connection.close()
            told?(.connect("TLS was not set up in time"))
        }
        connection.onReady = { problem in
            timer.cancel()
            if case .connect(let sentence) = problem {
                done(.failure(UpstreamFailure(sentence)))
            } else {
                done(.success(connection))
            }
        }
    }

    static func isAddress(_ host: String) -> Bool {
        (try? SocketAddress(ipAddress: host, port: 0)) != nil
    }

    /// What an error of the transport means, without addresses or certificates' contents.
    static func sentence(for error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if error.connectionErrors.isEmpty { return "its host name could not be resolved" }
            return error.connectionErrors.first.map { sentence(for: $0.error) } ?? "it could not be connected"
        case let error as IOError:
            switch error.errnoCode {
            case ECONNREFUSED: return "it refused the connection"
            case ECONNRESET, EPIPE: return "it reset the connection"
            case EHOSTUNREACH, ENETUNREACH: return "there is no route to it"
            case EMFILE, ENFILE: return "the gateway has no file descriptor left"
            default: return "its connection failed with error \(error.errnoCode)"
            }
        case ChannelError.connectTimeout: return "it did not accept the connection in time"
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: return "TLS with it failed"
        default: return "its connection failed"
        }
    }
}

/// Why there is no connection, as the end of a sentence.
struct UpstreamFailure: Error, Equatable {
    var sentence: String
    var isTimeout: Bool

    init(_ sentence: String, isTimeout: Bool = false) {
        self.sentence = sentence
        self.isTimeout = isTimeout
    }
}

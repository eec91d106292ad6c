import Domain
import Gateway
package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle

/// The router of everything that is no model call: health, metrics, flows, console.
package typealias GatewayRouter = Router<GatewayRequestContext>

/// The gateway's HTTP server.
///
/// One Hummingbird application: model calls are answered on the event loop before its router, all other requests by the
/// router. It stops when its task is told to shut down gracefully: it accepts no more, lets what runs end for as long as
/// `gateway.drain` says, then ends it with an error.
package struct GatewayServer: Service {
    private let services: GatewayServices
    private let routes: @Sendable (GatewayRouter) -> Void
    private let logger: Logger
    private let threads: Int
    private let onReady: @Sendable (Int) -> Void
    private let clientTLS: NIOSSLContext?
    private let upstreamTLS: NIOSSLContext?

    /// A server that is not listening yet.
    ///
    /// - Parameters:
    ///   - routes: adds the routes beside the model calls; `/health` and `/ready` are there.
    ///   - threads: event loops; by default one for each core.
    ///   - onReady: called with the port once it is listening.
    /// - Throws: ``ServerFailure`` if certificate or key cannot be used.
    package init(
        services: GatewayServices, logger: Logger, routes: @escaping @Sendable (GatewayRouter) -> Void = { _ in },
        threads: Int = System.coreCount, onReady: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws {
        self.services = services
        self.routes = routes
        self.logger = logger
        self.threads = max(1, threads)
        self.onReady = onReady
        let settings = services.snapshots.current.configuration.server
        clientTLS = try ServerTLS.context(certificate: settings.certificatePath, key: settings.privateKeyPath)
        upstreamTLS = try ServerTLS.upstreamContext()
    }

    package func run() async throws {
        let settings = services.snapshots.current.configuration.server
        let shared = GatewayShared(services: services, upstreamTLS: upstreamTLS)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        let clientTLS = clientTLS
        let router = GatewayRouter(context: GatewayRequestContext.self)
        router.add(middleware: UnknownPaths())
        addHealth(to: router, shared: shared)
        routes(router)
        let application = Application(
            router: router,
            server: HTTPServerBuilder { responder in
                GatewayChannel(responder: responder, shared: shared, tls: clientTLS)
            },
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), serverName: nil, backlog: 1024,
                availableConnectionsDelegate: .maximum(settings.connectionLimit, logger: logger)),
            onServerRunning: { [onReady] channel in onReady(channel.localAddress?.port ?? 0) },
            eventLoopGroupProvider: .shared(group), logger: logger)
        let drain = settings.drain
        do {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await application.run() }
                tasks.addTask {
                    // Returns when the server has ended by itself, too: the group cancels it then.
                    try? await gracefulShutdown()
                    guard !Task.isCancelled else { return }
                    shared.beginStopping()
                    try? await Task.sleep(for: drain)
                    shared.stop()
                }
                try await tasks.next()
                tasks.cancelAll()
            }
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        shared.stop()
        try await group.shutdownGracefully()
    }

    private func addHealth(to router: GatewayRouter, shared: GatewayShared) {
        let ledger = services.ledger
        // As prompt flow's server answers it.
        let healthy: JSONValue = ["status": "Healthy", "version": .string(services.version)]
        router.get("health") { _, _ in Response(json: healthy) }
        router.get("ready") { _, _ in
            let health = ledger.health
            let isReady = !shared.isStopping && health.journalError == nil
            let text = isReady ? "{\"status\":\"ready\"}" : "{\"status\":\"not ready\"}"
            return Response(
                status: isReady ? .ok : .serviceUnavailable, headers: [.contentType: "application/json"],
                body: .init(byteBuffer: ByteBuffer(string: text)))
        }
    }
}

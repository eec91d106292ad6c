import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOSSL
import NIOTLS

/// Sets up a client's connection: codec, model calls, then Hummingbird's router.
///
/// With certificates it speaks TLS, and HTTP/2 where the client asks for it.
struct GatewayChannel: HTTPChannelHandler {
    typealias Connection = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>
    typealias Multiplexer = NIOHTTP2Handler.AsyncStreamMultiplexer<Connection>
    typealias Negotiated = NIONegotiatedHTTPVersion<Connection, Multiplexer>

    /// A connection that is set up, or will be once TLS has said which protocol it speaks.
    struct Value: ServerChildChannelValue {
        enum Content {
            case plain(Connection)
            case negotiated(EventLoopFuture<Negotiated>)
        }

        let content: Content
        let channel: any Channel
    }

    let responder: Responder
    let shared: GatewayShared
    let tls: NIOSSLContext?

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1)
            guard let tls else {
                return Value(content: .plain(try setUpHTTP1(channel, isSecure: false, logger)), channel: channel)
            }
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
            let negotiation = NIOTypedApplicationProtocolNegotiationHandler<Negotiated> { result in
                channel.eventLoop.makeCompletedFuture {
                    switch result {
                    case .negotiated("h2"): .http2(try setUpHTTP2(channel, logger))
                    default: .http1_1(try setUpHTTP1(channel, isSecure: true, logger))
                    }
                }
            }
            try channel.pipeline.syncOperations.addHandler(negotiation)
            return Value(content: .negotiated(negotiation.protocolNegotiationResult), channel: channel)
        }
    }

    func handle(value: Value, logger: Logger) async {
        switch value.content {
        case .plain(let connection): await handleHTTP(asyncChannel: connection, logger: logger)
        case .negotiated(let future):
            do {
                switch try await future.get() {
                case .http1_1(let connection): await handleHTTP(asyncChannel: connection, logger: logger)
                case .http2(let multiplexer): await handle(multiplexer, logger: logger)
                }
            } catch {
                // A client that broke off inside TLS; there is nobody to tell.
                logger.debug("a client did not complete TLS")
            }
        }
    }

    private func handle(_ multiplexer: Multiplexer, logger: Logger) async {
        do {
            try await withThrowingDiscardingTaskGroup { group in
                for try await stream in multiplexer.inbound {
                    group.addTask { await handleHTTP(asyncChannel: stream, logger: logger) }
                }
            }
        } catch {
            logger.debug("an HTTP/2 connection ended with an error")
        }
    }

    private func setUpHTTP1(_ channel: any Channel, isSecure: Bool, _ logger: Logger) throws -> Connection {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 32 << 10
        limits.maxHeaderListSize = 64 << 10
        limits.maxHeaderFieldCount = 200
        let wire = WireHandler(isSecure: isSecure)
        try channel.pipeline.syncOperations.addHandler(wire)
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false,
            withEncoderConfiguration: .init(), withDecoderLimitConfiguration: limits)
        try channel.pipeline.syncOperations.addHandler(
            GatewayHandler(loop: shared.loop(of: channel.eventLoop), wire: wire))
        return try addRouter(channel, isSecure: isSecure, logger)
    }

    private func setUpHTTP2(_ channel: any Channel, _ logger: Logger) throws -> Multiplexer {
        let keeper = HTTP2Keeper(eventLoop: channel.eventLoop, idleTimeout: shared.idleTimeout)
        let multiplexer = try channel.pipeline.syncOperations.configureAsyncHTTP2Pipeline(
            mode: .server, streamDelegate: keeper.streams, configuration: .init()
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandler(HTTP2FramePayloadToHTTP1ServerCodec())
                try stream.pipeline.syncOperations.addHandler(
                    GatewayHandler(loop: shared.loop(of: stream.eventLoop), wire: nil))
                return try addRouter(stream, isSecure: true, logger)
            }
        }
        try channel.pipeline.syncOperations.addHandler(keeper)
        return multiplexer
    }

    private func addRouter(_ channel: any Channel, isSecure: Bool, _ logger: Logger) throws -> Connection {
        try channel.pipeline.syncOperations.addHandler(HTTP1ToHTTPServerCodec(secure: isSecure))
        try channel.pipeline.syncOperations.addHandler(HTTPConnectionStateHandler(logger: logger))
        return try NIOAsyncChannel(
            wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }
}

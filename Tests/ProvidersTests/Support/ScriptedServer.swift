import Domain
import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// An HTTP server on loopback that answers with exactly the bytes a test wants, however wrong they are.
final class ScriptedServer: Sendable {
    enum Action: Sendable {
        case send([UInt8])
        /// Ends the connection in good order.
        case close
        /// Ends the connection with a reset.
        case reset
        /// Keeps the connection open and says nothing more.
        case hang
    }

    struct Request: Sendable {
        var head: String
        var body: [UInt8]
        var path: String { head.split(separator: " ").dropFirst().first.map(String.init) ?? "" }
        var json: JSONValue? { try? JSONValue(parsing: body) }
        func header(_ name: String) -> String? {
            for line in head.split(separator: "\r\n").dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2, parts[0].lowercased() == name {
                    return parts[1].trimmingCharacters(in: .whitespaces)
                }
            }
            return nil
        }
    }

    private let channel: any Channel
    private let received = Mutex<[Request]>([])
    private let lost = Mutex<Int>(0)

    var base: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }
    var requests: [Request] { received.withLock { $0 } }
    /// Connections that the client closed while a script hung.
    var disconnects: Int { lost.withLock { $0 } }

    /// Starts a server; `script` gets each request and its number, from 0.
    init(_ script: @escaping @Sendable (Request, Int) -> [Action]) async throws {
        let hub = Hub(script: script)
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(hub: hub))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        hub.server.withLock { $0 = self }
    }

    func stop() async { try? await channel.close() }

    private final class Hub: Sendable {
        let script: @Sendable (Request, Int) -> [Action]
        let server = Mutex<ScriptedServer?>(nil)
        init(script: @escaping @Sendable (Request, Int) -> [Action]) { self.script = script }

        func answer(_ request: Request) -> [Action] {
            let number = server.withLock { $0 }?.received.withLock { requests in
                requests.append(request)
                return requests.count - 1
            }
            return script(request, number ?? 0)
        }
        func noteDisconnect() { server.withLock { $0 }?.lost.withLock { $0 += 1 } }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let hub: Hub
        private var bytes: [UInt8] = []
        private var isHanging = false

        init(hub: Hub) { self.hub = hub }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            bytes.append(contentsOf: unwrapInboundIn(data).readableBytesView)
            guard let request = takeRequest() else { return }
            for action in hub.answer(request) {
                switch action {
                case .send(let bytes): context.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
                case .close: context.close(promise: nil)
                case .reset:
                    let linger = linger(l_onoff: 1, l_linger: 0)
                    (context.channel as? any SocketOptionProvider)?.setSoLinger(linger).whenFailure { _ in }
                    context.close(promise: nil)
                case .hang: isHanging = true
                }
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            if isHanging { hub.noteDisconnect() }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func takeRequest() -> Request? {
            let text = String(decoding: bytes, as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { return nil }
            var request = Request(head: String(text[..<end.lowerBound]), body: [])
            let headBytes = text[..<end.upperBound].utf8.count
            let length = request.header("content-length").flatMap { Int($0) } ?? 0
            guard bytes.count >= headBytes + length else { return nil }
            request.body = Array(bytes[headBytes..<(headBytes + length)])
            bytes.removeFirst(headBytes + length)
            return request
        }
    }
}

extension ScriptedServer.Action {
    /// A complete answer.
    static func answer(
        _ body: String, status: String = "200 OK", type: String = "application/json", headers: String = ""
    ) -> Self {
        answer(Array(body.utf8), status: status, type: type, headers: headers)
    }

    static func answer(
        _ body: [UInt8], status: String = "200 OK", type: String = "application/json", headers: String = ""
    ) -> Self {
        .send(
            Array("HTTP/1.1 \(status)\r\ncontent-type: \(type)\r\ncontent-length: \(body.count)\r\n\(headers)\r\n".utf8)
                + body)
    }

    /// The head of an answer whose end is the end of the connection.
    static func head(_ type: String = "text/event-stream", headers: String = "") -> Self {
        .send(Array("HTTP/1.1 200 OK\r\ncontent-type: \(type)\r\n\(headers)connection: close\r\n\r\n".utf8))
    }

    /// Bytes as text.
    static func text(_ text: String) -> Self { .send(Array(text.utf8)) }
}

import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// What an upstream does with a request, one step after the other.
enum UpstreamStep: Sendable {
    case send(String)
    case bytes([UInt8])
    /// Ends the connection in order.
    case close
    /// Ends it with a reset.
    case reset
    /// Does nothing more, and leaves the connection open.
    case stay
    /// Waits until ``ScriptedUpstream/release()`` is called.
    case gate
}

/// An upstream on loopback that does with each request what a script says, byte for byte.
final class ScriptedUpstream: Sendable {
    typealias Script = @Sendable (_ number: Int, _ request: String) -> [UpstreamStep]

    let port: Int
    private let channel: any Channel
    private let state: State

    /// Requests seen so far, each with its head.
    var requests: [String] { state.requests }
    /// Connections that clients have ended.
    var closed: Int { state.closed }

    init(_ script: @escaping Script) async throws {
        let state = State(script: script)
        self.state = state
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(state: state))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    func stop() async throws { try await channel.close() }

    /// Lets everybody go on who waits at a gate, now or later.
    func release() { state.release() }

    /// A port on which nobody listens.
    static func closedPort() async throws -> Int {
        let upstream = try await ScriptedUpstream { _, _ in [] }
        try await upstream.stop()
        return upstream.port
    }

    final class State: Sendable {
        private let script: Script
        private let seen = Mutex<[String]>([])
        private let ended = Mutex(0)
        private let gate = Mutex<(isOpen: Bool, waiting: [@Sendable () -> Void])>((false, []))

        init(script: @escaping Script) { self.script = script }

        var requests: [String] { seen.withLock { $0 } }
        var closed: Int { ended.withLock { $0 } }

        func noteClose() { ended.withLock { $0 += 1 } }

        func release() {
            let waiting = gate.withLock { gate in
                defer { gate = (true, []) }
                return gate.waiting
            }
            for go in waiting { go() }
        }

        /// Calls back once the gate is open.
        func pass(_ go: @escaping @Sendable () -> Void) {
            let isOpen = gate.withLock { gate in
                if !gate.isOpen { gate.waiting.append(go) }
                return gate.isOpen
            }
            if isOpen { go() }
        }

        func steps(for request: String) -> [UpstreamStep] {
            let number = seen.withLock { seen in
                seen.append(request)
                return seen.count
            }
            return script(number, request)
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let state: State
        private var text = ""

        init(state: State) { self.state = state }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            while let request = nextRequest() { answer(state.steps(for: request), context: context) }
        }

        func channelInactive(context: ChannelHandlerContext) { state.noteClose() }

        private func nextRequest() -> String? {
            guard let end = text.range(of: "\r\n\r\n") else { return nil }
            let head = text[..<end.upperBound]
            let length =
                head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
                .flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
            guard text[end.upperBound...].utf8.count >= length else { return nil }
            let stop = text.utf8.index(end.upperBound, offsetBy: length)
            defer { text = String(text[stop...]) }
            return String(text[..<stop])
        }

        private func answer(_ steps: [UpstreamStep], context: ChannelHandlerContext) {
            for (place, step) in steps.enumerated() {
                switch step {
                case .send(let text): context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
                case .bytes(let bytes): context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
                case .close: context.close(promise: nil)
                case .reset:
                    let options = context.channel as? any SocketOptionProvider
                    options?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in }
                    context.close(promise: nil)
                case .stay: break
                case .gate:
                    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
                    let eventLoop = context.eventLoop
                    let rest = Array(steps[(place + 1)...])
                    return state.pass {
                        eventLoop.execute {
                            let (handler, context) = bound.value
                            handler.answer(rest, context: context)
                        }
                    }
                }
            }
        }
    }
}

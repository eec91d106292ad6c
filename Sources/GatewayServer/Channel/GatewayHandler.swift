import Gateway
import NIOCore
import NIOHTTP1

/// One client connection (or one HTTP/2 stream): takes the model calls and hands everything else to the router behind.
///
/// Stands between the HTTP codec and Hummingbird's. One request is in work at a time; what a client sends ahead waits
/// here, and while anything waits nothing more is read.
final class GatewayHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    enum Phase {
        /// Between requests.
        case idle
        /// The body of a model call arrives.
        case collecting
        /// The request is answered already; the rest of its body is read over.
        case discarding
        /// A model call is in work, its request whole.
        case calling
        /// The router has the request.
        case routing
    }

    /// Bytes of a refused request's body that are read over to keep the connection.
    private static let discardLimit = 1 << 20
    /// How long a connection is kept after an answer that came before its request's end.
    private static let lingerTime = TimeAmount.seconds(2)

    let loop: GatewayLoop
    let isHTTP2: Bool
    private(set) var context: ChannelHandlerContext?
    /// Where bytes go that are HTTP/1 already; in front of the codec.
    let wire: WireHandler?

    var phase = Phase.idle
    private var head: CallHead?
    private var key: KeyRecord?
    private var snapshot: GatewaySnapshot?
    private var body: ByteBuffer?
    private var discarded = 0
    private var call: ModelCall?
    private var isAnswered = false
    private var waiting = CircularBuffer<HTTPServerRequestPart>(initialCapacity: 2)
    private var isServingWaiting = false
    private var isReadHeld = false
    private var routerHasRequest = false
    private var routerHasAnswered = false
    private var lastActivity = NIODeadline.now()
    private var closesBy: NIODeadline?
    private(set) var isQuiescing = false
    /// Whether the connection ends with the answer in work.
    var closesAfterAnswer = false
    /// HTTP/1.0 takes no chunks.
    private(set) var isHTTP10 = false

    init(loop: GatewayLoop, wire: WireHandler?) {
        self.loop = loop
        self.wire = wire
        isHTTP2 = wire == nil
    }

    // MARK: - Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        loop.remove(self)
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        clientWent()
        loop.remove(self)
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            isQuiescing = true
            // Behind us nobody knows of a model call: told now, they would close the connection under it.
            if phase == .calling || phase == .collecting || phase == .discarding { return }
        case ChannelEvent.inputClosed:
            // A client that will not send any more has gone, as every proxy has it.
            if phase == .calling || phase == .collecting || phase == .discarding {
                clientWent()
                context.close(promise: nil)
                return
            }
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, phase == .idle, !isHTTP2 else {
            clientWent()
            context.close(promise: nil)
            return
        }
        closesAfterAnswer = true
        isAnswered = true
        phase = .discarding
        refuse(
            GatewayFailure(
                .invalidRequest, "The request is not valid HTTP/1.1. Check what stands between client and gateway."),
            operation: .chat)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        call?.clientIsWritable(context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        if waiting.isEmpty { context.read() } else { isReadHeld = true }
    }

    /// Closes the connection, whatever is in work.
    func close() { context?.close(promise: nil) }

    /// Closes the connection if it has been silent for too long.
    func timePassed(_ now: NIODeadline) {
        if let closesBy, now >= closesBy { return close() }
        guard phase == .idle || phase == .collecting || phase == .discarding, !isHTTP2 else { return }
        if now - lastActivity > loop.shared.idleTimeout { close() }
    }

    // MARK: - Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if waiting.isEmpty { take(part, context: context) } else { waiting.append(part) }
    }

    private func take(_ part: HTTPServerRequestPart, context: ChannelHandlerContext) {
        switch (phase, part) {
        case (.idle, .head(let head)): begin(head, context: context)
        case (.idle, _): break
        case (.collecting, .body(let bytes)): collect(bytes)
        case (.collecting, .end): start()
        case (.discarding, .body(let bytes)):
            discarded += bytes.readableBytes
            if discarded > Self.discardLimit {
                closesAfterAnswer = true
                answered()
            }
        case (.discarding, .end):
            phase = .idle
            answered()
        case (.routing, .head), (.calling, _), (.collecting, .head), (.discarding, .head): waiting.append(part)
        case (.routing, _):
            if case .end = part { routerHasRequest = true }
            context.fireChannelRead(wrapInboundOut(part))
            routed()
        }
    }

    private func begin(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        lastActivity = .now()
        guard let path = ModelPath(method: head.method.rawValue, target: head.uri) else {
            phase = .routing
            routerHasRequest = false
            routerHasAnswered = false
            context.fireChannelRead(wrapInboundOut(.head(head)))
            return
        }
        isAnswered = false
        isHTTP10 = head.version.major == 1 && head.version.minor == 0
        closesAfterAnswer = !isHTTP2 && (!head.isKeepAlive || isQuiescing)
        discarded = 0
        switch path {
        case .call(let operation, let model):
            admit(CallHead(head, operation: operation, pathModel: model))
        default:
            phase = .discarding
            answerList(path, head: head)
        }
    }

    /// Lets a call's body in, if its key is good and its length is not beyond the bound.
    private func admit(_ head: CallHead) {
        let snapshot = loop.shared.services.snapshots.current
        let limit = snapshot.configuration.server.bodyLimit
        switch snapshot.keys.verify((head.key ?? "").utf8, at: loop.shared.services.now()) {
        case .failure(let failure): return refuseEarly(failure, head)
        case .success(let key): self.key = key
        }
        if let length = head.contentLength, length > limit { return refuseEarly(Self.tooLarge(limit), head) }
        if head.expectsContinue { sendContinue() }
        self.head = head
        self.snapshot = snapshot
        body = nil
        phase = .collecting
    }

    /// Refuses a request whose body has not come: it is read over, or the connection is closed where it might not come.
    private func refuseEarly(_ failure: GatewayFailure, _ head: CallHead) {
        phase = .discarding
        if head.expectsContinue || (head.contentLength ?? 0) > Self.discardLimit { closesAfterAnswer = true }
        refuse(failure, operation: head.operation)
        loop.logRefusal(failure, head: head, key: key)
    }

    private func collect(_ bytes: ByteBuffer) {
        lastActivity = .now()
        let limit = snapshot?.configuration.server.bodyLimit ?? 0
        guard (body?.readableBytes ?? 0) + bytes.readableBytes <= limit, let head else {
            body = nil
            closesAfterAnswer = true
            phase = .discarding
            return refuse(Self.tooLarge(limit), operation: self.head?.operation ?? .chat)
        }
        if var kept = body.take() {
            kept.writeImmutableBuffer(bytes)
            body = kept
        } else {
            body = bytes
            if let length = head.contentLength, length > bytes.readableBytes {
                // One growth instead of many; the length was checked against the bound.
                body?.reserveCapacity(length)
            }
        }
    }

    private func start() {
        guard let head = head.take(), let key = key.take(), let snapshot = snapshot.take() else { return }
        phase = .calling
        let call = ModelCall(head: head, key: key, snapshot: snapshot, loop: loop, client: self)
        self.call = call
        call.start(body.take() ?? ByteBuffer())
    }

    private static func tooLarge(_ limit: Int) -> GatewayFailure {
        GatewayFailure(
            .bodyTooLarge,
            "The request's body is longer than \(limit) bytes, the most this gateway takes (`gateway.limits.body`).",
            shouldRetry: false)
    }

    // MARK: - The end of an answer

    /// The answer in work has been written whole.
    func answerEnded() {
        isAnswered = true
        call = nil
        lastActivity = .now()
        if phase == .calling { phase = .idle }
        answered()
    }

    /// Goes on to the next request if answer and request have both ended, or closes.
    private func answered() {
        guard isAnswered, let context else { return }
        if closesAfterAnswer || (phase == .idle && isQuiescing) {
            // What was written goes out before the connection ends.
            isAnswered = false
            closeAfterWriting(context)
            return
        }
        guard phase == .idle else { return }
        isAnswered = false
        serveWaiting()
    }

    /// Closes once what was written is out.
    ///
    /// Where the client may still be sending, only our side is closed at first:
    /// a connection that ends with unread bytes is reset, and the client would not see the answer.
    private func closeAfterWriting(_ context: ChannelHandlerContext) {
        guard let wire else { return }
        waiting.removeAll()
        wire.afterWrites { [self] in
            if phase == .discarding, !wire.isSecure {
                context.close(mode: .output, promise: nil)
                closesBy = .now() + Self.lingerTime
            } else {
                context.close(promise: nil)
            }
        }
    }

    private func serveWaiting() {
        guard !isServingWaiting, let context else { return }
        isServingWaiting = true
        while phase != .calling, !(phase == .routing && routerHasRequest), let part = waiting.popFirst() {
            take(part, context: context)
        }
        isServingWaiting = false
        // The router's side collects what it is given until a read is complete.
        if phase == .routing { context.fireChannelReadComplete() }
        if waiting.isEmpty, isReadHeld {
            isReadHeld = false
            context.read()
        }
    }

    private func clientWent() {
        let gone = call
        call = nil
        gone?.clientWent()
        head = nil
        body = nil
        waiting.removeAll()
        if phase != .routing { phase = .idle }
    }

    // MARK: - The router's answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if phase == .routing, case .end = unwrapOutboundIn(data) { routerHasAnswered = true }
        context.write(data, promise: promise)
        if routerHasAnswered { routed() }
    }

    private func routed() {
        guard phase == .routing, routerHasRequest, routerHasAnswered else { return }
        phase = .idle
        routerHasAnswered = false
        lastActivity = .now()
        serveWaiting()
    }
}

extension Optional {
    /// The value, which is gone afterwards.
    fileprivate mutating func take() -> Wrapped? {
        let value = self
        self = nil
        return value
    }
}

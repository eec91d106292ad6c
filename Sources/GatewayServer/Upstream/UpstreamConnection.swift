import Gateway
import NIOCore
import NIOTLS

/// Why a connection gave no answer.
enum UpstreamProblem: Equatable {
    /// It was never there: refused, unknown host, time-out, TLS. Nothing was sent.
    case connect(String)
    /// It ended before the answer's head.
    case resetBeforeHead
    /// It ended, or broke, inside the answer.
    case interrupted
    /// Its bytes are no HTTP.
    case malformed(String)
}

/// Who asked for the answer that a connection reads.
protocol UpstreamReader: AnyObject {
    func upstreamHead(_ head: ResponseHead)
    func upstreamBody(_ bytes: ByteBuffer)
    /// The answer is whole. The connection has left its reader.
    func upstreamEnd()
    /// Everything of one read has been given.
    func upstreamReadComplete()
    /// There will be no more of the answer. The connection has left its reader.
    func upstreamFailed(_ problem: UpstreamProblem)
}

/// One connection to an upstream: sends a request, reads its answer, and goes back to its pool.
///
/// Confined to its event loop. It has one reader at a time.
final class UpstreamConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bytes of an answer's rest that are read over after its reader has all it wants.
    private static let lingerLimit = 64 << 10

    let origin: Origin
    /// When it went back to the pool.
    var idleSince = NIODeadline.uptimeNanoseconds(0)
    /// Called once: with `nil` when the connection can be used, TLS included, else with what is wrong.
    var onReady: ((UpstreamProblem?) -> Void)?
    weak var pool: UpstreamPool?

    private weak var reader: (any UpstreamReader)?
    private var context: ChannelHandlerContext?
    private var parser = ResponseParser()
    private var pending: ByteBuffer?
    private var isBusy = false
    private var hasHead = false
    private var isReading = true
    private var lingering = 0
    private var isReady: Bool
    private var lastError: String?

    init(origin: Origin) {
        self.origin = origin
        isReady = !origin.isTLS
    }

    var isActive: Bool { context?.channel.isActive ?? false }

    // MARK: - Use

    /// Sends a request whose answer goes to `reader`.
    ///
    /// The body, where it is not behind the head already, goes out in the same write.
    func send(_ head: ByteBuffer, _ body: ByteBuffer? = nil, for reader: any UpstreamReader) {
        self.reader = reader
        isBusy = true
        hasHead = false
        lingering = 0
        guard let context else { return fail(.resetBeforeHead) }
        context.write(wrapOutboundOut(head), promise: nil)
        if let body { context.write(wrapOutboundOut(body), promise: nil) }
        context.flush()
    }

    /// Stops or resumes reading, so that a slow client slows the upstream down.
    func setReading(_ isReading: Bool) {
        guard self.isReading != isReading, let context else { return }
        self.isReading = isReading
        try? context.channel.syncOptions?.setOption(.autoRead, value: isReading)
    }

    /// The reader leaves; the answer's end is awaited so that the connection can be used again.
    func letGo() {
        reader = nil
        guard isBusy else { return }
        lingering = 1
        setReading(true)
    }

    /// Ends the connection; its reader is not told.
    func close() {
        reader = nil
        isBusy = false
        context?.close(promise: nil)
    }

    // MARK: - Channel

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event {
            isReady = true
            ready(nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        guard isBusy else {
            // Bytes nobody asked for: a late answer must never be taken for the next one's.
            return close()
        }
        if var kept = pending {
            kept.writeBuffer(&buffer)
            buffer = kept
            pending = nil
        }
        do throws(ResponseParser.Problem) {
            while isBusy, let event = try parser.next(&buffer) { deliver(event, rest: buffer.readableBytes) }
        } catch {
            let sentence: String
            switch error {
            case .headTooLarge: sentence = "its header is too large"
            case .malformed(let text): sentence = text
            }
            fail(.malformed(sentence))
            return close()
        }
        guard buffer.readableBytes > 0 else { return }
        if isBusy { pending = buffer } else { close() }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        reader?.upstreamReadComplete()
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !isReady { ready(.connect(lastError ?? "the connection was closed while TLS was set up")) }
        if isBusy {
            // Without an error, the end of the connection can be the answer's proper end.
            if lastError == nil, parser.close() {
                finish(isReusable: false)
            } else {
                fail(hasHead ? .interrupted : .resetBeforeHead)
            }
        }
        pool?.remove(self)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        lastError = UpstreamPool.sentence(for: error)
        context.close(promise: nil)
    }

    // MARK: - Private

    private func ready(_ problem: UpstreamProblem?) {
        let told = onReady
        onReady = nil
        told?(problem)
    }

    private func deliver(_ event: ResponseParser.Event, rest: Int) {
        switch event {
        case .head(let head):
            hasHead = true
            reader?.upstreamHead(head)
        case .body(let bytes):
            if lingering > 0 {
                lingering += bytes.readableBytes
                if lingering > Self.lingerLimit { close() }
            } else {
                reader?.upstreamBody(bytes)
            }
        // Bytes behind an answer belong to nobody; the next reader must not get them.
        case .end: finish(isReusable: parser.keepsAlive && rest == 0)
        }
    }

    private func finish(isReusable: Bool) {
        let told = reader
        reader = nil
        isBusy = false
        // Before the reader is told: it may want a connection at once.
        if isReusable, isActive, let pool { pool.put(self) } else { context?.close(promise: nil) }
        told?.upstreamEnd()
    }

    private func fail(_ problem: UpstreamProblem) {
        let told = reader
        reader = nil
        isBusy = false
        told?.upstreamFailed(problem)
    }
}

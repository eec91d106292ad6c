import NIOCore

/// Writes bytes that are HTTP/1 already, past the codec behind it.
///
/// An answer of the data path is one or two buffers this way, where the codec would make five of it.
final class WireHandler: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Whether TLS is in front of it.
    let isSecure: Bool
    private var context: ChannelHandlerContext?

    init(isSecure: Bool) { self.isSecure = isSecure }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func write(_ buffer: ByteBuffer) { context?.write(wrapOutboundOut(buffer), promise: nil) }

    func flush() { context?.flush() }

    /// Calls back when everything written so far has left, or cannot leave any more.
    func afterWrites(_ done: @escaping () -> Void) {
        guard let context else { return done() }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in done() }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: promise)
    }
}

import NIOCore
import NIOHTTP2

/// Ends an HTTP/2 connection in order: when it has been without a stream for too long, and when the server stops.
///
/// Confined to its event loop.
final class HTTP2Keeper: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    /// Counts streams for the keeper of their connection.
    final class Streams: NIOHTTP2StreamDelegate, Sendable {
        private let keeper: NIOLoopBoundBox<HTTP2Keeper?>

        init(eventLoop: any EventLoop) { keeper = NIOLoopBoundBox(nil, eventLoop: eventLoop) }

        fileprivate func setKeeper(_ keeper: HTTP2Keeper?) { self.keeper.value = keeper }

        func streamCreated(_ id: HTTP2StreamID, channel: any Channel) { keeper.value?.streamOpened(id) }

        func streamClosed(_ id: HTTP2StreamID, channel: any Channel) { keeper.value?.streamClosed() }
    }

    let streams: Streams
    private let idleTimeout: TimeAmount
    private var context: ChannelHandlerContext?
    private var openStreams = 0
    private var lastStream = HTTP2StreamID.rootStream
    private var timer: Scheduled<Void>?
    private var isStopping = false

    init(eventLoop: any EventLoop, idleTimeout: TimeAmount) {
        streams = Streams(eventLoop: eventLoop)
        self.idleTimeout = idleTimeout
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        streams.setKeeper(self)
        startTimer()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        streams.setKeeper(nil)
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.fireChannelRead(data) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent else { return context.fireUserInboundEventTriggered(event) }
        stop()
    }

    private func streamOpened(_ id: HTTP2StreamID) {
        openStreams += 1
        lastStream = max(lastStream, id)
        timer?.cancel()
        timer = nil
    }

    private func streamClosed() {
        openStreams -= 1
        guard openStreams == 0 else { return }
        if isStopping { context?.close(promise: nil) } else { startTimer() }
    }

    /// Tells the client to open no more streams; the connection ends with the last one.
    private func stop() {
        guard let context, !isStopping else { return }
        isStopping = true
        let frame = HTTP2Frame(
            streamID: .rootStream, payload: .goAway(lastStreamID: lastStream, errorCode: .noError, opaqueData: nil))
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
        if openStreams == 0 { context.close(promise: nil) }
    }

    private func startTimer() {
        timer?.cancel()
        timer = context?.eventLoop.assumeIsolated().scheduleTask(in: idleTimeout) { self.stop() }
    }
}

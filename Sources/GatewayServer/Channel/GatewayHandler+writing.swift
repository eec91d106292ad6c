import Gateway
import NIOCore
import NIOHTTP1

/// How answers are written: as bytes over HTTP/1, through the codec over HTTP/2.
extension GatewayHandler {
    /// Bodies up to this size are copied behind their head, which saves a buffer in the write.
    private static let copyLimit = 8 << 10

    var isWritable: Bool { context?.channel.isWritable ?? false }

    /// Writes a whole answer and ends it.
    func answer(_ head: AnswerHead, body: ByteBuffer) {
        guard let context else { return }
        let date = loop.date(at: loop.shared.services.now())
        if let wire {
            let copies = body.readableBytes <= Self.copyLimit
            var buffer = context.channel.allocator.buffer(capacity: 512 + (copies ? body.readableBytes : 0))
            head.write(
                into: &buffer, framing: .length(body.readableBytes), keepsAlive: !closesAfterAnswer, date: date)
            if copies {
                buffer.writeImmutableBuffer(body)
                wire.write(buffer)
            } else {
                wire.write(buffer)
                wire.write(body)
            }
            wire.flush()
        } else {
            context.write(wrapOutboundOut(.head(head.message(length: body.readableBytes, date: date))), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
        answerEnded()
    }

    /// Begins a streamed answer; `first` goes out with the head, unflushed.
    func open(_ head: AnswerHead, first: [UInt8]) {
        guard let context else { return }
        let date = loop.date(at: loop.shared.services.now())
        if let wire {
            if isHTTP10 { closesAfterAnswer = true }
            var buffer = context.channel.allocator.buffer(capacity: 512 + first.count)
            head.write(
                into: &buffer, framing: isHTTP10 ? .untilClose : .chunked, keepsAlive: !closesAfterAnswer, date: date)
            if isHTTP10 { buffer.writeBytes(first) } else { buffer.writeChunk(first) }
            wire.write(buffer)
        } else {
            context.write(wrapOutboundOut(.head(head.message(length: nil, date: date))), promise: nil)
            write(first)
        }
    }

    /// Writes the next bytes of a streamed answer, unflushed.
    func write(_ bytes: [UInt8]) {
        guard let context, !bytes.isEmpty else { return }
        var buffer = context.channel.allocator.buffer(capacity: bytes.count + 24)
        if let wire {
            if isHTTP10 { buffer.writeBytes(bytes) } else { buffer.writeChunk(bytes) }
            wire.write(buffer)
        } else {
            buffer.writeBytes(bytes)
            context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
        }
    }

    func flush() { if let wire { wire.flush() } else { context?.flush() } }

    /// Ends a streamed answer.
    func endStream() {
        guard let context else { return }
        if let wire {
            if !isHTTP10 {
                var buffer = context.channel.allocator.buffer(capacity: 8)
                buffer.writeStaticString("0\r\n\r\n")
                wire.write(buffer)
            }
            wire.flush()
        } else {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
        answerEnded()
    }

    /// Ends a streamed answer so that no client takes it for whole: its last chunk never comes.
    func breakStream() { close() }

    func sendContinue() {
        guard let context else { return }
        if let wire {
            var buffer = context.channel.allocator.buffer(capacity: 32)
            buffer.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
            wire.write(buffer)
            wire.flush()
        } else {
            let head = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        }
    }
}

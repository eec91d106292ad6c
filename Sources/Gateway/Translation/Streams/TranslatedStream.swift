import Domain

/// A streamed answer that is translated on its way to the client.
///
/// Output tokens are counted as in ``PassThroughStream``: a quarter of the bytes of all content, but at least one for each
/// piece.
final class TranslatedStream<Reader: PieceReader, Writer: PieceWriter>: AnswerStream {
    private(set) var progress = StreamProgress()
    private var reader: Reader
    private var writer: Writer
    /// The most content of one answer in bytes: some clients get all of it once more at the end.
    private let maximumBytes: Int
    private var events = ServerSentEventReader()
    private let pool = JSONPool()
    private var pieces: [AnswerPiece] = []
    private var contentBytes = 0
    private var contentPieces = 0
    /// Set once the upstream's body has ended: what is unfinished then was cut off.
    private var isEnding = false
    /// Set once the last event for the client has been written.
    private var isEnded = false

    init(_ reader: Reader, _ writer: Writer, maximumBytes: Int = 64 << 20) {
        self.reader = reader
        self.writer = writer
        self.maximumBytes = maximumBytes
    }

    /// Whether nothing that still comes can matter.
    private var isOver: Bool { isEnded || progress.failure != nil }

    func take(_ bytes: UnsafeRawBufferPointer, into out: inout [UInt8]) {
        guard !isOver else { return }
        events.take(bytes) { handle($0, into: &out) }
        if events.isOverflowing, !isOver {
            progress.failure = GatewayFailure(
                .upstreamMalformed,
                "The upstream sent an event of more than \(ServerSentEventReader.maximumEventBytes >> 20) MiB.")
        }
    }

    func end(into out: inout [UInt8]) {
        guard !isOver else { return }
        isEnding = true
        if events.hasLeftovers {
            // Some servers leave out the empty line after their last event.
            let lines: [UInt8] = [0x0A, 0x0A]
            lines.withUnsafeBytes { take($0, into: &out) }
        }
        guard !isOver else { return }
        finish(isMarked: false, into: &out)
        guard !isOver else { return }
        progress.failure = GatewayFailure(
            .upstreamInterrupted, "The upstream's answer ended before it was complete.")
    }

    func fail(_ failure: GatewayFailure, into out: inout [UInt8]) {
        guard !isEnded else { return }
        isEnded = true
        writer.fail(failure, progress, into: &out)
    }

    func cut(_ failure: GatewayFailure, into out: inout [UInt8]) {
        guard !isEnded else { return }
        isEnded = true
        progress.finishReason = writer.cut(progress, into: &out)
        writer.fail(failure, progress, into: &out)
    }

    private func handle(_ event: ServerSentEvent, into out: inout [UInt8]) {
        guard !isOver else { return }
        guard event.hasData else { return write(.keepAlive, into: &out) }
        if event.data.isEmpty { return }
        if event.data.hasPrefix("[DONE]") { return finish(isMarked: true, into: &out) }
        var problem = ""
        guard let tree = JSONTree(event.data, pool: pool, problem: &problem), tree.root.isObject else {
            progress.failure =
                isEnding
                ? GatewayFailure(.upstreamInterrupted, "The upstream's answer ended in the middle of an event.")
                : GatewayFailure(.upstreamMalformed, "The upstream sent an event that is no JSON object: \(problem).")
            return
        }
        var failure: GatewayFailure?
        var isLast = false
        do throws(GatewayFailure) { isLast = try read(tree) } catch { failure = error }
        flush(into: &out)
        if let failure {
            progress.failure = failure
        } else if isLast {
            finish(isMarked: true, into: &out)
        }
    }

    /// Reads an event into ``pieces`` and returns whether it is the dialect's last; the tree lives until it is read.
    private func read(_ tree: borrowing JSONTree) throws(GatewayFailure) -> Bool {
        try reader.read(tree.root, into: &pieces, &progress)
    }

    private func flush(into out: inout [UInt8]) {
        for piece in pieces where progress.failure == nil { write(piece, into: &out) }
        pieces.removeAll(keepingCapacity: true)
    }

    private func write(_ piece: AnswerPiece, into out: inout [UInt8]) {
        if let bytes = piece.contentBytes {
            progress.hasContent = true
            contentBytes += bytes
            contentPieces += 1
            guard contentBytes <= maximumBytes else {
                progress.failure = GatewayFailure(
                    .upstreamTooLarge, "The upstream's answer holds more than \(maximumBytes) bytes.")
                return
            }
            progress.outputTokens = max((contentBytes + 3) / 4, contentPieces)
        }
        writer.write(piece, progress, into: &out)
    }

    /// Ends the answer, if it is complete.
    private func finish(isMarked: Bool, into out: inout [UInt8]) {
        do throws(GatewayFailure) {
            guard try reader.finish(isMarked: isMarked, into: &pieces, progress) else {
                guard isMarked else { return }
                progress.failure = GatewayFailure(.upstreamMalformed, "The upstream's streamed answer is empty.")
                return
            }
            flush(into: &out)
            guard progress.failure == nil else { return }
            isEnded = true
            progress.isComplete = true
        } catch {
            progress.failure = error
        }
    }
}

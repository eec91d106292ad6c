/// A streamed answer that goes to the client in the dialect in which it comes.
///
/// Events are forwarded as they came, except that the model's name is replaced if asked, and that usage is taken out of
/// a chat whose client did not ask for it. An error event of the upstream is not forwarded: it is the stream's failure,
/// after which nothing more is written but by ``fail(_:into:)``. Output tokens are counted as a quarter of the bytes of
/// text, reasoning and tool arguments, but at least one for each event that has some.
package final class PassThroughStream: AnswerStream {
    package internal(set) var progress = StreamProgress()
    let operation: Operation
    let wantsUsage: Bool
    let publicModel: String?
    var state = StreamState()
    private var reader = ServerSentEventReader()
    private let pool = JSONPool()
    /// Set once the upstream's body has ended: what is unfinished then was cut off.
    private var isEnding = false

    /// A stream of `.chat`, `.responses` or `.messages`.
    ///
    /// - Parameters:
    ///   - wantsUsage: whether a chat client asked for usage; if not, it is taken out of the events.
    ///   - publicModel: the name the client shall see instead of the upstream's; `nil` leaves it.
    package init(_ operation: Operation, wantsUsage: Bool, publicModel: String? = nil) {
        self.operation = operation
        self.wantsUsage = wantsUsage
        self.publicModel = publicModel
    }

    /// Whether nothing that still comes can matter.
    private var isOver: Bool { progress.isComplete || progress.failure != nil }

    package func take(_ bytes: UnsafeRawBufferPointer, into out: inout [UInt8]) {
        guard !isOver else { return }
        reader.take(bytes) { handle($0, into: &out) }
        if reader.isOverflowing, !isOver {
            progress.failure = GatewayFailure(
                .upstreamMalformed,
                "The upstream sent an event of more than \(ServerSentEventReader.maximumEventBytes >> 20) MiB.")
        }
    }

    package func end(into out: inout [UInt8]) {
        guard !isOver else { return }
        isEnding = true
        if reader.hasLeftovers {
            // Some servers leave out the empty line after their last event.
            let lines: [UInt8] = [0x0A, 0x0A]
            lines.withUnsafeBytes { take($0, into: &out) }
        }
        guard !isOver else { return }
        if operation == .chat, state.isFinished {
            // Some servers leave out the last event, but say for each choice that it is finished.
            out.append(text: "data: [DONE]\n\n")
            progress.isComplete = true
        } else {
            progress.failure = GatewayFailure(
                .upstreamInterrupted, "The upstream's answer ended before it was complete.")
        }
    }

    private func handle(_ event: ServerSentEvent, into out: inout [UInt8]) {
        guard !isOver else { return }
        guard event.hasData else { return Self.forward(event, into: &out) }
        if operation == .chat, event.data.hasPrefix("[DONE]") {
            return endChat(event, into: &out)
        }
        var problem = ""
        guard let tree = JSONTree(event.data, pool: pool, problem: &problem), tree.root.isObject else {
            progress.failure =
                isEnding
                ? GatewayFailure(.upstreamInterrupted, "The upstream's answer ended in the middle of an event.")
                : GatewayFailure(.upstreamMalformed, "The upstream sent an event that is no JSON object: \(problem).")
            return
        }
        // Some servers name an event so whose data does not look like an error.
        guard !event.name.isText("error") else { return refuse(tree.root) }
        state.edits.removeAll(keepingCapacity: true)
        let isForwarded =
            switch operation {
            case .messages: readMessages(tree, event)
            case .responses: readResponses(tree, event)
            default: readChat(tree, event)
            }
        guard isForwarded, progress.failure == nil else { return }
        if state.edits.isEmpty { Self.forward(event, into: &out) } else { forwardEdited(event, into: &out) }
    }

    private func endChat(_ event: ServerSentEvent, into out: inout [UInt8]) {
        guard progress.hasContent || state.choices != 0 || progress.usage != nil else {
            progress.failure = GatewayFailure(.upstreamMalformed, "The upstream's streamed answer is empty.")
            return
        }
        progress.isComplete = true
        Self.forward(event, into: &out)
    }

    private static func forward(_ event: ServerSentEvent, into out: inout [UInt8]) {
        out.append(contentsOf: event.lines)
        endEvent(&out)
    }

    /// Adds the empty line; one that follows a carriage return needs a line feed of its own.
    private static func endEvent(_ out: inout [UInt8]) {
        if out.last == 0x0D { out.append(0x0A) }
        out.append(0x0A)
    }

    private func forwardEdited(_ event: ServerSentEvent, into out: inout [UInt8]) {
        state.edits.sort { $0.range.lowerBound < $1.range.lowerBound }
        if let range = event.dataRange {
            out.append(contentsOf: event.lines[..<range.lowerBound])
            appendEdited(event.data, into: &out)
            out.append(contentsOf: event.lines[range.upperBound...])
            return Self.endEvent(&out)
        }
        if !event.name.isEmpty {
            out.append(text: "event: ")
            out.append(contentsOf: event.name)
            out.append(0x0A)
        }
        var data: [UInt8] = []
        appendEdited(event.data, into: &data)
        for line in data.split(separator: 0x0A, omittingEmptySubsequences: false) {
            out.append(text: "data: ")
            out.append(contentsOf: line)
            out.append(0x0A)
        }
        out.append(0x0A)
    }

    private func appendEdited(_ data: UnsafeRawBufferPointer, into out: inout [UInt8]) {
        var place = 0
        for edit in state.edits where edit.range.lowerBound >= place {
            out.append(contentsOf: data[place..<edit.range.lowerBound])
            out.append(contentsOf: edit.bytes)
            place = edit.range.upperBound
        }
        out.append(contentsOf: data[place...])
    }
}

/// What a stream remembers beside its progress.
struct StreamState {
    /// Replacements in the data of the event that is being handled.
    var edits: [RequestRewrite.Edit] = []
    /// Bytes of text, reasoning and tool arguments, and events that have some.
    var textBytes = 0
    var textEvents = 0
    /// Choices that have begun and that are finished, one bit each; those beyond 63 share the last.
    var choices: UInt64 = 0
    var finishedChoices: UInt64 = 0
    var serviceTier: String?
    /// The answer's id and time, for events of our own.
    var id: String?
    var created: Int?
    /// The last `sequence_number` of a Responses stream.
    var sequence = 0
    /// The `response` object with which a Responses stream began, as JSON.
    var response: [UInt8] = []
    /// The content block that is open in a Messages stream.
    var openBlock: Int?
    /// Anthropic's usage, put together from several events.
    var usage = JSONUsage()

    var isFinished: Bool { choices != 0 && choices == finishedChoices }

    var outputTokens: Int { max((textBytes + 3) / 4, textEvents) }
}

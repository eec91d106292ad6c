/// A piece of a streamed answer in the words of no dialect.
///
/// Pieces come in this order: `start`; then texts, refusals, thinking and tools, each of which is ended before another
/// kind begins (`thinkingEnd`, `toolEnd`) and never mixed with another of its kind; then `finish`.
enum AnswerPiece: Equatable {
    /// The upstream's id, which may be empty.
    case start(id: String)
    case text(String)
    case refusal(String)
    case thinking(String)
    /// The signature is empty where the upstream gives none.
    case thinkingEnd(signature: String)
    case redactedThinking(String)
    case tool(id: String, name: String)
    /// A part of the tool's arguments; all parts together are never empty.
    case arguments(String)
    case toolEnd
    /// The upstream is alive and has nothing to say.
    case keepAlive
    /// The last piece; why the model refused, where it says so.
    case finish(Finish, refusal: String?)

    /// The bytes of content in this piece, or `nil` if it is none.
    var contentBytes: Int? {
        switch self {
        case .text(let text), .refusal(let text), .thinking(let text), .arguments(let text): text.utf8.count
        case .tool(_, let name): name.utf8.count
        case .redactedThinking: 0
        case .start, .thinkingEnd, .toolEnd, .keepAlive, .finish: nil
        }
    }
}

/// Turns an upstream's events into pieces.
protocol PieceReader {
    /// Reads one event's data; `pieces` collects what is in it.
    ///
    /// Returns whether this was the dialect's last event. Throws what is wrong with the event, and what an error inside it
    /// says; `progress.refusal` then says what can be done about it.
    mutating func read(
        _ event: JSONNode, into pieces: inout [AnswerPiece], _ progress: inout StreamProgress
    ) throws(GatewayFailure) -> Bool

    /// Ends what is still open, after the dialect's last event (`isMarked`) or the last byte.
    ///
    /// Returns whether the answer is complete: a finish reason has come, or the last event after some content.
    mutating func finish(
        isMarked: Bool, into pieces: inout [AnswerPiece], _ progress: StreamProgress
    ) throws(GatewayFailure) -> Bool
}

/// Turns pieces into events for a client.
protocol PieceWriter {
    mutating func write(_ piece: AnswerPiece, _ progress: StreamProgress, into out: inout [UInt8])

    /// Ends the answer as if the model had reached its output limit, but for the dialect's last event.
    ///
    /// Returns the finish reason that was given.
    mutating func cut(_ progress: StreamProgress, into out: inout [UInt8]) -> String

    /// Writes the dialect's error event; nothing may be written after it.
    mutating func fail(_ failure: GatewayFailure, _ progress: StreamProgress, into out: inout [UInt8])
}

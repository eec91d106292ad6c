import Domain

/// Puts the parts of streamed tool calls into an order in which each call ends before the next one begins.
///
/// OpenAI's format lets calls come mixed. The first call is handed on as it comes. When another begins and the arguments
/// so far are whole, that one takes its place; if they are not, the other is kept back until they are.
struct StreamedTools {
    private struct Call {
        var index: Int?
        var id: String?
        var name: String
        /// How far the arguments that have been handed on have come.
        var sent = ObjectProgress()
        /// Arguments that wait for the call's turn.
        var waiting = ""
        var isOpen = false
        var isEnded = false
    }

    private var calls: [Call] = []
    private var size = 0

    /// Calls and bytes of arguments in one answer.
    private static let maximumCount = 1024
    private static let maximumSize = 32 << 20

    var hasAny: Bool { !calls.isEmpty }

    /// Takes one entry of `tool_calls`.
    mutating func take(_ node: JSONNode, into pieces: inout [AnswerPiece]) throws(GatewayFailure) {
        let function = node["function"]
        let place = try place(of: node, name: function["name"].string)
        let arguments = function["arguments"]
        // Ollama has given objects.
        var text = arguments.string ?? ""
        if let object = try arguments.text() { text = object }
        size += text.utf8.count
        guard size <= Self.maximumSize else {
            throw GatewayFailure(
                .upstreamTooLarge, "The upstream's tool calls hold more than \(Self.maximumSize >> 20) MiB.")
        }
        if calls[place].isEnded {
            guard text.allSatisfy(\.isWhitespace) else {
                throw .malformedAnswer("a tool call goes on after its arguments were complete")
            }
            return
        }
        calls[place].waiting += text
        advance(into: &pieces)
    }

    /// Where the call of an entry stands, after adding it if it is new.
    private mutating func place(of node: JSONNode, name: String?) throws(GatewayFailure) -> Int {
        let index = node["index"].int
        let id = node["id"].string.flatMap { $0.isEmpty ? nil : $0 }
        let known = index == nil && id == nil ? calls.indices.last : calls.lastIndex { $0.index == index }
        // Some servers number every call 0 and tell them apart by their ids.
        if let known, id == nil || calls[known].id == nil || calls[known].id == id {
            if let name, calls[known].name.isEmpty { calls[known].name = name }
            if calls[known].id == nil, !calls[known].isOpen { calls[known].id = id }
            return known
        }
        guard calls.count < Self.maximumCount else {
            throw GatewayFailure(.upstreamTooLarge, "The upstream makes more than \(Self.maximumCount) tool calls.")
        }
        calls.append(Call(index: index, id: id, name: name ?? ""))
        return calls.count - 1
    }

    /// Hands on what can be.
    private mutating func advance(into pieces: inout [AnswerPiece], isLast: Bool = false) {
        for place in calls.indices where !calls[place].isEnded {
            guard !calls[place].name.isEmpty || isLast else { return }
            if !calls[place].isOpen {
                calls[place].isOpen = true
                let id = NeutralAnswer.identifier(calls[place].id, prefix: "call_")
                pieces.append(.tool(id: id, name: calls[place].name))
            }
            if !calls[place].waiting.isEmpty {
                pieces.append(.arguments(calls[place].waiting))
                calls[place].sent.take(calls[place].waiting)
                calls[place].waiting = ""
            }
            guard isLast || (place + 1 < calls.count && calls[place].sent.isWhole) else { return }
            if calls[place].sent.isEmpty { pieces.append(.arguments("{}")) }
            pieces.append(.toolEnd)
            calls[place].isEnded = true
        }
    }

    /// Ends every call: the model does something else now, or nothing more.
    mutating func end(into pieces: inout [AnswerPiece]) throws(GatewayFailure) {
        if calls.contains(where: { !$0.isEnded && $0.name.isEmpty }) {
            throw .malformedAnswer("a tool call has no name")
        }
        advance(into: &pieces, isLast: true)
    }
}

/// Tells whether the pieces of a JSON object make a whole one, without keeping them.
private struct ObjectProgress {
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private(set) var isEmpty = true

    var isWhole: Bool { !isEmpty && depth == 0 && !isInString }

    mutating func take(_ piece: String) {
        for byte in piece.utf8 {
            if isEscaped {
                isEscaped = false
            } else if isInString {
                if byte == UInt8(ascii: "\\") { isEscaped = true }
                if byte == UInt8(ascii: "\"") { isInString = false }
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                case 0x20, 0x09, 0x0A, 0x0D: continue
                default: break
                }
            }
            isEmpty = false
        }
    }
}

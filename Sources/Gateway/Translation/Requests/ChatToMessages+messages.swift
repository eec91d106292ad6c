import Domain

extension ChatToMessages {
    private static let knownMessageMembers: Set = [
        "role", "content", "name", "tool_calls", "tool_call_id", "refusal", "audio", "function_call",
        "reasoning_content", ThinkingExtension.key,
    ]

    /// The conversation without its system messages, which are put into ``system``.
    mutating func messages() throws(GatewayFailure) -> [JSONValue] {
        var turns = MessageTurns()
        var calls = ToolCallNames()
        let messages = try chat.required("messages").elements()
        for (place, message) in messages.enumerated() {
            try noteUnknownMembers(of: message)
            let role = try message.required("role")
            switch try role.string() {
            case "system", "developer":
                if !turns.list.isEmpty { losses.add("messages.system_position") }
                system += try blocks(message.member("content"), isSystem: true)
            case "user": turns.append(role: "user", try blocks(message.member("content")))
            case "assistant":
                calls.startTurn(place)
                turns.append(role: "assistant", try assistantBlocks(message, calls: &calls))
            case "tool": turns.append(role: "user", [try toolResult(message, calls: &calls)])
            case let other:
                throw role.untranslatable(
                    "is `\(other.shortened)`; system, developer, user, assistant and tool are understood.")
            }
        }
        guard let last = turns.list.last else {
            throw GatewayFailure(
                .untranslatable, "`messages` needs a message of a user with some content for Anthropic.",
                parameter: "messages")
        }
        if last["role"] == "assistant" { losses.add("messages.trailing_assistant") }
        return turns.list
    }

    private mutating func noteUnknownMembers(of message: RequestNode) throws(GatewayFailure) {
        for (key, value) in try message.object() where !value.isNull {
            if key == "name" || !Self.knownMessageMembers.contains(key) { losses.add("messages.\(key)") }
        }
    }

    private mutating func assistantBlocks(
        _ message: RequestNode, calls: inout ToolCallNames
    ) throws(GatewayFailure) -> [JSONValue] {
        for key in ["audio", "function_call"] {
            if let member = message.member(key) {
                throw member.untranslatable("has no equal at Anthropic.")
            }
        }
        var blocks = try ThinkingExtension.blocks(in: message)
        if blocks.isEmpty, message.member("reasoning_content") != nil { losses.add("messages.reasoning_content") }
        blocks += try self.blocks(message.member("content"))
        if let refusal = message.member("refusal") {
            let text = try refusal.string()
            losses.add("messages.refusal")
            if !text.isEmpty { blocks.append(["type": "text", "text": .string(text)]) }
        }
        for call in try message.member("tool_calls")?.elements() ?? [] {
            if let type = call.member("type"), try type.string() != "function" {
                throw type.untranslatable("must be `function`: Anthropic has no other tools of a client's.")
            }
            let function = try call.required("function")
            blocks.append([
                "type": "tool_use", "id": .string(calls.add(try call.member("id")?.string())),
                "name": .string(try function.required("name").string()),
                "input": try input(function.member("arguments")),
            ])
        }
        return blocks
    }

    private func input(_ arguments: RequestNode?) throws(GatewayFailure) -> JSONValue {
        guard let arguments else { return [:] }
        let text = try arguments.string()
        if text.utf8.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) { return [:] }
        guard let input = try? JSONValue(parsing: text), input.object != nil else {
            throw arguments.invalid("must be a JSON object as text.")
        }
        return input
    }

    private mutating func toolResult(
        _ message: RequestNode, calls: inout ToolCallNames
    ) throws(GatewayFailure) -> JSONValue {
        guard let id = calls.answer(try message.member("tool_call_id")?.string()) else {
            throw message.invalid("answers a tool call that is not there: set `tool_call_id`.")
        }
        var result: JSONObject = ["type": "tool_result", "tool_use_id": .string(id)]
        if let text = message.value["content"]?.string {
            if !text.isEmpty { result["content"] = .string(text) }
        } else {
            let blocks = try blocks(message.member("content"))
            if !blocks.isEmpty { result["content"] = .array(blocks) }
        }
        return .object(result)
    }
}

/// Messages that alternate between user and assistant, as Anthropic wants them.
///
/// Neighbours of one role are merged; messages without content are left out.
struct MessageTurns {
    private var turns: [(role: String, blocks: [JSONValue])] = []

    mutating func append(role: String, _ blocks: [JSONValue]) {
        guard !blocks.isEmpty else { return }
        if turns.last?.role == role {
            turns[turns.count - 1].blocks += blocks
        } else {
            turns.append((role, blocks))
        }
    }

    var list: [JSONValue] { turns.map { ["role": .string($0.role), "content": .array($0.blocks)] } }
}

/// The ids of tool calls as Anthropic accepts them.
///
/// Ids keep their letters, digits, `_` and `-`; anything else becomes `_`. Calls without an id get one from their place,
/// and results without an id answer the calls of the last turn in their order.
struct ToolCallNames {
    private var turn = 0
    private var count = 0
    private var open: [String] = []

    /// A turn of the assistant begins.
    mutating func startTurn(_ place: Int) {
        turn = place
        count = 0
        open = []
    }

    /// The id of the turn's next call.
    mutating func add(_ id: String?) -> String {
        let name = id.flatMap { $0.isEmpty ? nil : Self.accepted($0) } ?? "call_\(turn)_\(count)"
        count += 1
        open.append(name)
        return name
    }

    /// The id of the call a result belongs to, or `nil` if it names none and none is open.
    mutating func answer(_ id: String?) -> String? {
        guard let id, !id.isEmpty else { return open.isEmpty ? nil : open.removeFirst() }
        let name = Self.accepted(id)
        open.removeAll { $0 == name }
        return name
    }

    private static func accepted(_ id: String) -> String {
        let isAccepted: (UInt8) -> Bool = { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        if id.utf8.allSatisfy(isAccepted) { return id }
        return String(decoding: id.utf8.map { isAccepted($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }
}

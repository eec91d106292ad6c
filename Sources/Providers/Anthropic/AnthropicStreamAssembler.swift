import Domain

/// Puts the events of a streamed message together and turns it into a chat completion.
struct AnthropicStreamAssembler: StreamAssembler {
    private let redactor: Redactor
    private var message: JSONObject?
    private var usage: JSONObject = [:]
    private var blocks: [Int: StreamedBlock] = [:]
    private var isStopped = false

    private static let maximumBlocks = 4096

    init(redactor: Redactor) { self.redactor = redactor }

    mutating func take(_ event: ServerSentEvent) throws(ProviderFailure) -> String? {
        let value: JSONValue
        do { value = try JSONValue(parsing: event.data) } catch {
            throw ProviderFailure(.malformed, "An event of the provider's streamed answer is not JSON.", status: 200)
        }
        switch value["type"]?.string {
        case "message_start":
            message = value["message"]?.object
            if let first = message?["usage"]?.object { usage.merge(first) }
        case "content_block_start":
            let index = try index(of: value)
            blocks[index] = StreamedBlock(value["content_block"]?.object ?? [:])
            return value["content_block"]?["text"]?.string
        case "content_block_delta":
            return blocks[try index(of: value), default: StreamedBlock(["type": "text"])].take(value["delta"])
        case "message_delta":
            for key in ["stop_reason", "stop_sequence"] {
                if let new = value["delta"]?[key], !new.isNull { message?[key] = new }
            }
            // Cumulative; may leave out members that have not changed.
            for (key, count) in value["usage"]?.object ?? [:] where !count.isNull { usage[key] = count }
        case "message_stop": isStopped = true
        case "error": throw ProviderFailure(event: value["error"] ?? value, redactor: redactor)
        default: break
        }
        return nil
    }

    private func index(of event: JSONValue) throws(ProviderFailure) -> Int {
        guard let index = event["index"]?.int, (0..<Self.maximumBlocks).contains(index) else {
            throw ProviderFailure(
                .malformed, "The provider's streamed answer has an impossible block index.", status: 200)
        }
        return index
    }

    mutating func finish() throws(ProviderFailure) -> JSONObject {
        guard var message else {
            throw ProviderFailure(.interrupted, "The provider's streamed answer is empty.", status: 200)
        }
        guard isStopped || message["stop_reason"]?.string != nil else {
            throw ProviderFailure(
                .interrupted, "The provider's streamed answer ends in the middle: the last event is missing.",
                status: 200)
        }
        var content: [JSONValue] = []
        for (_, block) in blocks.sorted(by: { $0.key < $1.key }) { content.append(.object(block.assembled())) }
        message["content"] = .array(content)
        message["usage"] = .object(usage)
        return try AnthropicAnswer.completion(from: message)
    }
}

/// One content block of a streamed message, as far as it has come.
private struct StreamedBlock: Sendable {
    private var block: JSONObject
    private var text: String
    private var input = ""

    init(_ block: JSONObject) {
        self.block = block
        text = block["text"]?.string ?? ""
    }

    mutating func take(_ delta: JSONValue?) -> String? {
        switch delta?["type"]?.string {
        case "text_delta":
            let piece = delta?["text"]?.string ?? ""
            text += piece
            return piece
        case "input_json_delta": input += delta?["partial_json"]?.string ?? ""
        default: break
        }
        return nil
    }

    func assembled() -> JSONObject {
        var block = block
        switch block["type"]?.string {
        case "text": block["text"] = .string(text)
        case "tool_use" where !input.isEmpty:
            // Arguments that the output limit cut off are no JSON; they are handed on as they came, as OpenAI does.
            block["input"] = (try? JSONValue(parsing: input)) ?? .string(input)
        default: break
        }
        return block
    }
}

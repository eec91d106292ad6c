import Domain

/// Puts the chunks of a streamed chat or completion together into the answer that would have come at once.
///
/// The stream is whole when every choice has its `finish_reason`; some servers leave out `[DONE]`, so that alone does
/// not count.
struct ChatStreamAssembler: StreamAssembler {
    private let operation: ModelOperation
    private let redactor: Redactor
    /// Top-level members of chunks that are neither choices nor usage: `id`, `created`, `model`, `system_fingerprint`
    /// and others.
    private var envelope: JSONObject = [:]
    private var choices: [Int: StreamedChoice] = [:]
    private var usage: JSONValue?
    private var isDone = false

    /// More choices than this in one answer are refused.
    private static let maximumChoices = 128

    init(operation: ModelOperation, redactor: Redactor) {
        self.operation = operation
        self.redactor = redactor
    }

    mutating func take(_ event: ServerSentEvent) throws(ProviderFailure) -> String? {
        guard !isDone else { return nil }
        if event.data.starts(with: "[DONE]".utf8) {
            isDone = true
            return nil
        }
        let chunk: JSONValue
        do { chunk = try JSONValue(parsing: event.data) } catch {
            throw ProviderFailure(.malformed, "An event of the provider's streamed answer is not JSON.", status: 200)
        }
        guard let members = chunk.object else {
            throw ProviderFailure(.malformed, "An event of the provider's streamed answer is no object.", status: 200)
        }
        if let error = members["error"], !error.isNull { throw ProviderFailure(event: error, redactor: redactor) }
        var text: String?
        for (key, value) in members {
            switch key {
            case "choices":
                for choice in value.array ?? [] {
                    guard let piece = try take(choice: choice) else { continue }
                    text = (text ?? "") + piece
                }
            case "usage": if !value.isNull { usage = value }
            case "object", "obfuscation": break
            default: if !value.isNull { envelope[key] = value }
            }
        }
        return text
    }

    /// Takes one choice of a chunk and returns the text it brought to the first choice.
    private mutating func take(choice: JSONValue) throws(ProviderFailure) -> String? {
        let index = choice["index"]?.int ?? 0
        guard (0..<Self.maximumChoices).contains(index) else {
            throw ProviderFailure(
                .malformed, "The provider's streamed answer has an impossible choice index.", status: 200)
        }
        let piece = try choices[index, default: StreamedChoice()].take(choice)
        if choices[index]?.finishReason == "error" {
            throw ProviderFailure(.server, "The provider broke off its answer with an error (HTTP 200).", status: 200)
        }
        return index == 0 ? piece : nil
    }

    mutating func finish() throws(ProviderFailure) -> JSONObject {
        guard !choices.isEmpty else {
            throw ProviderFailure(
                isDone || !envelope.isEmpty ? .malformed : .interrupted, "The provider's streamed answer is empty.",
                status: 200)
        }
        guard choices.values.allSatisfy({ $0.finishReason != nil }) else {
            throw ProviderFailure(
                .interrupted, "The provider's streamed answer ends in the middle: the last event is missing.",
                status: 200)
        }
        var answer = envelope
        answer["object"] = operation == .chat ? "chat.completion" : "text_completion"
        answer["choices"] = .array(
            choices.sorted { $0.key < $1.key }.map { .object($1.assembled(index: $0, operation: operation)) })
        if let usage { answer["usage"] = usage }
        return answer
    }
}

/// One choice of a streamed answer, as far as it has come.
private struct StreamedChoice: Sendable {
    private(set) var finishReason: String?
    private var role = "assistant"
    private var texts: [String: String] = [:]
    private var calls: [Int: StreamedToolCall] = [:]
    private var logprobs: [JSONValue] = []
    /// Members of deltas and choices that come whole, kept by the last value.
    private var extras: JSONObject = [:]

    private static let maximumToolCalls = 1024

    mutating func take(_ choice: JSONValue) throws(ProviderFailure) -> String? {
        if let reason = choice["finish_reason"]?.string { finishReason = reason }
        for entry in choice["logprobs"]?["content"]?.array ?? [] { logprobs.append(entry) }
        if let filter = choice["content_filter_results"], !filter.isNull { extras["content_filter_results"] = filter }
        if let text = choice["text"]?.string {
            texts["content", default: ""] += text
            return text
        }
        guard let delta = choice["delta"]?.object else { return nil }
        if let role = delta["role"]?.string { self.role = role }
        for key in ["content", "refusal", "reasoning_content", "reasoning"] {
            if let piece = delta[key]?.string { texts[key, default: ""] += piece }
        }
        for call in delta["tool_calls"]?.array ?? [] {
            // Servers that send each call whole sometimes leave out the index.
            let index = call["index"]?.int ?? calls.count
            guard (0..<Self.maximumToolCalls).contains(index) else {
                throw ProviderFailure(
                    .malformed, "The provider's streamed answer has an impossible tool call index.", status: 200)
            }
            calls[index, default: StreamedToolCall()].take(call)
        }
        return delta["content"]?.string
    }

    func assembled(index: Int, operation: ModelOperation) -> JSONObject {
        var choice: JSONObject = ["index": .int(index)]
        let content = texts["content"].map { JSONValue.string($0) }
        if operation == .chat {
            var message: JSONObject = ["role": .string(role), "content": content ?? (calls.isEmpty ? "" : .null)]
            for key in ["refusal", "reasoning_content", "reasoning"] {
                if let text = texts[key] { message[key] = .string(text) }
            }
            if !calls.isEmpty {
                message["tool_calls"] = .array(
                    calls.sorted { $0.key < $1.key }.map { .object($1.assembled(place: $0)) })
            }
            choice["message"] = .object(message)
        } else {
            choice["text"] = content ?? ""
        }
        choice["logprobs"] = logprobs.isEmpty ? .null : ["content": .array(logprobs)]
        choice["finish_reason"] = finishReason.map { .string($0) } ?? .null
        choice.merge(extras)
        return choice
    }
}

/// One tool call of a streamed answer, as far as it has come.
private struct StreamedToolCall: Sendable {
    private var id: String?
    private var name = ""
    private var arguments = ""

    mutating func take(_ delta: JSONValue) {
        if let id = delta["id"]?.string, !id.isEmpty { self.id = id }
        if let piece = delta["function"]?["name"]?.string { name += piece }
        if let piece = delta["function"]?["arguments"]?.string { arguments += piece }
    }

    func assembled(place: Int) -> JSONObject {
        [
            // Some servers send no id; the answer to the call needs one.
            "id": .string(id ?? "call_\(place)"), "type": "function",
            "function": ["name": .string(name), "arguments": .string(arguments)],
        ]
    }
}

import Domain
import Gateway

/// A flow's answer as a chat completion, whole or in chunks.
struct FlowAnswer: Sendable {
    let id: String
    let model: String
    /// Seconds since 1970.
    let created: Int
    /// The flow's release.
    let fingerprint: String

    init(_ order: FlowOrder) {
        id = "chatcmpl-\(order.call)"
        model = order.model
        created = order.start / 1_000_000_000
        fingerprint = order.flow.digest.short
    }

    /// The output that is the answer: the chat output, or the only one that is not for evaluation.
    static func outputName(of interface: FlowInterface) -> String? {
        if let chat = interface.outputs.first(where: \.isChatOutput) { return chat.name }
        let shown = interface.outputs.filter { !$0.isEvaluationOnly }
        return shown.count == 1 ? shown[0].name : nil
    }

    /// The text of an answer: of a chosen output, or of all of them as JSON.
    static func text(_ outputs: JSONObject, interface: FlowInterface) -> String {
        if let name = outputName(of: interface), let value = outputs[name] {
            return value.string ?? (value.isNull ? "" : value.text())
        }
        let hidden = Set(interface.outputs.filter(\.isEvaluationOnly).map(\.name))
        return JSONValue.object(JSONObject(outputs.filter { !hidden.contains($0.0) })).text()
    }

    /// The whole answer.
    func completion(_ text: String, usage: TokenUsage) -> [UInt8] {
        JSONValue.object([
            "id": .string(id), "object": "chat.completion", "created": .int(created), "model": .string(model),
            "choices": [
                [
                    "index": 0, "message": ["role": "assistant", "content": .string(text), "refusal": nil],
                    "logprobs": nil, "finish_reason": "stop",
                ]
            ],
            "usage": Self.json(usage), "system_fingerprint": .string(fingerprint),
        ]).bytes()
    }

    /// The first event: the role.
    func opening() -> [UInt8] { event(delta: ["role": "assistant", "content": ""], finish: nil) }

    /// A piece of the text.
    func piece(_ text: String) -> [UInt8] { event(delta: ["content": .string(text)], finish: nil) }

    /// The last events: the finish reason, the usage where it was asked for, and the end mark.
    func closing(usage: TokenUsage?) -> [UInt8] {
        var bytes = event(delta: [:], finish: "stop")
        if let usage {
            bytes += Self.data(
                chunk([]).merging(["usage": Self.json(usage)]))
        }
        return bytes + Array("data: [DONE]\n\n".utf8)
    }

    /// An explicit error in the middle of a stream, which then ends without the end mark.
    static func errorEvent(_ failure: GatewayFailure) -> [UInt8] {
        Array("data: ".utf8) + ErrorBody(failure, .openAI).bytes + Array("\n\n".utf8)
    }

    private func event(delta: JSONObject, finish: String?) -> [UInt8] {
        Self.data(
            chunk([
                [
                    "index": 0, "delta": .object(delta), "logprobs": nil,
                    "finish_reason": finish.map { .string($0) } ?? .null,
                ]
            ]))
    }

    private func chunk(_ choices: JSONValue) -> JSONObject {
        [
            "id": .string(id), "object": "chat.completion.chunk", "created": .int(created), "model": .string(model),
            "choices": choices, "system_fingerprint": .string(fingerprint),
        ]
    }

    private static func data(_ object: JSONObject) -> [UInt8] {
        Array("data: ".utf8) + JSONValue.object(object).bytes() + Array("\n\n".utf8)
    }

    private static func json(_ usage: TokenUsage) -> JSONValue {
        [
            "prompt_tokens": .int(usage.input), "completion_tokens": .int(usage.output),
            "total_tokens": .int(usage.input + usage.output),
            "prompt_tokens_details": ["cached_tokens": .int(usage.cachedInput)],
            "completion_tokens_details": ["reasoning_tokens": .int(usage.reasoning)],
        ]
    }
}

extension JSONObject {
    fileprivate func merging(_ other: JSONObject) -> JSONObject {
        var merged = self
        merged.merge(other)
        return merged
    }
}

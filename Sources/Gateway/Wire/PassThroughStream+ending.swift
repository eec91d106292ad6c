import Domain

extension PassThroughStream {
    package func fail(_ failure: GatewayFailure, into out: inout [UInt8]) {
        switch operation {
        case .messages:
            write("error", ErrorBody.object(failure, .anthropic), into: &out)
        case .responses:
            state.sequence += 1
            // Flat as the schema has it, and nested, since the official client raises an error only for that.
            var object: JSONObject = [
                "type": "error", "code": .string(failure.upstreamCode ?? failure.code),
                "message": .string(failure.message), "param": failure.parameter.map { .string($0) } ?? .null,
                "sequence_number": .int(state.sequence),
            ]
            object["error"] = ErrorBody.object(failure, .openAI)["error"]
            write("error", object, into: &out)
        default:
            write(nil, ErrorBody.object(failure, .openAI), into: &out)
        }
    }

    package func cut(_ failure: GatewayFailure, into out: inout [UInt8]) {
        switch operation {
        case .messages: cutMessages(into: &out)
        case .responses: cutResponses(into: &out)
        default: cutChat(into: &out)
        }
        fail(failure, into: &out)
    }

    private var shownModel: JSONValue { .string(publicModel ?? progress.model ?? "") }

    /// One chunk that finishes every choice that is not.
    private func cutChat(into out: inout [UInt8]) {
        let open = state.choices == 0 ? 1 : state.choices & ~state.finishedChoices
        guard open != 0 else { return }
        let choices = (0..<64).filter { open & (1 << UInt64($0)) != 0 }.map { index -> JSONValue in
            ["index": .int(index), "delta": [:], "finish_reason": "length", "logprobs": nil]
        }
        progress.finishReason = "length"
        write(
            nil,
            [
                "id": .string(state.id ?? ""), "object": "chat.completion.chunk", "created": .int(state.created ?? 0),
                "model": shownModel, "choices": .array(choices),
            ], into: &out)
    }

    private func cutMessages(into out: inout [UInt8]) {
        if let index = state.openBlock {
            write("content_block_stop", ["type": "content_block_stop", "index": .int(index)], into: &out)
        }
        progress.finishReason = "max_tokens"
        let usage: JSONValue = ["output_tokens": .int(progress.outputTokens)]
        write(
            "message_delta",
            [
                "type": "message_delta", "delta": ["stop_reason": "max_tokens", "stop_sequence": nil], "usage": usage,
            ], into: &out)
    }

    private func cutResponses(into out: inout [UInt8]) {
        var response = (try? JSONValue(parsing: state.response))?.object ?? ["object": "response", "output": []]
        response["status"] = "incomplete"
        response["incomplete_details"] = ["reason": "max_output_tokens"]
        if publicModel != nil || response["model"] == nil { response["model"] = shownModel }
        progress.finishReason = "max_output_tokens"
        state.sequence += 1
        write(
            "response.incomplete",
            [
                "type": "response.incomplete", "response": .object(response), "sequence_number": .int(state.sequence),
            ], into: &out)
    }

    private func write(_ name: StaticString?, _ data: JSONObject, into out: inout [UInt8]) {
        if let name {
            out.append(text: "event: ")
            out.append(text: name)
            out.append(0x0A)
        }
        out.append(text: "data: ")
        out.append(contentsOf: JSONValue.object(data).bytes())
        out.append(text: "\n\n")
    }
}

/// A usage object that comes in parts, of which the later count.
struct JSONUsage {
    private var object = JSONObject()

    mutating func merge(_ usage: JSONNode) {
        for (key, value) in usage.members where !value.isNull {
            guard let name = key.string else { continue }
            object[name] = value.copy
        }
    }

    func read(_ dialect: Dialect) -> ReportedUsage? { ReportedUsage.read(.object(object), dialect) }
}

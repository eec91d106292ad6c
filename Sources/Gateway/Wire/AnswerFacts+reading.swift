extension AnswerFacts {
    mutating func read(
        _ operation: Operation, _ tree: borrowing JSONTree, _ body: UnsafeRawBufferPointer
    ) throws(GatewayFailure) {
        let root = tree.root
        if root["error"].isTruthy || root["type"].isString("error") {
            let facts = RefusalFacts(root)
            throw UpstreamRefusal(status: facts.impliedStatus, facts).failure
        }
        for (key, value) in root.members {
            let name = key.bytes
            switch name.count {
            case 5 where name.isText("model"): model = value.string
            case 5 where name.isText("usage"):
                guard let place = tree.offset(of: key) else { continue }
                let text = UnsafeRawBufferPointer(rebasing: body[JSONText.valueRange(body, keyAt: place)])
                usage = ReportedUsage.read(value, text: text, operation.dialect, serviceTier: nil)
            case 12 where name.isText("service_tier"): serviceTier = value.string
            default: break
            }
        }
        serviceTier = serviceTier ?? usage?.serviceTier
        if usage?.serviceTier == nil { usage?.serviceTier = serviceTier }
        switch operation {
        case .chat: try readChoices(root["choices"])
        case .responses: try readResponse(root)
        case .messages: try readMessage(root)
        case .embeddings:
            guard root["data"].isArray, root["data"].count > 0 else { throw Self.malformed("has no embeddings") }
        case .countTokens:
            guard root["input_tokens"].int != nil else { throw Self.malformed("has no `input_tokens`") }
        }
    }

    private mutating func readChoices(_ choices: JSONNode) throws(GatewayFailure) {
        guard choices.isArray, choices.count > 0 else { throw Self.malformed("has no choices") }
        var bytes = 0
        for choice in choices.elements {
            finishReason = choice["finish_reason"].string ?? finishReason
            let message = choice["message"]
            guard message.isObject || choice["text"].isString else {
                throw Self.malformed("has a choice without a message")
            }
            bytes += choice["text"].bytes.count + message["content"].bytes.count + message["refusal"].bytes.count
            bytes += message["reasoning"].bytes.count + message["reasoning_content"].bytes.count
            for call in message["tool_calls"].elements {
                bytes += call["function"]["name"].bytes.count + call["function"]["arguments"].bytes.count
            }
        }
        outputTokens = (bytes + 3) / 4
        guard finishReason != "error" else { throw GatewayFailure(.upstreamFailed, "The upstream failed.") }
    }

    private mutating func readResponse(_ root: JSONNode) throws(GatewayFailure) {
        let status = root["status"].string
        guard root["output"].isArray || status == "queued" || status == "in_progress" else {
            throw Self.malformed("has no output")
        }
        finishReason = root["incomplete_details"]["reason"].string ?? status
        var bytes = 0
        for item in root["output"].elements {
            for part in item["content"].elements { bytes += part["text"].bytes.count + part["refusal"].bytes.count }
            for part in item["summary"].elements { bytes += part["text"].bytes.count }
            bytes += item["name"].bytes.count + item["arguments"].bytes.count
        }
        outputTokens = (bytes + 3) / 4
    }

    private mutating func readMessage(_ root: JSONNode) throws(GatewayFailure) {
        guard root["content"].isArray else { throw Self.malformed("has no content") }
        finishReason = root["stop_reason"].string
        var bytes = 0
        for block in root["content"].elements {
            bytes += block["text"].bytes.count + block["thinking"].bytes.count + block["name"].bytes.count
            if block["input"].isObject { bytes += JSONNode.size(block["input"]) }
        }
        outputTokens = (bytes + 3) / 4
    }

    private static func malformed(_ what: String) -> GatewayFailure {
        GatewayFailure(.upstreamMalformed, "The upstream's answer \(what).")
    }
}

extension JSONNode {
    /// About how many bytes a value takes as JSON: those of its strings and two for any other; of eight levels.
    fileprivate static func size(_ node: JSONNode, depth: Int = 8) -> Int {
        guard depth > 0 else { return 2 }
        if node.isObject {
            return node.members.reduce(2) { $0 + $1.key.bytes.count + size($1.value, depth: depth - 1) }
        }
        if node.isArray { return node.elements.reduce(2) { $0 + size($1, depth: depth - 1) } }
        return max(node.bytes.count, 2)
    }
}

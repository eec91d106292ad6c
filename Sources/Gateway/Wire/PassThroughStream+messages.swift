extension PassThroughStream {
    /// Reads an event of a Messages stream; false if it is not for the client.
    func readMessages(_ tree: borrowing JSONTree, _ event: ServerSentEvent) -> Bool {
        let root = tree.root
        let type = root["type"].bytes
        switch type.count {
        case 19 where type.isText("content_block_delta"): readDelta(root["delta"])
        case 19 where type.isText("content_block_start"):
            state.openBlock = root["index"].int ?? 0
            readBlock(root["content_block"])
        case 18 where type.isText("content_block_stop"): state.openBlock = nil
        case 13 where type.isText("message_start"):
            let message = root["message"]
            state.id = message["id"].string
            for (key, value) in message.members where key.isString("model") { readModel(value, key, tree, event) }
            mergeUsage(message["usage"])
        case 13 where type.isText("message_delta"):
            if let reason = root["delta"]["stop_reason"].string { progress.finishReason = reason }
            mergeUsage(root["usage"])
        case 12 where type.isText("message_stop"): progress.isComplete = true
        default:
            guard !type.isText("error"), !root["error"].isTruthy else {
                refuse(root)
                return false
            }
        }
        return true
    }

    /// Later counts replace earlier ones of the same name; an event may leave out any of them.
    private func mergeUsage(_ usage: JSONNode) {
        guard usage.isObject else { return }
        state.usage.merge(usage)
        if let read = state.usage.read(.anthropic) { progress.usage = read }
    }

    private func readBlock(_ block: JSONNode) {
        let type = block["type"]
        guard !type.isString("thinking"), !type.isString("redacted_thinking") else { return }
        if type.isString("text") {
            count(block["text"].bytes.count)
        } else {
            progress.hasContent = true
            count(block["name"].bytes.count)
        }
    }

    private func readDelta(_ delta: JSONNode) {
        for (key, value) in delta.members {
            let name = key.bytes
            switch name.count {
            case 4 where name.isText("text"), 8 where name.isText("thinking"), 12 where name.isText("partial_json"):
                count(value.bytes.count)
            case 8 where name.isText("citation"): progress.hasContent = true
            default: break
            }
        }
    }

    /// Counts text that was made of output tokens.
    func count(_ bytes: Int) {
        guard bytes > 0 else { return }
        state.textBytes += bytes
        state.textEvents += 1
        progress.outputTokens = state.outputTokens
        progress.hasContent = true
    }
}

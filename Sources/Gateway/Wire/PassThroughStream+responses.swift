extension PassThroughStream {
    /// The `response` object of the first event is kept up to this size.
    private static let maximumKeptResponse = 1 << 20

    /// Reads an event of a Responses stream; false if it is not for the client.
    func readResponses(_ tree: borrowing JSONTree, _ event: ServerSentEvent) -> Bool {
        let root = tree.root
        if let sequence = root["sequence_number"].int { state.sequence = sequence }
        let type = root["type"].bytes
        if type.isText("response.audio.delta") {
            progress.hasContent = true
        } else if type.hasSuffix(".delta") {
            count(root["delta"].bytes.count)
        } else if type.isText("error") || root["error"].isTruthy {
            refuse(root)
            return false
        } else if type.isText("response.output_item.added") {
            readItem(root["item"])
        } else if type.firstPlace(of: "_call.") != nil || type.isText("response.output_item.done") {
            progress.hasContent = true
        }
        guard let key = responseKey(root) else { return true }
        let response = root["response"]
        for (name, value) in response.members {
            if name.isString("model") { readModel(value, name, tree, event) }
            if name.isString("service_tier") { readServiceTier(value) }
        }
        readResponseUsage(response, tree, event)
        switch type.count {
        case 16 where type.isText("response.created"):
            let range = JSONText.valueRange(event.data, keyAt: tree.offset(of: key) ?? 0)
            if range.count <= Self.maximumKeptResponse { state.response = Array(event.data[range]) }
        case 18 where type.isText("response.completed"): complete(response, "completed")
        case 19 where type.isText("response.incomplete"): complete(response, "incomplete")
        case 15 where type.isText("response.failed"):
            refuse(root)
            return false
        default: break
        }
        return true
    }

    private func responseKey(_ root: JSONNode) -> JSONNode? {
        for (key, value) in root.members where key.isString("response") { return value.isObject ? key : nil }
        return nil
    }

    private func readItem(_ item: JSONNode) {
        let type = item["type"]
        guard !type.isString("message"), !type.isString("reasoning") else { return }
        progress.hasContent = true
        count(item["name"].bytes.count)
    }

    private func readResponseUsage(_ response: JSONNode, _ tree: borrowing JSONTree, _ event: ServerSentEvent) {
        for (key, value) in response.members where key.isString("usage") && value.isObject {
            guard let place = tree.offset(of: key) else { continue }
            let text = UnsafeRawBufferPointer(rebasing: event.data[JSONText.valueRange(event.data, keyAt: place)])
            if let read = ReportedUsage.read(value, text: text, .openAI, serviceTier: state.serviceTier) {
                progress.usage = read
            }
        }
    }

    private func complete(_ response: JSONNode, _ status: String) {
        progress.finishReason = response["incomplete_details"]["reason"].string ?? status
        progress.isComplete = true
    }
}

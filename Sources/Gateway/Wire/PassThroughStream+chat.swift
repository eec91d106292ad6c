extension PassThroughStream {
    /// Reads a chunk of a chat; false if it is not for the client.
    func readChat(_ tree: borrowing JSONTree, _ event: ServerSentEvent) -> Bool {
        var usage = JSONNode(nil)
        var usageKey = JSONNode(nil)
        var choices = JSONNode(nil)
        for (key, value) in tree.root.members {
            let name = key.bytes
            switch name.count {
            case 2 where name.isText("id"):
                if state.id == nil { state.id = value.string }
            case 5 where name.isText("usage"): (usageKey, usage) = (key, value)
            case 5 where name.isText("model"): readModel(value, key, tree, event)
            case 5 where name.isText("error"):
                guard !value.isTruthy else {
                    refuse(tree.root)
                    return false
                }
            case 7 where name.isText("choices"): choices = value
            case 7 where name.isText("created"):
                if state.created == nil { state.created = value.int }
            case 12 where name.isText("service_tier"): readServiceTier(value)
            default: break
            }
        }
        for choice in choices.elements where !readChoice(choice) {
            refuse(tree.root)
            return false
        }
        if !usageKey.isMissing { readUsage(usage, usageKey, tree, event) }
        guard !wantsUsage, !usageKey.isMissing, let place = tree.offset(of: usageKey) else { return true }
        // The chunk that holds nothing but usage; every other loses that member only.
        if usage.isObject, choices.count == 0 { return false }
        state.edits.append(.init(range: JSONText.memberRange(event.data, keyAt: place), bytes: []))
        return true
    }

    /// Reads one choice; false if the provider says that it failed.
    private func readChoice(_ choice: JSONNode) -> Bool {
        let bit = UInt64(1) << UInt64(min(max(choice["index"].int ?? 0, 0), 63))
        state.choices |= bit
        let delta = choice["delta"]
        let bytes = delta.isObject ? countText(delta) : choice["text"].bytes.count
        if bytes > 0 {
            state.textBytes += bytes
            state.textEvents += 1
            progress.outputTokens = state.outputTokens
            progress.hasContent = true
        } else if !progress.hasContent {
            progress.hasContent = delta.members.contains { key, value in !key.isString("role") && value.isTruthy }
        }
        let reason = choice["finish_reason"]
        guard reason.isString, !reason.bytes.isEmpty else { return true }
        if reason.isString("error") { return false }
        state.finishedChoices |= bit
        progress.finishReason = reason.string
        return true
    }

    /// Bytes of a delta that were made of output tokens.
    private func countText(_ delta: JSONNode) -> Int {
        var count = 0
        for (key, value) in delta.members {
            let name = key.bytes
            switch name.count {
            case 7 where name.isText("content"), 7 where name.isText("refusal"), 9 where name.isText("reasoning"),
                17 where name.isText("reasoning_content"):
                count += value.bytes.count
            case 10 where name.isText("tool_calls"):
                for call in value.elements {
                    let function = call["function"]
                    count += function["name"].bytes.count + function["arguments"].bytes.count
                }
            case 13 where name.isText("function_call"):
                count += value["name"].bytes.count + value["arguments"].bytes.count
            default: break
            }
        }
        return count
    }

    private func readUsage(
        _ usage: JSONNode, _ key: JSONNode, _ tree: borrowing JSONTree, _ event: ServerSentEvent
    ) {
        guard usage.isObject, let place = tree.offset(of: key) else { return }
        let text = UnsafeRawBufferPointer(rebasing: event.data[JSONText.valueRange(event.data, keyAt: place)])
        if let read = ReportedUsage.read(usage, text: text, .openAI, serviceTier: state.serviceTier) {
            progress.usage = read
        }
    }

    /// Notes the upstream's name of the model, and replaces it if asked.
    func readModel(_ value: JSONNode, _ key: JSONNode, _ tree: borrowing JSONTree, _ event: ServerSentEvent) {
        guard value.isString else { return }
        if progress.model == nil { progress.model = value.string }
        guard let publicModel, let place = tree.offset(of: key) else { return }
        var name: [UInt8] = []
        name.append(quoted: publicModel)
        state.edits.append(.init(range: JSONText.valueRange(event.data, keyAt: place), bytes: name))
    }

    func readServiceTier(_ value: JSONNode) {
        guard value.isString, state.serviceTier.map({ !value.isString($0) }) ?? true else { return }
        state.serviceTier = value.string
        progress.usage?.serviceTier = state.serviceTier
    }

    /// Notes that the provider reported an error in the stream.
    func refuse(_ root: JSONNode) {
        let facts = RefusalFacts(root)
        let refusal = UpstreamRefusal(status: facts.impliedStatus, facts)
        progress.refusal = refusal
        progress.failure = refusal.failure
    }
}

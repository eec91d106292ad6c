import Domain

/// Reads the chunks of a streamed chat completion of OpenAI's; of several choices only the first.
struct ChatReader: PieceReader {
    private var tools = StreamedTools()
    private var isThinking = false
    private var isStarted = false
    private var finishReason: String?
    private var matched: String?
    private var refusal: String?
    private var serviceTier: String?

    mutating func read(
        _ event: JSONNode, into pieces: inout [AnswerPiece], _ progress: inout StreamProgress
    ) throws(GatewayFailure) -> Bool {
        if event["error"].isTruthy { throw UpstreamError.failure(event, &progress) }
        // Azure's first chunk holds nothing but what its filter found, not even an id.
        if !isStarted, event["id"].bytes.count > 0 || event["choices"].count > 0 {
            isStarted = true
            pieces.append(.start(id: event["id"].string ?? ""))
        }
        if progress.model == nil, let model = event["model"].string, !model.isEmpty { progress.model = model }
        if let tier = event["service_tier"].string { serviceTier = tier }
        let usage = event["usage"]
        if usage.isObject, let reported = ReportedUsage.read(usage.copy, .openAI) {
            progress.usage = reported
        }
        if let serviceTier, progress.usage?.serviceTier == nil { progress.usage?.serviceTier = serviceTier }
        for choice in event["choices"].elements where (choice["index"].int ?? 0) == 0 {
            try read(choice: choice, into: &pieces, &progress)
        }
        return false
    }

    private mutating func read(
        choice: JSONNode, into pieces: inout [AnswerPiece], _ progress: inout StreamProgress
    ) throws(GatewayFailure) {
        let delta = choice["delta"]
        let reasoning = delta["reasoning_content"]
        if let text = reasoning.string ?? delta["reasoning"].string, !text.isEmpty {
            try tools.end(into: &pieces)
            isThinking = true
            pieces.append(.thinking(text))
        }
        if let text = delta["content"].string, !text.isEmpty {
            try endOthers(into: &pieces)
            pieces.append(.text(text))
        }
        if let text = delta["refusal"].string, !text.isEmpty {
            try endOthers(into: &pieces)
            refusal = (refusal ?? "") + text
            pieces.append(.refusal(text))
        }
        for call in delta["tool_calls"].elements {
            endThinking(into: &pieces)
            try tools.take(call, into: &pieces)
        }
        if let reason = choice["finish_reason"].string {
            if reason == "error" { throw UpstreamError.failure(choice, &progress) }
            finishReason = reason
            progress.finishReason = reason
            if let text = choice["stop_reason"].string { matched = text }
        }
    }

    private mutating func endOthers(into pieces: inout [AnswerPiece]) throws(GatewayFailure) {
        endThinking(into: &pieces)
        try tools.end(into: &pieces)
    }

    private mutating func endThinking(into pieces: inout [AnswerPiece]) {
        guard isThinking else { return }
        isThinking = false
        pieces.append(.thinkingEnd(signature: ""))
    }

    mutating func finish(
        isMarked: Bool, into pieces: inout [AnswerPiece], _ progress: StreamProgress
    ) throws(GatewayFailure) -> Bool {
        // Some servers leave out `[DONE]`, others the finish reason; an answer with neither has been cut off.
        guard finishReason != nil || (isMarked && progress.hasContent) else { return false }
        try endOthers(into: &pieces)
        var finish = Finish(finishReason: finishReason, matched: matched, hasTools: tools.hasAny)
        if refusal != nil, finish == .stop { finish = .declined }
        pieces.append(.finish(finish, refusal: refusal))
        return true
    }
}

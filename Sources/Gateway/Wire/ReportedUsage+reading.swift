package import Domain

extension ReportedUsage {
    /// The longest usage object that is kept as it came.
    private static let maximumRawBytes = 8192
    private static let tokenLimit = 1_000_000_000_000

    /// Reads a provider's usage object.
    ///
    /// The shape is told by its members: OpenAI's chat, embeddings and Responses and what is compatible with them,
    /// Anthropic's and Gemini's. A count of 0 is a count; `nil` if there is none at all, or one is negative.
    package static func read(
        _ usage: JSONValue, _ dialect: Dialect, serviceTier: String? = nil
    ) -> ReportedUsage? {
        let bytes = usage.bytes()
        var problem = ""
        return bytes.withUnsafeBytes { text in
            guard let tree = JSONTree(text, problem: &problem) else { return nil }
            return read(tree.root, text: text, dialect, serviceTier: serviceTier)
        }
    }

    /// Reads a usage object that has been parsed out of `text`.
    static func read(
        _ usage: JSONNode, text: UnsafeRawBufferPointer, _ dialect: Dialect, serviceTier: String?
    ) -> ReportedUsage? {
        guard usage.isObject, let tokens = tokens(usage, dialect) else { return nil }
        let counts = [
            tokens.input, tokens.output, tokens.cachedInput, tokens.cacheWrite, tokens.cacheWriteLong, tokens.reasoning,
            tokens.audioInput, tokens.cachedAudio, tokens.imageInput, tokens.audioOutput, tokens.searches,
        ]
        guard counts.allSatisfy((0..<tokenLimit).contains) else { return nil }
        let raw = text.count <= maximumRawBytes ? String(decoding: text, as: UTF8.self) : ""
        return ReportedUsage(tokens: tokens, raw: raw, serviceTier: usage["service_tier"].string ?? serviceTier)
    }

    private static func tokens(_ usage: JSONNode, _ dialect: Dialect) -> TokenUsage? {
        if usage["promptTokenCount"].int != nil || usage["candidatesTokenCount"].int != nil { return gemini(usage) }
        return dialect == .anthropic ? anthropic(usage) : openAI(usage)
    }

    private static func openAI(_ usage: JSONNode) -> TokenUsage? {
        let prompt = usage["prompt_tokens"].int ?? usage["input_tokens"].int
        let completion = usage["completion_tokens"].int ?? usage["output_tokens"].int
        let total = usage["total_tokens"].int
        guard let input = prompt ?? (completion == nil ? total : nil) ?? completion.map({ _ in 0 }) else { return nil }
        let inputDetails = usage.member("prompt_tokens_details", or: "input_tokens_details")
        let outputDetails = usage.member("completion_tokens_details", or: "output_tokens_details")
        var tokens = TokenUsage(input: input, output: completion ?? 0)
        // DeepSeek reports cache hits beside the details.
        tokens.cachedInput = inputDetails["cached_tokens"].int ?? usage["prompt_cache_hit_tokens"].int ?? 0
        tokens.cacheWrite = inputDetails["cache_write_tokens"].int ?? 0
        tokens.audioInput = inputDetails["audio_tokens"].int ?? 0
        tokens.cachedAudio = inputDetails["cached_tokens_details"]["audio_tokens"].int ?? 0
        tokens.imageInput = inputDetails["image_tokens"].int ?? 0
        tokens.reasoning = outputDetails["reasoning_tokens"].int ?? usage["reasoning_tokens"].int ?? 0
        tokens.audioOutput = outputDetails["audio_tokens"].int ?? 0
        // Perplexity's word.
        tokens.searches = usage["num_search_queries"].int ?? 0
        // Some count what was cached beside the input, or reasoning beside the output; the sum or a part that is
        // larger than the whole gives it away.
        if within(tokens.cachedInput, tokens.cacheWrite), tokens.cachedInput + tokens.cacheWrite > input {
            tokens.input += tokens.cachedInput + tokens.cacheWrite
        }
        if let completion, within(tokens.reasoning, completion), within(input, total ?? 0) {
            let beside = (total ?? 0) - input - completion
            if beside > 0, tokens.reasoning == beside || !outputDetails.isGiven {
                tokens.output += beside
                tokens.reasoning = beside
            } else if tokens.reasoning > completion {
                tokens.output += tokens.reasoning
            }
        }
        return tokens
    }

    /// Anthropic counts what was read from and written to the cache beside the input.
    private static func anthropic(_ usage: JSONNode) -> TokenUsage? {
        guard usage["input_tokens"].int != nil || usage["output_tokens"].int != nil else { return nil }
        let created = usage["cache_creation"]
        let long = created["ephemeral_1h_input_tokens"].int ?? 0
        let short = created["ephemeral_5m_input_tokens"].int ?? 0
        guard within(long, short) else { return nil }
        let write = usage["cache_creation_input_tokens"].int ?? (long + short)
        let read = usage["cache_read_input_tokens"].int ?? 0
        let plain = usage["input_tokens"].int ?? 0
        guard within(write, read), within(plain, 0) else { return nil }
        return TokenUsage(
            input: plain + write + read, output: usage["output_tokens"].int ?? 0, cachedInput: read, cacheWrite: write,
            cacheWriteLong: long, searches: usage["server_tool_use"]["web_search_requests"].int ?? 0)
    }

    /// Gemini counts thoughts beside the candidates, and the input of tools beside the prompt.
    private static func gemini(_ usage: JSONNode) -> TokenUsage? {
        let prompt = usage["promptTokenCount"].int ?? 0
        let tools = usage["toolUsePromptTokenCount"].int ?? 0
        let candidates = usage["candidatesTokenCount"].int ?? 0
        let thoughts = usage["thoughtsTokenCount"].int ?? 0
        guard within(prompt, tools), within(candidates, thoughts) else { return nil }
        return TokenUsage(
            input: prompt + tools, output: candidates + thoughts,
            cachedInput: usage["cachedContentTokenCount"].int ?? 0, reasoning: thoughts,
            audioInput: modality(usage["promptTokensDetails"], "AUDIO"),
            cachedAudio: modality(usage["cacheTokensDetails"], "AUDIO"),
            imageInput: modality(usage["promptTokensDetails"], "IMAGE"),
            audioOutput: modality(usage["candidatesTokensDetails"], "AUDIO"))
    }

    private static func modality(_ details: JSONNode, _ name: StaticString) -> Int {
        for detail in details.elements where detail["modality"].isString(name) { return detail["tokenCount"].int ?? 0 }
        return 0
    }

    /// Whether both are counts whose sum cannot overflow.
    private static func within(_ first: Int, _ second: Int) -> Bool {
        (0..<tokenLimit).contains(first) && (0..<tokenLimit).contains(second)
    }
}

extension JSONNode {
    /// The member of the first name, else that of the second.
    fileprivate func member(_ name: StaticString, or other: StaticString) -> JSONNode {
        let member = self[name]
        return member.isGiven ? member : self[other]
    }
}

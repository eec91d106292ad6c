import Domain

extension TokenUsage {
    /// The usage object of an answer in OpenAI's shape, or `nil` if there is none.
    ///
    /// Details a server leaves out are 0.
    init?(openAI usage: JSONValue?) {
        guard let usage = usage?.object, let input = usage["prompt_tokens"]?.int ?? usage["total_tokens"]?.int else {
            return nil
        }
        let prompt = usage["prompt_tokens_details"]
        self.init(
            input: input, output: usage["completion_tokens"]?.int ?? 0,
            // DeepSeek reports cache hits beside the details.
            cachedInput: prompt?["cached_tokens"]?.int ?? usage["prompt_cache_hit_tokens"]?.int ?? 0,
            cacheWrite: prompt?["cache_write_tokens"]?.int ?? 0,
            reasoning: usage["completion_tokens_details"]?["reasoning_tokens"]?.int ?? 0)
    }

    /// This usage as OpenAI's usage object.
    var openAI: JSONObject {
        var usage: JSONObject = [
            "prompt_tokens": .int(input), "completion_tokens": .int(output), "total_tokens": .int(input + output),
        ]
        if cachedInput > 0 || cacheWrite > 0 {
            usage["prompt_tokens_details"] = [
                "cached_tokens": .int(cachedInput), "cache_write_tokens": .int(cacheWrite),
            ]
        }
        if reasoning > 0 { usage["completion_tokens_details"] = ["reasoning_tokens": .int(reasoning)] }
        return usage
    }
}

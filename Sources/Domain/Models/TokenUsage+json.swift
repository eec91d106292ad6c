extension TokenUsage {
    /// Tokens and cost as everywhere in Pawang: `{input_tokens, output_tokens, cost_nano_usd}`.
    ///
    /// An unknown cost is `null`, never zero.
    package func json(cost: Cost) -> JSONObject {
        [
            "input_tokens": .int(input), "output_tokens": .int(output),
            "cost_nano_usd": cost.nanoUSD.map { .int($0) } ?? .null,
        ]
    }
}

package import Domain

/// The most a call can cost, before it is sent: what is reserved for it.
package enum WorstCase {
    /// What an answer without any limit is taken to have at most: no model with a published limit writes more in one
    /// answer.
    package static let unlimitedOutput = 131_072

    /// The most output tokens of one answer of a target: the client's limit, lowered to the target's own.
    package static func outputLimit(requested: Int?, target: Target) -> Int {
        min(requested ?? .max, target.declaration.maximumOutputTokens ?? (requested == nil ? unlimitedOutput : .max))
    }

    /// The price of the dearest target in nano-dollars; `nil` if that of any is unknown.
    ///
    /// All input may be written to a cache for an hour and all output be reasoning, so the dearest of these counts.
    ///
    /// - Parameters:
    ///   - outputTokens: the client's own limit for one answer, `nil` if it set none, 0 where there is no output.
    ///   - serviceTier: what the request asks for; the standard price counts as well, whichever is higher.
    ///   - seconds: since 1970.
    package static func amount(
        inputTokens: Int, outputTokens: Int?, choices: Int, targets: [Target], prices: any PriceBook,
        serviceTier: String? = nil, searches: Int = 0, at seconds: Double
    ) -> Int? {
        var dearest = 0
        for target in targets {
            let limit = outputLimit(requested: outputTokens, target: target)
            let (output, overflows) = limit.multipliedReportingOverflow(by: max(choices, 1))
            guard !overflows, output < 1_000_000_000_000 else { return nil }
            var model = target.declaration.pricedAs ?? target.declaration.model
            if model.isEmpty { model = target.id }
            for usage in usages(input: inputTokens, output: output, searches: searches) {
                for tier in serviceTier == nil ? [nil] : [nil, serviceTier] {
                    let cost = prices.cost(
                        of: usage, provider: target.provider, model: model, serviceTier: tier, at: seconds)
                    guard let amount = cost.nanoUSD else { return nil }
                    dearest = max(dearest, amount)
                }
            }
        }
        return dearest
    }

    private static func usages(input: Int, output: Int, searches: Int) -> [TokenUsage] {
        [
            TokenUsage(input: input, output: output, searches: searches),
            TokenUsage(input: input, output: output, cacheWrite: input, reasoning: output, searches: searches),
        ]
    }
}

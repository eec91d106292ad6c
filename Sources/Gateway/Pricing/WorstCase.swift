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

    /// The price of the dearest target for a request in nano-dollars; `nil` if that of any is unknown.
    ///
    /// - Parameter seconds: since 1970.
    package static func amount(
        of scan: RequestScan, targets: [Target], prices: any PriceBook, at seconds: Double
    ) -> Int? {
        let hasOutput = scan.operation != .embeddings && scan.operation != .countTokens
        return amount(
            inputTokens: scan.estimatedInputTokens, outputTokens: hasOutput ? scan.maximumOutputTokens : 0,
            choices: scan.choices, targets: targets, prices: prices, serviceTier: scan.serviceTier,
            extras: Extras(
                hasAudio: scan.hasAudio, cachesLong: scan.cachesInputLong, searches: scan.maximumSearches), at: seconds)
    }

    /// What can make a call dearer than its tokens.
    package struct Extras: Sendable, Equatable {
        /// Whether input or output can be audio.
        package var hasAudio: Bool
        /// Whether input can be written to a cache for an hour.
        package var cachesLong: Bool
        package var searches: Int

        package init(hasAudio: Bool = false, cachesLong: Bool = false, searches: Int = 0) {
            self.hasAudio = hasAudio
            self.cachesLong = cachesLong
            self.searches = searches
        }
    }

    /// The price of the dearest target in nano-dollars; `nil` if that of any is unknown.
    ///
    /// All input may be written to a cache and all output be reasoning, so the dearest of these counts.
    ///
    /// - Parameters:
    ///   - outputTokens: the client's own limit for one answer, `nil` if it set none, 0 where there is no output.
    ///   - serviceTier: what the request asks for; the standard price counts as well, whichever is higher.
    ///   - seconds: since 1970.
    package static func amount(
        inputTokens: Int, outputTokens: Int?, choices: Int, targets: [Target], prices: any PriceBook,
        serviceTier: String? = nil, extras: Extras = Extras(), at seconds: Double
    ) -> Int? {
        var dearest = 0
        for target in targets {
            let limit = outputLimit(requested: outputTokens, target: target)
            let (output, overflows) = limit.multipliedReportingOverflow(by: max(choices, 1))
            guard !overflows else { return nil }
            let model = target.declaration.pricedAs ?? target.declaration.model
            for usage in usages(input: inputTokens, output: output, extras) {
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

    private static func usages(input: Int, output: Int, _ extras: Extras) -> [TokenUsage] {
        let plain = TokenUsage(input: input, output: output, searches: extras.searches)
        var cached = plain
        cached.cacheWrite = input
        cached.reasoning = output
        if extras.cachesLong { cached.cacheWriteLong = input }
        guard extras.hasAudio else { return [plain, cached] }
        var audio = plain
        audio.audioInput = input
        audio.audioOutput = output
        return [plain, cached, audio]
    }
}

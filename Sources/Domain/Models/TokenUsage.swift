/// Tokens of one or many calls.
///
/// `input` includes cached, audio and image tokens, `output` includes reasoning and audio tokens.
package struct TokenUsage: Sendable, Hashable {
    package var input: Int
    package var output: Int
    /// The part of `input` that was read from the provider's cache.
    package var cachedInput: Int
    /// The part of `input` that was written to the provider's cache.
    package var cacheWrite: Int
    /// The part of `cacheWrite` that is kept for an hour rather than five minutes.
    package var cacheWriteLong: Int
    /// The part of `output` that was reasoning.
    package var reasoning: Int
    /// The part of `input` that was audio.
    package var audioInput: Int
    /// The part of both `audioInput` and `cachedInput` that was audio read from the cache.
    package var cachedAudio: Int
    /// The part of `input` that was images.
    package var imageInput: Int
    /// The part of `output` that was audio.
    package var audioOutput: Int
    /// Searches of the web that the provider made; no tokens, but billed.
    package var searches: Int

    package init(
        input: Int = 0, output: Int = 0, cachedInput: Int = 0, cacheWrite: Int = 0, reasoning: Int = 0,
        cacheWriteLong: Int = 0, audioInput: Int = 0, cachedAudio: Int = 0, imageInput: Int = 0, audioOutput: Int = 0,
        searches: Int = 0
    ) {
        self.input = input
        self.output = output
        self.cachedInput = cachedInput
        self.cacheWrite = cacheWrite
        self.cacheWriteLong = cacheWriteLong
        self.reasoning = reasoning
        self.audioInput = audioInput
        self.cachedAudio = cachedAudio
        self.imageInput = imageInput
        self.audioOutput = audioOutput
        self.searches = searches
    }

    package static func + (left: Self, right: Self) -> Self {
        Self(
            input: left.input + right.input, output: left.output + right.output,
            cachedInput: left.cachedInput + right.cachedInput, cacheWrite: left.cacheWrite + right.cacheWrite,
            reasoning: left.reasoning + right.reasoning, cacheWriteLong: left.cacheWriteLong + right.cacheWriteLong,
            audioInput: left.audioInput + right.audioInput, cachedAudio: left.cachedAudio + right.cachedAudio,
            imageInput: left.imageInput + right.imageInput, audioOutput: left.audioOutput + right.audioOutput,
            searches: left.searches + right.searches)
    }
}

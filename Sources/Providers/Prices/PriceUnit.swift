import Domain

/// Something that is charged for, as the price data names it.
///
/// Units overlap: cached input is part of input, cached audio part of both cached input and audio. Each token is
/// charged once, at the price of the most specific unit that has one: a unit's own tokens are those that none of the
/// priced units within it has taken. Images and video that are written or read from a cache are not counted by us.
enum PriceUnit: String, CaseIterable, Sendable {
    case input = "input_mtok"
    case output = "output_mtok"
    case cacheRead = "cache_read_mtok"
    case cacheWrite = "cache_write_mtok"
    case cacheWriteLong = "cache_write_1h_mtok"
    case audioInput = "input_audio_mtok"
    case cachedAudio = "cache_audio_read_mtok"
    case imageInput = "input_image_mtok"
    case reasoning = "output_reasoning_mtok"
    case audioOutput = "output_audio_mtok"
    case request = "requests_kcount"
    case search = "web_searches_kcount"

    /// The most specific first, so that a unit comes after all that lie within it.
    static let bySpecificity: [PriceUnit] = [
        .cachedAudio, .cacheWriteLong, .cacheRead, .cacheWrite, .audioInput, .imageInput, .reasoning, .audioOutput,
        .input, .output,
    ]

    /// How many there were in a call.
    func count(in usage: TokenUsage) -> Int {
        switch self {
        case .input: usage.input
        case .output: usage.output
        case .cacheRead: usage.cachedInput
        case .cacheWrite: usage.cacheWrite
        case .cacheWriteLong: usage.cacheWriteLong
        case .audioInput: usage.audioInput
        case .cachedAudio: usage.cachedAudio
        case .imageInput: usage.imageInput
        case .reasoning: usage.reasoning
        case .audioOutput: usage.audioOutput
        case .request: 1
        case .search: usage.searches
        }
    }

    /// Whether every token of this unit is one of the other, too.
    func lies(within other: PriceUnit) -> Bool {
        switch other {
        case .input: [.cacheRead, .cacheWrite, .cacheWriteLong, .audioInput, .cachedAudio, .imageInput].contains(self)
        case .output: self == .reasoning || self == .audioOutput
        case .cacheRead, .audioInput: self == .cachedAudio
        case .cacheWrite: self == .cacheWriteLong
        default: false
        }
    }
}

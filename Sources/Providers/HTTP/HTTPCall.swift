import Domain

/// A request to a provider's server, ready to be sent.
struct HTTPCall: Sendable {
    var url: String
    var headers: [(name: String, value: String)]
    var body: [UInt8]
}

/// The bounds of one exchange with a provider.
package struct ExchangeLimits: Sendable {
    /// The largest answer that is taken, after decompression.
    package var maximumBodyBytes = 64 << 20
    /// How long a connection may take to be made.
    package var connect: Duration = .seconds(10)
    /// How long a streamed answer may take to its first byte.
    ///
    /// One that is not streamed has the whole time.
    package var firstByte: Duration = .seconds(120)
    /// How long an answer that has begun may stay silent.
    package var stall: Duration = .seconds(60)

    package init() {}
}

/// What came back, read to its end.
enum HTTPAnswer: Sendable {
    case whole(status: Int, headers: AnswerHeaders, body: [UInt8])
    case streamed(JSONObject, timeToFirstToken: Duration?)
}

/// The headers of an answer that mean something to us.
struct AnswerHeaders: Sendable {
    var contentType = ""
    var retryAfter: String?
    var retryAfterMilliseconds: String?
    var location: String?
}

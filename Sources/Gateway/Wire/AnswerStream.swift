package import Domain

/// What has been seen of an upstream's streamed answer so far.
package struct StreamProgress: Sendable {
    /// Whether an event with content (text, tool call, reasoning, refusal) has come: from here on the answer belongs
    /// to its target.
    package var hasContent = false
    /// Whether the dialect's last event has come.
    package var isComplete = false
    /// What the upstream itself reported inside the stream, or what is wrong with its bytes.
    package var failure: GatewayFailure?
    /// The upstream's own error inside the stream as a refusal, where `failure` is one: what can be done about it.
    package var refusal: UpstreamRefusal?
    /// What the provider reported, as soon as it did; reported again, the later counts.
    package var usage: ReportedUsage?
    /// Output tokens by our own count: what is billed when the provider reports nothing.
    package var outputTokens = 0
    /// The model by the upstream's own word.
    package var model: String?
    package var finishReason: String?

    package init() {}
}

/// An upstream's streamed answer on its way to the client.
///
/// Used from one event loop; `out` collects the bytes for the client. Bytes may be cut anywhere.
package protocol AnswerStream: AnyObject {
    var progress: StreamProgress { get }

    /// Takes the next bytes from the upstream.
    func take(_ bytes: UnsafeRawBufferPointer, into out: inout [UInt8])

    /// The upstream's body has ended. If the answer is not complete, `progress.failure` says so afterwards; nothing is
    /// written for that: the caller decides between another target and ``fail(_:into:)``.
    func end(into out: inout [UInt8])

    /// Ends the answer for the client with an explicit error event.
    func fail(_ failure: GatewayFailure, into out: inout [UInt8])

    /// Ends the answer because a budget is used up: finish reason `length` (`max_tokens`), then the error event.
    func cut(_ failure: GatewayFailure, into out: inout [UInt8])
}

/// Usage as a provider reported it.
package struct ReportedUsage: Sendable, Hashable {
    package var tokens: TokenUsage
    /// The provider's own object, as it came, for pricing again later.
    package var raw: String
    /// The tier that was really used (`default`, `flex`, `priority`, `batch` …), where the answer says so.
    package var serviceTier: String?

    package init(tokens: TokenUsage, raw: String, serviceTier: String? = nil) {
        self.tokens = tokens
        self.raw = raw
        self.serviceTier = serviceTier
    }
}

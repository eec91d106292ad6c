import Domain
import NIOCore

/// Puts a streamed answer together, one provider's events at a time.
protocol StreamAssembler: Sendable {
    /// Takes one event and returns the piece of text it brought, if any.
    mutating func take(_ event: ServerSentEvent) throws(ProviderFailure) -> String?
    /// The whole answer in the shape of one that was not streamed. Throws if the end is missing.
    mutating func finish() throws(ProviderFailure) -> JSONObject
}

/// Reads one answer as it arrives: events of a stream where one was asked for and came, else the body.
struct AnswerReader: Sendable {
    private let limits: ExchangeLimits
    private let started = ContinuousClock.now
    private let onText: (@Sendable (String) -> Void)?
    private var assembler: (any StreamAssembler)?
    private var parser = ServerSentEventParser()
    private var status = 0
    private var headers = AnswerHeaders()
    private var body: [UInt8] = []
    private var received = 0
    private var timeToFirstToken: Duration?

    init(
        limits: ExchangeLimits, assembler: (any StreamAssembler)? = nil, onText: (@Sendable (String) -> Void)? = nil
    ) {
        self.limits = limits
        self.assembler = assembler
        self.onText = onText
    }

    mutating func begin(status: Int, headers: AnswerHeaders) {
        self.status = status
        self.headers = headers
        // An error, or a server that does not stream, answers with a plain body.
        if status != 200 || !headers.contentType.lowercased().hasPrefix("text/event-stream") { assembler = nil }
    }

    mutating func take(_ bytes: ByteBufferView) throws(ProviderFailure) {
        received += bytes.count
        guard received <= limits.maximumBodyBytes else { throw .answerTooLarge(limit: limits.maximumBodyBytes) }
        guard assembler != nil else { return body.append(contentsOf: bytes) }
        var events: [ServerSentEvent] = []
        parser.take(bytes, into: &events)
        if parser.isOverflowing { throw .answerTooLarge(limit: ServerSentEventParser.maximumEventBytes) }
        for event in events {
            guard let text = try assembler?.take(event), !text.isEmpty else { continue }
            if timeToFirstToken == nil { timeToFirstToken = started.duration(to: .now) }
            onText?(text)
        }
    }

    mutating func finish() throws(ProviderFailure) -> HTTPAnswer {
        guard let answer = try assembler?.finish() else { return .whole(status: status, headers: headers, body: body) }
        return .streamed(answer, timeToFirstToken: timeToFirstToken)
    }
}

extension ProviderFailure {
    static func answerTooLarge(limit: Int) -> Self {
        Self(.tooLarge, "The provider's answer is larger than \(limit >> 20) MiB.", status: 200)
    }
}

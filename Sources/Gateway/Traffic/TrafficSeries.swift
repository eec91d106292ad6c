internal import Domain

/// The attempts at calls that have the same labels: what the ledger's entries add up to.
package struct AttemptSeries: Sendable, Hashable {
    /// The labels.
    package struct Labels: Sendable, Hashable {
        package var operation: String
        package var model: String
        package var target: String
        package var provider: String
        package var upstreamModel: String
        package var team: String
        package var key: String
        /// The hundreds of the status: 2, 4, 5.
        package var statusClass: Int
        /// A ``GatewayFailure/Kind``'s raw value; empty where all went well.
        package var failure: String

        /// What of the labels differs most; comparing does the rest.
        package func hash(into hasher: inout Hasher) {
            hasher.combine(model)
            hasher.combine(target)
            hasher.combine(key)
            hasher.combine(statusClass)
        }
    }

    package var labels: Labels
    package var attempts = 0
    /// Attempts after the first of a call.
    package var retries = 0
    package var streams = 0
    package var inputTokens = 0
    package var outputTokens = 0
    package var cachedInputTokens = 0
    package var reasoningTokens = 0
    package var costNanoUSD = 0
    /// Attempts whose amount is estimated, and those without one.
    package var estimated = 0
    package var unpriced = 0
    package var duration = Histogram(boundaries: HistogramBoundaries.fineDuration)
    package var firstToken = Histogram(boundaries: HistogramBoundaries.firstToken)
    package var inputTokenUsage = Histogram(boundaries: HistogramBoundaries.tokens)
    package var outputTokenUsage = Histogram(boundaries: HistogramBoundaries.tokens)
    package var exemplar: Exemplar?

    package init(labels: Labels) { self.labels = labels }

    /// Adds what another series of the same labels has counted.
    mutating func add(_ other: AttemptSeries) {
        attempts += other.attempts
        retries += other.retries
        streams += other.streams
        inputTokens += other.inputTokens
        outputTokens += other.outputTokens
        cachedInputTokens += other.cachedInputTokens
        reasoningTokens += other.reasoningTokens
        costNanoUSD += other.costNanoUSD
        estimated += other.estimated
        unpriced += other.unpriced
        duration.add(other.duration)
        firstToken.add(other.firstToken)
        inputTokenUsage.add(other.inputTokenUsage)
        outputTokenUsage.add(other.outputTokenUsage)
        exemplar = Exemplar.later(exemplar, other.exemplar)
    }

    /// Counts an attempt as it ended.
    mutating func add(_ record: CallRecord) {
        attempts += 1
        if record.attempt > 1 { retries += 1 }
        if record.isStream { streams += 1 }
        let usage = record.usage
        inputTokens += usage.input
        outputTokens += usage.output
        cachedInputTokens += usage.cachedInput
        reasoningTokens += usage.reasoning
        costNanoUSD += record.costNanoUSD ?? 0
        switch record.basis {
        case .exact: break
        case .estimated, .unreconciled: estimated += 1
        case .unpriced: unpriced += 1
        }
        duration.add(record.duration)
        if let time = record.timeToFirstToken { firstToken.add(time) }
        if usage.input > 0 { inputTokenUsage.add(usage.input) }
        if usage.output > 0 { outputTokenUsage.add(usage.output) }
        exemplar = Exemplar(trace: record.trace, value: record.duration, time: record.start + record.duration)
    }
}

/// The answers to clients that have the same labels, the refused requests among them.
package struct AnswerSeries: Sendable, Hashable {
    /// The labels.
    package struct Labels: Sendable, Hashable {
        package var operation: String
        package var model: String
        package var team: String
        package var key: String
        package var statusClass: Int
        /// A ``GatewayFailure/Kind``'s raw value; empty where all went well.
        package var failure: String

        /// What of the labels differs most; comparing does the rest.
        package func hash(into hasher: inout Hasher) {
            hasher.combine(model)
            hasher.combine(key)
            hasher.combine(statusClass)
        }
    }

    package var labels: Labels
    package var answers = 0
    /// Answers from the exact cache, and those of a request that was asked again.
    package var cacheHits = 0
    package var replays = 0
    package var duration = Histogram(boundaries: HistogramBoundaries.fineDuration)
    package var exemplar: Exemplar?

    package init(labels: Labels) { self.labels = labels }

    /// Adds what another series of the same labels has counted.
    mutating func add(_ other: AnswerSeries) {
        answers += other.answers
        cacheHits += other.cacheHits
        replays += other.replays
        duration.add(other.duration)
        exemplar = Exemplar.later(exemplar, other.exemplar)
    }

    mutating func add(_ answer: ClientAnswer) {
        answers += 1
        if answer.isCacheHit { cacheHits += 1 }
        if answer.isReplay { replays += 1 }
        duration.add(answer.duration)
        if let trace = answer.trace {
            exemplar = Exemplar(trace: trace, value: answer.duration, time: answer.start + answer.duration)
        }
    }
}

/// One value of a histogram with the trace it came from.
package struct Exemplar: Sendable, Hashable {
    /// 32 hexadecimal digits.
    package var trace: String
    /// In the histogram's unit.
    package var value: Int
    /// Nanoseconds since 1970.
    package var time: Int

    static func later(_ first: Exemplar?, _ second: Exemplar?) -> Exemplar? {
        guard let first, let second else { return first ?? second }
        return second.time >= first.time ? second : first
    }
}

/// How a client's request was answered, whatever attempts that took: for metrics.
package struct ClientAnswer: Sendable {
    package var operation: String
    /// The public name; empty where none was known: what a client asks for is not a label.
    package var model: String
    package var team: String?
    /// The key's id; `nil` where it was not known.
    package var key: String?
    package var status: Int
    package var failure: GatewayFailure.Kind?
    /// Nanoseconds since 1970.
    package var start: Int
    /// Nanoseconds.
    package var duration: Int
    package var isCacheHit: Bool
    /// Whether it is the answer of an earlier request that was asked again.
    package var isReplay: Bool
    package var trace: String?

    package init(
        operation: String, model: String, team: String? = nil, key: String? = nil, status: Int,
        failure: GatewayFailure.Kind? = nil, start: Int, duration: Int, isCacheHit: Bool = false,
        isReplay: Bool = false, trace: String? = nil
    ) {
        self.operation = operation
        self.model = model
        self.team = team
        self.key = key
        self.status = status
        self.failure = failure
        self.start = start
        self.duration = duration
        self.isCacheHit = isCacheHit
        self.isReplay = isReplay
        self.trace = trace
    }
}

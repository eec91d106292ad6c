import Synchronization

/// The counts of one event loop: written there, read when metrics are asked for.
///
/// Any thread may call it; that only one usually does is what makes it fast (well under a microsecond).
package final class TrafficShard: Sendable {
    struct State: Sendable {
        var attempts = SeriesTable<AttemptSeries.Labels, AttemptSeries>()
        var answers = SeriesTable<AnswerSeries.Labels, AnswerSeries>()
        var inFlight: [String: Int] = [:]
    }

    private let state = Mutex(State())
    private let seriesLimit: Int

    init(seriesLimit: Int) { self.seriesLimit = seriesLimit }

    /// Counts an attempt at a call as it ended: once for each entry of the ledger.
    package func record(_ record: CallRecord) {
        var labels = AttemptSeries.Labels(
            operation: record.operation, model: record.model, target: record.target, provider: record.provider,
            upstreamModel: record.upstreamModel, team: record.attribution.team ?? "", key: record.attribution.key,
            statusClass: record.status / 100, failure: record.failure ?? "")
        state.withLock { state in
            if !state.attempts.hasRoom(for: labels, limit: seriesLimit) { labels.makeOther() }
            state.attempts.update(labels, new: { AttemptSeries(labels: labels) }) { $0.add(record) }
        }
    }

    /// Counts an answer to a client: once for each request, refused ones included.
    package func answered(_ answer: ClientAnswer) {
        var labels = AnswerSeries.Labels(
            operation: answer.operation, model: answer.model, team: answer.team ?? "", key: answer.key ?? "",
            statusClass: answer.status / 100, failure: answer.failure?.rawValue ?? "")
        state.withLock { state in
            if !state.answers.hasRoom(for: labels, limit: seriesLimit) { labels.makeOther() }
            state.answers.update(labels, new: { AnswerSeries(labels: labels) }) { $0.add(answer) }
        }
    }

    /// A request of a public model is in work; ``ended(model:)`` has to follow.
    package func began(model: String) { state.withLock { $0.inFlight[model, default: 0] += 1 } }

    /// A request of a public model is no longer in work.
    package func ended(model: String) {
        state.withLock { state in
            let count = state.inFlight[model, default: 0] - 1
            state.inFlight[model] = count == 0 ? nil : count
        }
    }

    /// Everything counted so far.
    var counted: State { state.withLock { $0 } }
}

/// Series by their labels, each in its place in one array, so that counting moves nothing.
struct SeriesTable<Labels: Hashable & Sendable, Series: Sendable>: Sendable {
    private var places: [Labels: Int] = [:]
    private(set) var series: [Series] = []

    func hasRoom(for labels: Labels, limit: Int) -> Bool { series.count < limit || places[labels] != nil }

    mutating func update(_ labels: Labels, new: () -> Series, _ change: (inout Series) -> Void) {
        if let place = places[labels] {
            change(&series[place])
            return
        }
        places[labels] = series.count
        var first = new()
        change(&first)
        series.append(first)
    }
}

extension AttemptSeries.Labels {
    /// What stands for labels beyond the bound: who and what is given up, how it ended is kept.
    mutating func makeOther() {
        model = TrafficSnapshot.other
        target = TrafficSnapshot.other
        provider = TrafficSnapshot.other
        upstreamModel = TrafficSnapshot.other
        team = TrafficSnapshot.other
        key = TrafficSnapshot.other
    }
}

extension AnswerSeries.Labels {
    /// What stands for labels beyond the bound: who and what is given up, how it ended is kept.
    mutating func makeOther() {
        model = TrafficSnapshot.other
        team = TrafficSnapshot.other
        key = TrafficSnapshot.other
    }
}

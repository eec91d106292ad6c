/// Counts what goes through the gateway: one shard for each event loop, put together when someone asks.
package final class Traffic: Sendable {
    private let shards: [TrafficShard]
    private let seriesLimit: Int

    /// - Parameters:
    ///   - shards: as many as there are event loops.
    ///   - seriesLimit: different sets of labels before the rest is counted as `other`.
    package init(shards: Int = 1, seriesLimit: Int = 2000) {
        self.seriesLimit = seriesLimit
        self.shards = (0..<max(1, shards)).map { _ in TrafficShard(seriesLimit: seriesLimit) }
    }

    /// The shard of an event loop; numbers beyond the last begin again at the first.
    package func shard(_ number: Int) -> TrafficShard { shards[abs(number % shards.count)] }

    /// Everything counted so far, at a time in nanoseconds since 1970.
    package func snapshot(at now: Int) -> TrafficSnapshot {
        var attempts = SeriesTable<AttemptSeries.Labels, AttemptSeries>()
        var answers = SeriesTable<AnswerSeries.Labels, AnswerSeries>()
        var inFlight: [String: Int] = [:]
        for shard in shards {
            let counted = shard.counted
            for series in counted.attempts.series {
                var series = series
                if !attempts.hasRoom(for: series.labels, limit: seriesLimit) { series.labels.makeOther() }
                let labels = series.labels
                attempts.update(labels, new: { AttemptSeries(labels: labels) }) { $0.add(series) }
            }
            for series in counted.answers.series {
                var series = series
                if !answers.hasRoom(for: series.labels, limit: seriesLimit) { series.labels.makeOther() }
                let labels = series.labels
                answers.update(labels, new: { AnswerSeries(labels: labels) }) { $0.add(series) }
            }
            // A request may begin in one shard and end in another.
            for (model, count) in counted.inFlight { inFlight[model, default: 0] += count }
        }
        return TrafficSnapshot(
            time: now, attempts: attempts.series, answers: answers.series, inFlight: inFlight.filter { $0.value > 0 })
    }
}

/// All counts at one moment.
package struct TrafficSnapshot: Sendable {
    /// The label of what is beyond the bound on series.
    package static let other = "other"

    /// Nanoseconds since 1970.
    package var time: Int
    package var attempts: [AttemptSeries]
    package var answers: [AnswerSeries]
    /// Requests in work, by public model.
    package var inFlight: [String: Int]

    package init(time: Int, attempts: [AttemptSeries] = [], answers: [AnswerSeries] = [], inFlight: [String: Int] = [:])
    {
        self.time = time
        self.attempts = attempts
        self.answers = answers
        self.inFlight = inFlight
    }
}

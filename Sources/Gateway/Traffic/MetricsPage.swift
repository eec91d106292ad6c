/// The metrics of a gateway, named after OpenTelemetry's GenAI conventions where they have a name for it.
///
/// Attempts at upstreams are `gen_ai_client_*`; what clients see, money and our own state are `pawang_*`.
package struct MetricsPage: Sendable {
    let snapshot: TrafficSnapshot
    let gauges: TrafficGauges

    package init(_ snapshot: TrafficSnapshot, gauges: TrafficGauges) {
        self.snapshot = snapshot
        self.gauges = gauges
    }

    /// The whole text.
    package func text(as format: Exposition.Format) -> [UInt8] {
        var page = Exposition(format: format)
        writeAttempts(to: &page)
        writeAccounts(to: &page)
        writeAnswers(to: &page)
        writeState(to: &page)
        return page.finish()
    }

    private func writeAttempts(to page: inout Exposition) {
        struct Labels: Hashable {
            var operation: String, provider: String, upstreamModel: String, model: String, target: String
            var failure: String

            var list: [Exposition.Label] {
                [
                    ("gen_ai_operation_name", operation), ("gen_ai_provider_name", provider),
                    ("gen_ai_request_model", upstreamModel), ("pawang_model", model), ("pawang_target", target),
                    ("error_type", failure),
                ]
            }
        }
        let groups = Self.grouped(snapshot.attempts) { series in
            let labels = series.labels
            return Labels(
                operation: labels.operation, provider: labels.provider, upstreamModel: labels.upstreamModel,
                model: labels.model, target: labels.target, failure: labels.failure)
        }
        page.begin(
            "gen_ai_client_operation_duration_seconds", .histogram, unit: "seconds",
            help: "Time from an attempt's first byte upstream to its end.")
        for (labels, series) in groups {
            page.histogram(
                labels.list, series.duration, at: HistogramBoundaries.duration, isNano: true, exemplar: series.exemplar)
        }
        page.begin(
            "gen_ai_client_operation_time_to_first_chunk_seconds", .histogram, unit: "seconds",
            help: "Time to the first content event of a streamed answer.")
        for (labels, series) in groups where series.firstToken.count > 0 {
            page.histogram(labels.list, series.firstToken, at: HistogramBoundaries.firstToken, isNano: true)
        }
        page.begin("gen_ai_client_token_usage", .histogram, help: "Tokens of an attempt.")
        for (labels, series) in groups {
            for (type, histogram) in [("input", series.inputTokenUsage), ("output", series.outputTokenUsage)]
            where histogram.count > 0 {
                page.histogram(
                    labels.list + [("gen_ai_token_type", type)], histogram, at: HistogramBoundaries.tokens,
                    isNano: false)
            }
        }
        page.begin("pawang_attempts", .counter, help: "Attempts at upstreams.")
        for (labels, series) in groups { page.sample(labels.list, series.attempts) }
        page.begin("pawang_retries", .counter, help: "Attempts after the first of a call.")
        for (labels, series) in groups where series.retries > 0 { page.sample(labels.list, series.retries) }
    }

    private func writeAccounts(to page: inout Exposition) {
        struct Labels: Hashable {
            var model: String, team: String, key: String
            var list: [Exposition.Label] { [("model", model), ("team", team), ("key", key)] }
        }
        let groups = Self.grouped(snapshot.attempts) {
            Labels(model: $0.labels.model, team: $0.labels.team, key: $0.labels.key)
        }
        page.begin("pawang_cost_usd", .counter, unit: "usd", help: "Money committed to the ledger.")
        for (labels, series) in groups { page.sample(labels.list, nano: series.costNanoUSD) }
        page.begin("pawang_tokens", .counter, help: "Tokens; cached_input is part of input, reasoning part of output.")
        for (labels, series) in groups {
            for (type, count) in [
                ("input", series.inputTokens), ("output", series.outputTokens),
                ("cached_input", series.cachedInputTokens), ("reasoning", series.reasoningTokens),
            ] where count > 0 || type == "input" || type == "output" {
                page.sample(labels.list + [("token_type", type)], count)
            }
        }
        page.begin(
            "pawang_estimated_entries", .counter, help: "Ledger entries whose amount is estimated, by our own count.")
        for (labels, series) in groups { page.sample(labels.list, series.estimated) }
        page.begin("pawang_unpriced_entries", .counter, help: "Ledger entries without an amount: the price is unknown.")
        for (labels, series) in groups { page.sample(labels.list, series.unpriced) }
    }

    private func writeAnswers(to page: inout Exposition) {
        struct Labels: Hashable {
            var model: String, operation: String
            var list: [Exposition.Label] { [("model", model), ("operation", operation)] }
        }
        page.begin("pawang_requests", .counter, help: "Answered requests, refused ones included.")
        for series in snapshot.answers {
            let labels = series.labels
            page.sample(
                [
                    ("model", labels.model), ("operation", labels.operation), ("team", labels.team),
                    ("key", labels.key), ("status", "\(labels.statusClass)xx"), ("error_type", labels.failure),
                ], series.answers)
        }
        let groups = Self.grouped(snapshot.answers) {
            Labels(model: $0.labels.model, operation: $0.labels.operation)
        }
        page.begin(
            "pawang_request_duration_seconds", .histogram, unit: "seconds",
            help: "Time from a request's head to its answer's last byte.")
        for (labels, series) in groups {
            page.histogram(
                labels.list, series.duration, at: HistogramBoundaries.duration, isNano: true, exemplar: series.exemplar)
        }
        page.begin("pawang_cache_hits", .counter, help: "Answers from the exact cache.")
        for (labels, series) in groups { page.sample(labels.list, series.cacheHits) }
        page.begin("pawang_replays", .counter, help: "Answers of an earlier request that was asked again.")
        for (labels, series) in groups { page.sample(labels.list, series.replays) }
        page.begin("pawang_requests_in_flight", .gauge, help: "Requests in work.")
        for (model, count) in snapshot.inFlight.sorted(by: { $0.key < $1.key }) {
            page.sample([("model", model)], count)
        }
    }
}

/// Series that can be added up.
protocol AddableSeries {
    mutating func add(_ other: Self)
}

extension AttemptSeries: AddableSeries {}
extension AnswerSeries: AddableSeries {}

extension MetricsPage {
    /// Series added up by fewer labels, in the order in which these first come.
    static func grouped<Series: AddableSeries, Labels: Hashable>(
        _ series: [Series], by labels: (Series) -> Labels
    ) -> [(labels: Labels, series: Series)] {
        var places: [Labels: Int] = [:]
        var groups: [(labels: Labels, series: Series)] = []
        for one in series {
            let labels = labels(one)
            if let place = places[labels] {
                groups[place].series.add(one)
            } else {
                places[labels] = groups.count
                groups.append((labels, one))
            }
        }
        return groups
    }
}

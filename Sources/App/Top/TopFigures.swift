import Domain
import Gateway

/// What `pawang top` shows of a stretch of time: rates and percentiles, in all and by model, team and key.
struct TopFigures: Sendable {
    /// What rows are about.
    enum Grouping: String, Sendable, CaseIterable {
        case model
        case team
        case key
    }

    /// The figures of all traffic, or of one model, team or key.
    struct Row: Sendable, Equatable {
        var name: String
        var requests = 0
        var errors = 0
        var cacheHits = 0
        var inFlight: Int?
        var tokens = 0
        var costNanoUSD = 0
        var duration = Histogram(boundaries: HistogramBoundaries.fineDuration)
        var firstToken = Histogram(boundaries: HistogramBoundaries.firstToken)

        init(name: String) { self.name = name }
    }

    let seconds: Double
    let total: Row
    /// By grouping; the dearest first.
    let rows: [Grouping: [Row]]

    /// The figures between two reports, or since the server's start where there is only one.
    init(_ report: TrafficReport, since earlier: TrafficReport?) {
        let isSameServer = earlier?.gauges.started == report.gauges.started
        let before = isSameServer ? earlier : nil
        let begin = before?.snapshot.time ?? report.gauges.started
        seconds = max(Double(report.snapshot.time - begin) / 1e9, 0.001)
        let snapshot = before.map { report.snapshot.since($0.snapshot) } ?? report.snapshot
        var total = Row(name: "all")
        total.inFlight = snapshot.inFlight.values.reduce(0, +)
        for series in snapshot.answers { total.add(series) }
        for series in snapshot.attempts { total.add(series) }
        self.total = total
        var rows: [Grouping: [Row]] = [:]
        for grouping in Grouping.allCases { rows[grouping] = Self.rows(of: snapshot, by: grouping) }
        self.rows = rows
    }

    private static func rows(of snapshot: TrafficSnapshot, by grouping: Grouping) -> [Row] {
        var rows: [String: Row] = [:]
        for series in snapshot.answers {
            let name = grouping.name(series.labels.model, series.labels.team, series.labels.key)
            rows[name, default: Row(name: name)].add(series)
        }
        for series in snapshot.attempts {
            let name = grouping.name(series.labels.model, series.labels.team, series.labels.key)
            rows[name, default: Row(name: name)].add(series)
        }
        if grouping == .model {
            for (model, count) in snapshot.inFlight { rows[model, default: Row(name: model)].inFlight = count }
        }
        return rows.values.sorted {
            ($1.costNanoUSD, $1.requests, $0.name) < ($0.costNanoUSD, $0.requests, $1.name)
        }
    }

    /// Per second.
    func rate(_ count: Int) -> Double { Double(count) / seconds }

    /// Dollars in an hour, if it went on like this.
    func dollarsPerHour(_ row: Row) -> Double { Double(row.costNanoUSD) / 1e9 / seconds * 3600 }
}

extension TopFigures.Grouping {
    fileprivate func name(_ model: String, _ team: String, _ key: String) -> String {
        let name =
            switch self {
            case .model: model
            case .team: team
            case .key: key
            }
        return name.isEmpty ? "–" : name
    }
}

extension TopFigures.Row {
    fileprivate mutating func add(_ series: AnswerSeries) {
        requests += series.answers
        if series.labels.statusClass >= 4 || !series.labels.failure.isEmpty { errors += series.answers }
        cacheHits += series.cacheHits
        duration.add(series.duration)
    }

    fileprivate mutating func add(_ series: AttemptSeries) {
        tokens += series.inputTokens + series.outputTokens
        costNanoUSD += series.costNanoUSD
        firstToken.add(series.firstToken)
    }
}

extension TopFigures {
    /// As JSON; durations in seconds, what is not known `null`.
    func json(_ report: TrafficReport) -> JSONValue {
        func json(_ row: Row) -> JSONValue {
            func seconds(_ nanoseconds: Double?) -> JSONValue { nanoseconds.map { .double($0 / 1e9) } ?? .null }
            return [
                "name": .string(row.name), "requests_per_second": .double(rate(row.requests)),
                "in_flight": row.inFlight.map { .int($0) } ?? .null,
                "p50_seconds": seconds(row.duration.quantile(0.5)),
                "p95_seconds": seconds(row.duration.quantile(0.95)),
                "time_to_first_token_p50_seconds": seconds(row.firstToken.quantile(0.5)),
                "tokens_per_second": .double(rate(row.tokens)), "usd_per_hour": .double(dollarsPerHour(row)),
                "requests": .int(row.requests), "errors": .int(row.errors), "cache_hits": .int(row.cacheHits),
            ]
        }
        var object: JSONObject = ["time": .int(report.snapshot.time), "seconds": .double(seconds), "all": json(total)]
        for grouping in Grouping.allCases {
            object["\(grouping.rawValue)s"] = .array((rows[grouping] ?? []).map(json))
        }
        object["budgets"] = report.json["budgets"]
        object["targets"] = report.json["targets"]
        object["ledger"] = report.json["ledger"]
        return .object(object)
    }
}

import Domain

extension AnswerSeries {
    var json: JSONValue {
        [
            "operation": .string(labels.operation), "model": .string(labels.model), "team": .string(labels.team),
            "key": .string(labels.key), "status": .int(labels.statusClass), "failure": .string(labels.failure),
            "answers": .int(answers), "cache_hits": .int(cacheHits), "replays": .int(replays),
            "duration": duration.json,
        ]
    }

    init?(json: JSONValue) {
        guard let model = json["model"]?.string, let answers = json["answers"]?.int,
            let duration = Histogram(json: json["duration"], boundaries: HistogramBoundaries.fineDuration)
        else { return nil }
        self.init(
            labels: Labels(
                operation: json["operation"]?.string ?? "", model: model, team: json["team"]?.string ?? "",
                key: json["key"]?.string ?? "", statusClass: json["status"]?.int ?? 0,
                failure: json["failure"]?.string ?? ""))
        self.answers = answers
        cacheHits = json["cache_hits"]?.int ?? 0
        replays = json["replays"]?.int ?? 0
        self.duration = duration
    }
}

extension AttemptSeries {
    var json: JSONValue {
        [
            "operation": .string(labels.operation), "model": .string(labels.model), "target": .string(labels.target),
            "provider": .string(labels.provider), "upstream_model": .string(labels.upstreamModel),
            "team": .string(labels.team), "key": .string(labels.key), "status": .int(labels.statusClass),
            "failure": .string(labels.failure), "attempts": .int(attempts), "retries": .int(retries),
            "streams": .int(streams), "input_tokens": .int(inputTokens), "output_tokens": .int(outputTokens),
            "cached_input_tokens": .int(cachedInputTokens), "reasoning_tokens": .int(reasoningTokens),
            "cost_nano_usd": .int(costNanoUSD), "estimated": .int(estimated), "unpriced": .int(unpriced),
            "duration": duration.json, "time_to_first_token": firstToken.json,
        ]
    }

    init?(json: JSONValue) {
        guard let model = json["model"]?.string, let attempts = json["attempts"]?.int,
            let duration = Histogram(json: json["duration"], boundaries: HistogramBoundaries.fineDuration),
            let firstToken = Histogram(json: json["time_to_first_token"], boundaries: HistogramBoundaries.firstToken)
        else { return nil }
        self.init(
            labels: Labels(
                operation: json["operation"]?.string ?? "", model: model, target: json["target"]?.string ?? "",
                provider: json["provider"]?.string ?? "", upstreamModel: json["upstream_model"]?.string ?? "",
                team: json["team"]?.string ?? "", key: json["key"]?.string ?? "",
                statusClass: json["status"]?.int ?? 0, failure: json["failure"]?.string ?? ""))
        self.attempts = attempts
        retries = json["retries"]?.int ?? 0
        streams = json["streams"]?.int ?? 0
        inputTokens = json["input_tokens"]?.int ?? 0
        outputTokens = json["output_tokens"]?.int ?? 0
        cachedInputTokens = json["cached_input_tokens"]?.int ?? 0
        reasoningTokens = json["reasoning_tokens"]?.int ?? 0
        costNanoUSD = json["cost_nano_usd"]?.int ?? 0
        estimated = json["estimated"]?.int ?? 0
        unpriced = json["unpriced"]?.int ?? 0
        self.duration = duration
        self.firstToken = firstToken
    }
}

extension Histogram {
    /// The sum, and the buckets that are not empty: place and count.
    fileprivate var json: JSONValue {
        let filled = counts.enumerated().filter { $0.element > 0 }
        return ["sum": .int(sum), "buckets": .array(filled.map { [.int($0.offset), .int($0.element)] })]
    }

    fileprivate init?(json: JSONValue?, boundaries: [Int]) {
        guard let json, let sum = json["sum"]?.int, let buckets = json["buckets"]?.array else { return nil }
        var counts = Array(repeating: 0, count: boundaries.count + 1)
        for bucket in buckets {
            guard let pair = bucket.array, pair.count == 2, let place = pair[0].int, let count = pair[1].int,
                counts.indices.contains(place)
            else { return nil }
            counts[place] = count
        }
        self.init(boundaries: boundaries, counts: counts, sum: sum)
    }
}

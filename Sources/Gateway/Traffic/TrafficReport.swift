package import Domain

/// What `GET /traffic` answers and `pawang top` reads: all counts and gauges at one moment.
package struct TrafficReport: Sendable {
    package var snapshot: TrafficSnapshot
    package var gauges: TrafficGauges

    package init(snapshot: TrafficSnapshot, gauges: TrafficGauges) {
        self.snapshot = snapshot
        self.gauges = gauges
    }

    /// As JSON; histograms hold only the buckets that are not empty.
    package var json: JSONValue {
        [
            "format": 1, "time": .int(snapshot.time), "started": .int(gauges.started),
            "version": .string(gauges.version),
            "in_flight": .object(JSONObject(snapshot.inFlight.sorted { $0.key < $1.key }.map { ($0, .int($1)) })),
            "connections": .int(gauges.connections),
            "answers": .array(snapshot.answers.map(\.json)), "attempts": .array(snapshot.attempts.map(\.json)),
            "budgets": .array(gauges.budgets.map(\.json)),
            "targets": .array(
                gauges.targets.map {
                    [
                        "model": .string($0.model), "target": .string($0.target), "cooling": .bool($0.isCooling),
                        "in_flight": .int($0.inFlight),
                    ]
                }),
            "ledger": [
                "healthy": .bool(gauges.isLedgerHealthy), "open": .int(gauges.openReservations),
                "backlog": .int(gauges.ledgerBacklog), "unreconciled": .int(gauges.ledgerUnreconciled),
                "conflicts": .int(gauges.ledgerConflicts),
            ],
            "process": gauges.process.map {
                [
                    "cpu_nanoseconds": .int($0.cpuNanoseconds), "resident_bytes": .int($0.residentBytes),
                    "open_descriptors": .int($0.openDescriptors),
                ]
            } ?? .null,
        ]
    }

    /// Reads what another process wrote; `nil` if it is something else.
    package init?(json: JSONValue) {
        guard json["format"]?.int == 1, let time = json["time"]?.int, let answers = json["answers"]?.array,
            let attempts = json["attempts"]?.array
        else { return nil }
        snapshot = TrafficSnapshot(time: time)
        for value in answers {
            guard let series = AnswerSeries(json: value) else { return nil }
            snapshot.answers.append(series)
        }
        for value in attempts {
            guard let series = AttemptSeries(json: value) else { return nil }
            snapshot.attempts.append(series)
        }
        for (model, count) in json["in_flight"]?.object ?? [:] { snapshot.inFlight[model] = count.int }
        gauges = TrafficGauges()
        gauges.started = json["started"]?.int ?? 0
        gauges.version = json["version"]?.string ?? ""
        gauges.connections = json["connections"]?.int ?? 0
        gauges.budgets = (json["budgets"]?.array ?? []).compactMap { TrafficGauges.Budget(json: $0) }
        gauges.targets = (json["targets"]?.array ?? []).map {
            (
                $0["model"]?.string ?? "", $0["target"]?.string ?? "", $0["cooling"]?.bool ?? false,
                $0["in_flight"]?.int ?? 0
            )
        }
        gauges.isLedgerHealthy = json["ledger"]?["healthy"]?.bool ?? true
        gauges.openReservations = json["ledger"]?["open"]?.int ?? 0
        gauges.ledgerBacklog = json["ledger"]?["backlog"]?.int ?? 0
        gauges.ledgerUnreconciled = json["ledger"]?["unreconciled"]?.int ?? 0
        gauges.ledgerConflicts = json["ledger"]?["conflicts"]?.int ?? 0
        if let process = json["process"], let cpu = process["cpu_nanoseconds"]?.int {
            gauges.process = ProcessUsage(
                cpuNanoseconds: cpu, residentBytes: process["resident_bytes"]?.int ?? 0,
                openDescriptors: process["open_descriptors"]?.int ?? 0)
        }
    }
}

extension TrafficGauges.Budget {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "scope": .string(scopeKind), "scope_name": .string(scopeName),
            "window": .string(window), "limit_nano_usd": .int(limitNanoUSD), "spent_nano_usd": .int(spentNanoUSD),
            "reserved_nano_usd": .int(reservedNanoUSD), "resets": resets.map { .int($0) } ?? .null,
        ]
    }

    fileprivate init?(json: JSONValue) {
        guard let name = json["name"]?.string, let limit = json["limit_nano_usd"]?.int else { return nil }
        self.init(
            name: name, scopeKind: json["scope"]?.string ?? "", scopeName: json["scope_name"]?.string ?? "",
            window: json["window"]?.string ?? "", limitNanoUSD: limit, spentNanoUSD: json["spent_nano_usd"]?.int ?? 0,
            reservedNanoUSD: json["reserved_nano_usd"]?.int ?? 0, resets: json["resets"]?.int)
    }
}

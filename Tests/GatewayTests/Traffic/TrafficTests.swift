import Domain
import Testing

@testable import Gateway

@Suite("Counting traffic")
struct TrafficTests {
    static func record(
        model: String = "fast", target: String = "openai/gpt", team: String? = "payments", key: String = "key1",
        attempt: Int = 1, status: Int = 200, failure: String? = nil, duration: Int = 15_000_000,
        firstToken: Int? = nil, usage: TokenUsage = TokenUsage(input: 10, output: 5), cost: Int? = 1500,
        basis: CallRecord.Basis = .exact, trace: String = String(repeating: "a", count: 32), start: Int = 0
    ) -> CallRecord {
        CallRecord(
            call: "c", attempt: attempt, trace: trace, span: "s", attribution: Attribution(key: key, team: team),
            operation: "chat", model: model, target: target, provider: "openai", upstreamModel: "gpt", start: start,
            duration: duration, timeToFirstToken: firstToken, status: status, failure: failure,
            isStream: firstToken != nil, usage: usage, basis: basis, costNanoUSD: cost)
    }

    static func answer(
        model: String = "fast", key: String? = "key1", status: Int = 200, failure: GatewayFailure.Kind? = nil,
        duration: Int = 16_000_000, isCacheHit: Bool = false
    ) -> ClientAnswer {
        ClientAnswer(
            operation: "chat", model: model, team: "payments", key: key, status: status, failure: failure, start: 0,
            duration: duration, isCacheHit: isCacheHit, trace: String(repeating: "b", count: 32))
    }

    @Test("Attempts with the same labels add up, over shards too")
    func addsUp() throws {
        let traffic = Traffic(shards: 2)
        traffic.shard(0).record(Self.record())
        traffic.shard(1).record(Self.record(attempt: 2, firstToken: 7_000_000, basis: .estimated))
        traffic.shard(3).record(Self.record(cost: nil, basis: .unpriced))
        traffic.shard(0).record(Self.record(status: 502, failure: "upstream_failed"))
        let snapshot = traffic.snapshot(at: 9)
        #expect(snapshot.time == 9)
        #expect(snapshot.attempts.count == 2)
        let good = try #require(snapshot.attempts.first { $0.labels.failure.isEmpty })
        #expect(good.attempts == 3)
        #expect(good.retries == 1)
        #expect(good.streams == 1)
        #expect(good.inputTokens == 30)
        #expect(good.outputTokens == 15)
        #expect(good.costNanoUSD == 3000)
        #expect(good.estimated == 1)
        #expect(good.unpriced == 1)
        #expect(good.duration.count == 3)
        #expect(good.duration.sum == 45_000_000)
        #expect(good.firstToken.count == 1)
        let bad = try #require(snapshot.attempts.first { !$0.labels.failure.isEmpty })
        #expect(bad.labels.statusClass == 5)
    }

    @Test("Beyond the bound, labels become `other` and nothing is lost")
    func cardinality() {
        let traffic = Traffic(shards: 2, seriesLimit: 20)
        for number in 0..<1000 {
            traffic.shard(number).record(Self.record(key: "key\(number)", cost: 1))
            traffic.shard(number).answered(Self.answer(key: "key\(number)"))
        }
        let snapshot = traffic.snapshot(at: 0)
        // One series for each kind of end stands beyond the bound.
        #expect(snapshot.attempts.count <= 21)
        #expect(snapshot.answers.count <= 21)
        #expect(snapshot.attempts.reduce(0) { $0 + $1.attempts } == 1000)
        #expect(snapshot.attempts.reduce(0) { $0 + $1.costNanoUSD } == 1000)
        #expect(snapshot.answers.reduce(0) { $0 + $1.answers } == 1000)
        #expect(snapshot.attempts.contains { $0.labels.key == TrafficSnapshot.other })
    }

    @Test("Requests in work are counted per model, also when they end in another shard")
    func inFlight() {
        let traffic = Traffic(shards: 2)
        traffic.shard(0).began(model: "fast")
        traffic.shard(0).began(model: "fast")
        traffic.shard(0).began(model: "slow")
        traffic.shard(1).ended(model: "fast")
        traffic.shard(0).ended(model: "slow")
        #expect(traffic.snapshot(at: 0).inFlight == ["fast": 1])
        traffic.shard(0).ended(model: "fast")
        #expect(traffic.snapshot(at: 0).inFlight.isEmpty)
    }

    @Test("From many threads at once nothing is lost")
    func threads() async {
        let traffic = Traffic(shards: 2)
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<4 {
                group.addTask {
                    for _ in 0..<500 {
                        traffic.shard(thread).record(Self.record())
                        traffic.shard(thread).answered(Self.answer())
                    }
                }
            }
        }
        #expect(traffic.snapshot(at: 0).attempts.first?.attempts == 2000)
        #expect(traffic.snapshot(at: 0).answers.first?.answers == 2000)
    }

    @Test("A report reads back as it was written")
    func roundTrip() throws {
        let traffic = Traffic()
        traffic.shard(0).record(Self.record(firstToken: 3_000_000))
        traffic.shard(0).record(Self.record(status: 429, failure: "upstream_rate_limited", usage: TokenUsage()))
        traffic.shard(0).answered(Self.answer(isCacheHit: true))
        traffic.shard(0).began(model: "fast")
        var gauges = TrafficGauges()
        gauges.budgets = [
            TrafficGauges.Budget(
                name: "team payments", scopeKind: "team", scopeName: "payments", window: "day",
                limitNanoUSD: 10, spentNanoUSD: 4, reservedNanoUSD: 1, resets: 99)
        ]
        gauges.targets = [("fast", "openai/gpt", true, 3)]
        gauges.version = "1"
        gauges.process = ProcessUsage(cpuNanoseconds: 1, residentBytes: 2, openDescriptors: 3)
        var snapshot = traffic.snapshot(at: 5)
        let written = TrafficReport(snapshot: snapshot, gauges: gauges).json.text()
        let report = try #require(TrafficReport(json: try JSONValue(parsing: written)))
        for place in snapshot.attempts.indices {
            // These are not part of a report.
            snapshot.attempts[place].exemplar = nil
            snapshot.attempts[place].inputTokenUsage = Histogram(boundaries: HistogramBoundaries.tokens)
            snapshot.attempts[place].outputTokenUsage = Histogram(boundaries: HistogramBoundaries.tokens)
        }
        for place in snapshot.answers.indices { snapshot.answers[place].exemplar = nil }
        #expect(report.snapshot.attempts == snapshot.attempts)
        #expect(report.snapshot.answers == snapshot.answers)
        #expect(report.snapshot.inFlight == ["fast": 1])
        #expect(report.gauges.budgets == gauges.budgets)
        #expect(report.gauges.targets.first?.isCooling == true)
        #expect(report.gauges.process == gauges.process)
        #expect(TrafficReport(json: ["format": 2]) == nil)
        #expect(TrafficReport(json: [:]) == nil)
    }
}

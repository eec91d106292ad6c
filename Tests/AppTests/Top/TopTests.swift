import Domain
import Gateway
import Testing

@testable import App

@Suite("pawang top")
struct TopTests {
    private static let second = 1_000_000_000

    /// A server's traffic after so many calls.
    private static func report(calls: Int, failures: Int = 0, at time: Int, started: Int = 0) -> TrafficReport {
        let traffic = Traffic()
        for number in 0..<calls {
            let isFailure = number < failures
            traffic.shard(0).record(
                CallRecord(
                    call: "c", attempt: 1, trace: "t", span: "s",
                    attribution: Attribution(key: "key1", team: number % 2 == 0 ? "payments" : nil), operation: "chat",
                    model: "fast", target: "t", provider: "openai", upstreamModel: "m", start: 0,
                    duration: 20_000_000, timeToFirstToken: 4_000_000, status: 200,
                    usage: TokenUsage(input: 60, output: 40), costNanoUSD: 1_000_000))
            traffic.shard(0).answered(
                ClientAnswer(
                    operation: "chat", model: "fast", team: number % 2 == 0 ? "payments" : nil, key: "key1",
                    status: isFailure ? 502 : 200, failure: isFailure ? .upstreamFailed : nil, start: 0,
                    duration: 30_000_000))
        }
        traffic.shard(0).began(model: "fast")
        var gauges = TrafficGauges()
        gauges.started = started
        gauges.budgets = [
            TrafficGauges.Budget(
                name: "team payments, per day", scopeKind: "team", scopeName: "payments", window: "day",
                limitNanoUSD: 10 * second, spentNanoUSD: 9 * second, reservedNanoUSD: second, resets: time + 90 * second
            )
        ]
        return TrafficReport(snapshot: traffic.snapshot(at: time), gauges: gauges)
    }

    @Test("Rates are those between two reports")
    func rates() throws {
        let earlier = Self.report(calls: 10, at: 100 * Self.second)
        let later = Self.report(calls: 30, failures: 5, at: 110 * Self.second)
        let figures = TopFigures(later, since: earlier)
        #expect(figures.seconds == 10)
        #expect(figures.total.requests == 20)
        #expect(figures.rate(figures.total.requests) == 2)
        #expect(figures.rate(figures.total.tokens) == 200)
        // 20 calls of a tenth of a cent in ten seconds.
        #expect(abs(figures.dollarsPerHour(figures.total) - 7.2) < 1e-9)
        #expect(figures.total.inFlight == 1)
        #expect(figures.total.errors == 5)
        let teams = try #require(figures.rows[.team])
        #expect(Set(teams.map(\.name)) == ["payments", "–"])
        #expect(teams.reduce(0) { $0 + $1.requests } == 20)
    }

    @Test("A server that was started again counts from its start")
    func restarted() {
        let earlier = Self.report(calls: 1000, at: 100 * Self.second)
        let later = Self.report(calls: 4, at: 110 * Self.second, started: 108 * Self.second)
        let figures = TopFigures(later, since: earlier)
        #expect(figures.seconds == 2)
        #expect(figures.total.requests == 4)
    }

    @Test("The screen fits its terminal and says what matters")
    func screen() {
        let report = Self.report(calls: 30, failures: 5, at: 110 * Self.second, started: 100 * Self.second)
        let figures = TopFigures(report, since: nil)
        let terminal = Terminal(isInteractive: false, hasColouredOutput: false, width: 80)
        let wide = TopScreen(terminal: terminal, columns: 200, lines: nil)
            .text(figures, report: report, source: "http://127.0.0.1:8790")
        #expect(wide.contains("3.0 requests/s  1 in flight"))
        #expect(wide.contains("5 errors (16.7 %)"))
        #expect(wide.contains("team payments, per day  [██████████] 100 %  $9.00  $10.00  $1.00  in 1 min 30 s"))
        let small = TopScreen(terminal: terminal, columns: 40, lines: 10)
            .text(figures, report: report, source: "http://127.0.0.1:8790").split(
                separator: "\n", omittingEmptySubsequences: false)
        #expect(small.count <= 10)
        #expect(small.allSatisfy { $0.count <= 40 })
    }

    @Test("Names cannot change the terminal's state")
    func escapes() {
        var report = Self.report(calls: 1, at: Self.second)
        report.gauges.budgets[0].name = "red \u{1B}[31m\u{7} bell"
        let terminal = Terminal(isInteractive: false, hasColouredOutput: false, width: 80)
        let text = TopScreen(terminal: terminal, columns: 200, lines: nil)
            .text(TopFigures(report, since: nil), report: report, source: "x")
        #expect(!text.contains("\u{1B}"))
        #expect(!text.contains("\u{7}"))
    }

    @Test("As JSON, what is not known is null")
    func json() {
        let report = Self.report(calls: 0, at: Self.second)
        let json = TopFigures(report, since: nil).json(report)
        #expect(json["all"]?["p95_seconds"] == .null)
        #expect(json["all"]?["in_flight"] == 1)
        #expect(json["models"]?.array?.count == 1)
        #expect(json["budgets"]?.array?.count == 1)
    }
}

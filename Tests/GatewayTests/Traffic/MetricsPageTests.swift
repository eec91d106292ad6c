import Domain
import Testing

@testable import Gateway

@Suite("Metrics as text")
struct MetricsPageTests {
    static func page(_ format: Exposition.Format) -> [String] {
        let traffic = Traffic()
        traffic.shard(0).record(TrafficTests.record(firstToken: 3_000_000, start: 1_700_000_000_000_000_000))
        traffic.shard(0).record(TrafficTests.record(team: nil, key: "key2", cost: 2_000_000_000))
        traffic.shard(0).record(TrafficTests.record(attempt: 2, status: 502, failure: "upstream_failed"))
        traffic.shard(0).answered(TrafficTests.answer(status: 429, failure: .budgetExceeded))
        traffic.shard(0).began(model: #"say "hi"\"# + "\nthere")
        var gauges = TrafficGauges()
        gauges.budgets = [
            TrafficGauges.Budget(
                name: "team payments, per day", scopeKind: "team", scopeName: "payments", window: "day",
                limitNanoUSD: 10_000_000_000, spentNanoUSD: 1_500_000_001, reservedNanoUSD: 0, resets: 60_000_000_000)
        ]
        gauges.version = "0.1.0"
        let bytes = MetricsPage(traffic.snapshot(at: 0), gauges: gauges).text(as: format)
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test("Attempts carry OpenTelemetry's names and boundaries")
    func openTelemetryNames() {
        let page = Self.page(.prometheus)
        let labels =
            #"gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt",pawang_model="fast",pawang_target="openai/gpt""#
        let name = "gen_ai_client_operation_duration_seconds"
        #expect(page.contains(#"\#(name)_bucket{\#(labels),le="0.01"} 0"#))
        #expect(page.contains(#"\#(name)_bucket{\#(labels),le="0.02"} 2"#))
        #expect(page.contains(#"\#(name)_bucket{\#(labels),le="+Inf"} 2"#))
        #expect(page.contains("\(name)_sum{\(labels)} 0.03"))
        #expect(page.contains("\(name)_count{\(labels)} 2"))
        #expect(page.contains(#"\#(name)_count{\#(labels),error_type="upstream_failed"} 1"#))
        #expect(
            page.contains(#"gen_ai_client_operation_time_to_first_chunk_seconds_bucket{\#(labels),le="0.005"} 1"#))
        #expect(page.contains(#"gen_ai_client_token_usage_bucket{\#(labels),gen_ai_token_type="input",le="16.0"} 2"#))
        #expect(page.contains(#"pawang_retries_total{\#(labels),error_type="upstream_failed"} 1"#))
    }

    @Test("Money is exact, in dollars, by model, team and key")
    func money() {
        let page = Self.page(.prometheus)
        #expect(page.contains(#"pawang_cost_usd_total{model="fast",team="payments",key="key1"} 0.000003"#))
        #expect(page.contains(#"pawang_cost_usd_total{model="fast",key="key2"} 2"#))
        let budget = #"{budget="team payments, per day",scope="team",name="payments",window="day"}"#
        #expect(page.contains("pawang_budget_limit_usd\(budget) 10"))
        #expect(page.contains("pawang_budget_spent_usd\(budget) 1.500000001"))
        #expect(page.contains("pawang_budget_reset_timestamp_seconds\(budget) 60"))
    }

    @Test("Clients' requests are counted with how they ended, labels escaped")
    func requests() {
        let page = Self.page(.prometheus)
        #expect(
            page.contains(
                #"pawang_requests_total{model="fast",operation="chat",team="payments",key="key1",status="4xx",error_type="budget_exceeded"} 1"#
            ))
        #expect(page.contains(#"pawang_requests_in_flight{model="say \"hi\"\\\nthere"} 1"#))
    }

    @Test("Every sample stands below the head of its own family, once", arguments: Exposition.Format.allCases)
    func families(format: Exposition.Format) {
        var family = ""
        var kind = ""
        var seen: Set<String> = []
        var samples: Set<String> = []
        for line in Self.page(format) where line != "# EOF" {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            if words[0] == "#" {
                if words[1] == "TYPE" {
                    #expect(seen.insert(words[2]).inserted)
                    (family, kind) = (words[2], words[3])
                }
                if words[1] == "HELP" { #expect(line.hasSuffix(".")) }
                continue
            }
            let name = String(line.prefix { $0 != "{" && $0 != " " })
            let key = String(
                line.split(separator: " # ")[0].prefix { _ in true }.reversed().drop { $0 != " " }.reversed())
            #expect(samples.insert(key).inserted, "twice: \(key)")
            switch kind {
            case "histogram": #expect(["_bucket", "_sum", "_count"].contains { name == family + $0 })
            case "counter": #expect(name == (format == .prometheus ? family : family + "_total"))
            default: #expect(name == family)
            }
        }
        #expect(seen.count > 30)
    }

    @Test("OpenMetrics names units, ends with its mark and gives exemplars in the bucket of their value")
    func openMetrics() {
        let page = Self.page(.openMetrics)
        #expect(page.last == "# EOF")
        #expect(page.contains("# TYPE pawang_cost_usd counter"))
        #expect(page.contains("# UNIT pawang_cost_usd usd"))
        let trace = String(repeating: "a", count: 32)
        let exemplars = page.filter { $0.contains("# {") }
        #expect(
            exemplars.contains {
                $0.hasPrefix("gen_ai_client_operation_duration_seconds_bucket") && $0.contains(#"le="0.02"} 2 "#)
                    && $0.hasSuffix(##"# {trace_id="\##(trace)"} 0.015 1700000000.015"##)
            })
        #expect(exemplars.allSatisfy { $0.contains("_bucket{") })
        #expect(!Self.page(.prometheus).contains { $0.contains("# {") || $0.hasPrefix("# UNIT") || $0 == "# EOF" })
    }

    @Test("The format follows what the scraper accepts")
    func negotiation() {
        #expect(Exposition.Format(accept: "application/openmetrics-text;version=1.0.0,text/plain") == .openMetrics)
        #expect(Exposition.Format(accept: "text/plain;version=0.0.4") == .prometheus)
        #expect(Exposition.Format(accept: "") == .prometheus)
    }

    @Test(
        "Billionths are written exactly",
        arguments: [
            (0, "0"), (1, "0.000000001"), (-1_500_000_000, "-1.5"), (10_000_000, "0.01"), (2_000_000_000, "2"),
        ])
    func decimals(value: Int, text: String) {
        #expect(Exposition.decimal(nano: value) == text)
    }
}

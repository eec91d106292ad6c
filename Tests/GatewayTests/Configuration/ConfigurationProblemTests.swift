import Domain
import Testing

@testable import Gateway

@Suite("What is wrong with a configuration")
struct ConfigurationProblemTests {
    static let table: [(yaml: String, place: String, words: String)] = [
        ("gateway: {lisen: x}", "1:11", "`gateway` has no key `lisen`; did you mean `listen`?"),
        ("gateway: [a]", "1:10", "must be a map"),
        ("gateway: {limits: {bodi: 1MiB}}", "1:20", "did you mean `body`?"),
        ("gateway: {listen: '8790'}", "1:19", "a host and a port"),
        ("gateway: {listen: '127.0.0.1:70000'}", "1:19", "a host and a port"),
        ("gateway: {listen: '::1:8790'}", "1:19", "[::1]:8790"),
        ("gateway: {listen: '0.0.0.0:80'}", "1:19", "without TLS"),
        ("gateway: {listen: 'example.org:80'}", "1:19", "`insecure: true`"),
        ("gateway: {tls: {certificate: a}}", "1:16", "no `key`"),
        ("gateway: {tls: {key: a}}", "1:16", "no `certificate`"),
        ("gateway: {idle: 30}", "1:17", "a time such as"),
        ("gateway: {deadline: 0s}", "1:21", "from 1s to 1d"),
        ("gateway: {limits: {body: 32}}", "1:26", "a size such as"),
        ("gateway: {limits: {requests: 0}}", "1:30", "from 1 to 1000000"),
        ("gateway: {limits: {requests: many}}", "1:30", "a whole number"),
        ("gateway: {unknown_prices: maybe}", "1:27", "one of `allow`, `refuse`"),
        ("gateway: {ledger: {sync: never}}", "1:26", "`process`"),
        ("gateway: {ledger: {fail_open: [{scope: team}]}}", "1:32", "`name` of its team"),
        ("gateway: {insecure: 1}", "1:21", "true or false"),
        ("models: [a]", "1:9", "must be a map"),
        ("models: {m: {}}", "1:10", "needs `targets`"),
        ("models: {m: {targets: []}}", "1:23", "from 1 to 64 targets"),
        ("models: {m: {targets: [{connection: openai}], fall_back: n}}", "1:47", "did you mean `fallback`?"),
        ("models: {m: {targets: [{model: x}]}}", "1:24", "needs a `connection`"),
        ("models: {m: {targets: [{connection: opnai}]}}", "1:37", "no connection `opnai`; did you mean `openai`?"),
        ("models: {m: {targets: [{connection: broken}]}}", "1:37", "cannot be used: no key"),
        ("models: {m: {targets: [{connection: tools}]}}", "1:37", "of type custom"),
        ("models: {m: {targets: [{connection: tape}]}}", "1:37", "of type replay"),
        ("models: {m: {targets: [{connection: [openai, openai]}]}}", "1:37", "named twice"),
        ("models: {m: {targets: [{connection: openai}, {connection: openai}]}}", "1:23", "have the id `openai/m`"),
        ("models: {m: {targets: [{connection: openai, weight: 0}]}}", "1:23", "weight 0"),
        ("models: {m: {targets: [{connection: openai, weight: -1}]}}", "1:53", "from 0 to"),
        ("models: {m: {targets: [{connection: openai, id: 'a b'}]}}", "1:49", "without spaces"),
        ("models: {m: {targets: [{connection: openai, cool_down: 1h}]}}", "1:56", "to 10m"),
        ("models: {m: {targets: [{connection: openai, concurrency: 0}]}}", "1:58", "from 1 to"),
        ("models: {m: {targets: [{connection: openai, min_tokens_per_second: 0}]}}", "1:68", "above 0"),
        (
            "models: {m: {targets: [{connection: openai, when: {input_tokens: {min: 9, max: 8}}}]}}", "1:66",
            "never hold"
        ),
        ("models: {m: {targets: [{connection: openai, when: {header: {'a:b': c}}}]}}", "1:61", "no header's name"),
        ("models: {m: {targets: [{connection: openai, when: {teem: a}}]}}", "1:52", "did you mean `team`?"),
        ("models: {m: {targets: [{connection: openai, timeouts: {total: 1s}}]}}", "1:56", "no key `total`"),
        ("models: {m: {targets: [{connection: openai}], fallback: n}}", "1:57", "unknown model `n`"),
        ("models: {m: {targets: [{connection: openai}], fallback: m}}", "1:57", "in a circle: `m` → `m`"),
        ("models: {m: {targets: [{connection: openai}], retries: {attempts: 11}}}", "1:67", "from 1 to 10"),
        ("models: {m: {targets: [{connection: openai}], retries: {share: 0.2}}}", "1:64", "from 0% to 100%"),
        ("models: {m: {targets: [{connection: openai}], cache: {ttl: 0s}}}", "1:60", "from 1s to 30d"),
        ("models: {m: {targets: [{connection: openai}], on_disconnect: stop}}", "1:62", "one of `cancel`, `drain`"),
        ("models: {'a b': {targets: [{connection: openai}]}}", "1:10", "must not have spaces"),
        ("models: {flow/a: {targets: [{connection: openai}]}}", "1:10", "must not begin with `flow/`"),
        ("budgets: {}", "1:10", "must be a list"),
        ("budgets: [{scope: team, per: month, limit: 1 USD}]", "1:11", "`name` of its team"),
        ("budgets: [{scope: global, name: x, per: month, limit: 1 USD}]", "1:33", "has no `name`"),
        ("budgets: [{scope: global, per: month}]", "1:11", "needs `limit`"),
        ("budgets: [{scope: global, per: week, limit: 1 USD}]", "1:32", "one of `hour`"),
        ("budgets: [{scope: global, per: month, limit: 200}]", "1:46", "200 USD or 0.05 USD"),
        ("budgets: [{scope: global, per: month, limit: 2e2 USD}]", "1:46", "200 USD or 0.05 USD"),
        ("budgets: [{scope: everyone, per: month, limit: 1 USD}]", "1:19", "one of `global`"),
        (
            "budgets: [{scope: global, per: day, limit: 1 USD}, {scope: global, per: day, limit: 2 USD}]", "1:52",
            "two budgets for all calls, per day"
        ),
    ]

    @Test("Each has its sentence and its place", arguments: table)
    func problems(yaml: String, place: String, words: String) throws {
        let messages = try ConfigurationReading(yaml: yaml).messages
        #expect(messages.count == 1, "\(messages)")
        #expect(messages.first?.hasPrefix("pawang.yaml:\(place): ") == true, "\(messages)")
        #expect(messages.first?.contains(words) == true, "\(messages)")
    }

    @Test("Everything that is wrong is said at once, in the file's order")
    func all() throws {
        let reading = try ConfigurationReading(
            yaml: """
                gateway:
                  idle: soon
                models:
                  a:
                    targets: [{connection: nobody}]
                    fallback: [b]
                  b:
                    targets: [{connection: openai}]
                    fallback: [c]
                  c:
                    targets: [{connection: openai, wait: 3}]
                    fallback: [b]
                budgets: [{scope: team, name: a, per: month, limit: much}]
                """)
        let lines = reading.problems.map { $0.location?.line }
        #expect(lines == [2, 5, 9, 11, 13])
        #expect(throws: ConfigurationFailure.self) { try reading.checked() }
        do throws(ConfigurationFailure) { _ = try reading.checked() } catch {
            #expect(error.message.hasPrefix("5 things are wrong:\n"))
            #expect(error.code == "ConfigurationInvalid" && error.blame == .request)
        }
    }

    @Test("A circle of fallbacks is told once, with the whole way")
    func circle() throws {
        let reading = try ConfigurationReading(
            yaml: """
                models:
                  a: {targets: [{connection: openai}], fallback: [b]}
                  b: {targets: [{connection: openai}], fallback: [c]}
                  c: {targets: [{connection: openai}], fallback: [a]}
                """)
        #expect(reading.messages.count == 1)
        #expect(reading.messages.first?.contains("`a` → `b` → `c` → `a`") == true)
    }

    @Test(
        "Only this machine's addresses are loopback",
        arguments: [
            ("127.0.0.1", true), ("127.8.9.10", true), ("localhost", true), ("::1", true), ("0.0.0.0", false),
            ("127.0.0.1.example.org", false), ("127.example.org", false), ("::", false), ("10.0.0.1", false),
            ("127.0.0.256", false),
        ])
    func loopback(host: String, isLoopback: Bool) {
        #expect(ListenAddress.isLoopback(host) == isLoopback)
    }

    @Test("Listening beyond the machine is right with TLS, or where it is said to be")
    func secured() throws {
        for yaml in [
            "gateway: {listen: '0.0.0.0:80', insecure: true}",
            "gateway: {listen: '[::]:80', tls: {certificate: a, key: b}}", "gateway: {listen: 'localhost:80'}",
        ] { #expect(try ConfigurationReading(yaml: yaml).messages == []) }
    }
}

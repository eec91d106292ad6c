import Domain
import Testing

@testable import Gateway

@Suite("Reading the configuration")
struct ConfigurationReadingTests {
    static let full = """
        gateway:
          listen: 0.0.0.0:443
          tls: {certificate: tls/chain.pem, key: /etc/key.pem}
          insecure: false
          limits: {body: 1MiB, answer: 2MiB, connections: 10, requests: 20}
          idle: 30s
          deadline: 5m
          drain: 10s
          unknown_prices: allow
          ledger: {sync: each, fail_open: [{scope: team, name: a}]}
        models:
          fast:
            targets:
              - connection: [openai, azure]
                id: main
                model: gpt-5-mini
                weight: 3
                when: {team: [a], key: k, header: {X-Tier: gold}, input_tokens: {min: 1, max: 8000}}
                concurrency: 32
                cool_down: 10s
                timeouts: {connect: 1s, head: 2s, first_token: 3s, stall: 4s}
                min_tokens_per_second: 5
                max_output_tokens: 16384
                priced_as: gpt-5
              - {connection: claude, weight: 0}
            fallback: slow
            retries: {attempts: 5, share: 50%, pause: 100ms}
            cache: {ttl: 1h, shared: true}
            on_disconnect: drain
          slow:
            targets: [{connection: claude, model: opus}]
        budgets:
          - {scope: team, name: payments, per: month, limit: 200 USD, owner: ana@example.org}
          - {scope: global, per: total, limit: 0.05 USD}
        """

    @Test("Every key is read")
    func everything() throws {
        let reading = try ConfigurationReading(yaml: Self.full)
        #expect(reading.messages == [])
        let configuration = try reading.checked()
        var server = ServerSettings()
        (server.host, server.port) = ("0.0.0.0", 443)
        (server.certificatePath, server.privateKeyPath) = ("/w/tls/chain.pem", "/etc/key.pem")
        (server.bodyLimit, server.answerLimit) = (1 << 20, 2 << 20)
        (server.connectionLimit, server.requestLimit) = (10, 20)
        (server.idleTimeout, server.deadline, server.drain) = (.seconds(30), .seconds(300), .seconds(10))
        server.allowsUnknownPrices = true
        server.ledgerSync = .each
        server.failOpenScopes = [BudgetScope(.team, "a")]
        #expect(configuration.server == server)
        var target = TargetDeclaration(id: "main", connections: ["openai", "azure"], model: "gpt-5-mini")
        target.weight = 3
        target.conditions.teams = ["a"]
        target.conditions.keys = ["k"]
        target.conditions.headers = ["x-tier": "gold"]
        (target.conditions.minimumInputTokens, target.conditions.maximumInputTokens) = (1, 8000)
        (target.concurrency, target.coolDown) = (32, .seconds(10))
        (target.connectTimeout, target.headTimeout) = (.seconds(1), .seconds(2))
        (target.firstTokenTimeout, target.stallTimeout) = (.seconds(3), .seconds(4))
        (target.minimumTokensPerSecond, target.maximumOutputTokens, target.pricedAs) = (5, 16384, "gpt-5")
        var spare = TargetDeclaration(id: "claude/fast", connections: ["claude"], model: "fast")
        spare.weight = 0
        var fast = ModelRoute(name: "fast", targets: [target, spare])
        fast.fallbacks = ["slow"]
        (fast.retries.attempts, fast.retries.share, fast.retries.pause) = (5, 0.5, .milliseconds(100))
        var cache = CacheSettings()
        (cache.timeToLive, cache.isShared) = (.seconds(3600), true)
        fast.cache = cache
        fast.onDisconnect = .drain
        let slow = ModelRoute(
            name: "slow", targets: [TargetDeclaration(id: "claude/opus", connections: ["claude"], model: "opus")])
        #expect(configuration.models == [fast, slow])
        #expect(
            configuration.budgets == [
                BudgetRule(
                    name: "team payments, per month", scope: BudgetScope(.team, "payments"), window: .month,
                    limitNanoUSD: 200_000_000_000, owner: "ana@example.org"),
                BudgetRule(
                    name: "all calls, in total", scope: BudgetScope(.global), window: .total, limitNanoUSD: 50_000_000),
            ])
    }

    @Test("What is left out has the documented default")
    func defaults() throws {
        let configuration = try ConfigurationReading(
            yaml: "{gateway: null, models: {m: {targets: [{connection: openai}]}}}"
        )
        .checked()
        #expect(configuration.server == ServerSettings())
        #expect(
            configuration.models == [
                ModelRoute(
                    name: "m", targets: [TargetDeclaration(id: "openai/m", connections: ["openai"], model: "m")])
            ])
        #expect(configuration.budgets == [])
    }

    @Test("Without models every connection that names one gives it, and those of one name share it")
    func modelsOfConnections() throws {
        let facts = [
            ConnectionFact(name: "a", type: .openAI, model: "m"), ConnectionFact(name: "b", type: .local, model: "m"),
            ConnectionFact(name: "c", type: .anthropic), ConnectionFact(name: "d", type: .replay, model: "n"),
            ConnectionFact(name: "e", type: nil, problem: "no key"),
        ]
        let reading = try ConfigurationReading(yaml: "gateway: {}", connections: facts)
        let models = try reading.checked().models
        #expect(models.map(\.name) == ["m"])
        #expect(models.first?.targets.map(\.id) == ["a/m", "b/m"])
        #expect(reading.warnings.map { $0.contains("`e`") } == [true])
        #expect(reading.settings.contains { $0.origin == .connection("b") && $0.text == "b" })
    }

    @Test("Flags go before the environment, the environment before the file, and each value says where it is from")
    func origins() throws {
        let yaml = "gateway: {listen: 127.0.0.1:1, idle: 10s, limits: {body: 1MiB}}"
        let map = try YAMLReader.read(text: yaml, file: "pawang.yaml").map("file")
        var overrides = SettingOverrides(environment: [
            "PAWANG_GATEWAY_LISTEN": "127.0.0.1:2", "PAWANG_GATEWAY_LIMITS_BODY": "2MiB", "OTHER": "x",
            "PAWANG_GATEWAY_LIMITS_REQUESTS": "7", "PAWANG_GATEWAY_DRAIN": "",
        ])
        overrides.set("gateway.listen", "127.0.0.1:3", flag: "--listen")
        let reading = ConfigurationReading(
            GatewaySections(gateway: map["gateway"]), connections: [], overrides: overrides)
        let server = try reading.checked().server
        #expect(server.port == 3 && server.bodyLimit == 2 << 20 && server.requestLimit == 7)
        func origin(_ path: String) -> String? {
            reading.settings.first { $0.path == path }.map { "\($0.text) from \($0.origin)" }
        }
        #expect(origin("gateway.listen") == "127.0.0.1:3 from flag --listen")
        #expect(origin("gateway.limits.body") == "2MiB from environment PAWANG_GATEWAY_LIMITS_BODY")
        #expect(origin("gateway.idle") == "10s from pawang.yaml:1")
        #expect(origin("gateway.drain") == "30s from default")
    }

    @Test("Each value in force is listed once")
    func listedOnce() throws {
        let paths = try ConfigurationReading(yaml: Self.full).settings.map(\.path)
        #expect(Set(paths).count == paths.count)
        for path in ["gateway.tls.key", "models.fast.targets.0.timeouts.stall", "models.slow.cache", "budgets.1.limit"]
        {
            #expect(paths.contains(path), "\(path)")
        }
    }

    @Test("A wrong variable is told by its name, without a place in the file")
    func wrongVariables() throws {
        let reading = try ConfigurationReading(
            yaml: "gateway: {}",
            environment: ["PAWANG_GATEWAY_IDLE": "soon", "PAWANG_GATEWAY_LISEN": "127.0.0.1:1"])
        #expect(reading.messages.count == 2)
        #expect(reading.messages.contains { $0.contains("environment PAWANG_GATEWAY_IDLE") && $0.contains("`soon`") })
        #expect(
            reading.messages.contains {
                $0.contains("PAWANG_GATEWAY_LISEN") && $0.contains("did you mean `PAWANG_GATEWAY_LISTEN`?")
            })
    }
}

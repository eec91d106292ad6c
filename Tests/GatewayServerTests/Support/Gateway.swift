import Domain
import Foundation
import Gateway
import GatewayServer
import Logging
import ServiceLifecycle
import Synchronization

/// 1 nano-dollar for an input token, 2 for an output token; the model `unpriced` has no price.
struct TestPrices: PriceBook {
    var version: String { "test-1" }

    func cost(of usage: TokenUsage, provider: String, model: String, serviceTier: String?, at seconds: Double) -> Cost {
        model == "unpriced" ? .unknown : .known(nanoUSD: usage.input + 2 * usage.output)
    }
}

/// What a test's gateway is made of.
struct GatewaySetup {
    var server = ServerSettings()
    var route = ModelRoute(name: "fast", targets: [])
    var targets: [Target] = []
    var key = KeyRecord(id: "", hash: "", team: "core", service: "shop", useCase: "search", created: 0)
    var budgets: [BudgetRule] = []
    var cache: AnswerCache?
    var flows: (any FlowModels)?

    init() {
        server.port = 0
        server.drain = .seconds(2)
        route.retries.pause = .milliseconds(1)
    }

    /// Adds a target on a port of this machine.
    mutating func add(
        _ id: String, port: Int, dialect: Dialect = .openAI, model: String = "real-model", keys: [String] = ["one"],
        _ change: (inout TargetDeclaration) -> Void = { _ in }
    ) {
        var declaration = TargetDeclaration(id: id, connections: keys, model: model)
        declaration.maximumOutputTokens = 1000
        change(&declaration)
        route.targets.append(declaration)
        let accesses = keys.map { key in
            UpstreamAccess(
                connection: key, origin: Origin(host: "127.0.0.1", port: port, isTLS: false), basePath: "/v1",
                headers: dialect == .anthropic ? [("anthropic-version", "2023-06-01")] : [],
                secretHeader: (name: "authorization", value: Secret("Bearer \(key)")))
        }
        targets.append(
            Target(declaration: declaration, dialect: dialect, provider: dialect.rawValue, accesses: accesses))
    }
}

/// A gateway with a ledger in memory, running for a test.
struct TestGateway: Sendable {
    let port: Int
    let key: String
    let ledger: Ledger
    let store: MemoryLedgerStore
    let log: TestLog
    fileprivate let group: ServiceGroup

    /// Tells the server to stop.
    func stop() { Task { await group.triggerGracefulShutdown() } }

    /// Runs a gateway while `body` does.
    static func run(
        _ setUp: (inout GatewaySetup) -> Void, _ body: @Sendable (TestGateway) async throws -> Void
    ) async throws {
        var setup = GatewaySetup()
        setUp(&setup)
        var configuration = GatewayConfiguration()
        configuration.server = setup.server
        configuration.models = [setup.route]
        let made = KeyMint.make(setup.key)
        let health = RouteHealth()
        let snapshot = GatewaySnapshot(
            configuration: configuration, targets: [setup.route.name: setup.targets], health: health,
            keys: KeyTable([made.record]), generation: 1)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gateway-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = MemoryLedgerStore()
        let ledger = try Ledger(
            folder: folder, rules: setup.budgets, store: store,
            effects: LedgerEffects(now: SystemClock.nanoseconds, warn: { _ in }))
        let log = TestLog()
        let services = GatewayServices(
            snapshots: SnapshotBox(snapshot, health: health), ledger: ledger, prices: TestPrices(),
            traffic: Traffic(shards: 1), cache: setup.cache, idempotency: IdempotencyTable(), flows: setup.flows,
            requestLog: { log.append($0) })
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let (ports, ready) = AsyncStream.makeStream(of: Int.self)
        let server = try GatewayServer(services: services, logger: logger, threads: 1) { port in
            ready.yield(port)
            ready.finish()
        }
        let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await port in ports {
                do {
                    try await body(
                        TestGateway(
                            port: port, key: made.key.reveal(), ledger: ledger, store: store, log: log, group: group))
                } catch {
                    await group.triggerGracefulShutdown()
                    throw error
                }
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        try ledger.close()
    }

    /// The bytes of a request.
    func request(
        _ body: String, path: String = "/v1/chat/completions", headers: [String] = [], closes: Bool = true
    ) -> String {
        let extra = headers.map { "\($0)\r\n" }.joined() + (closes ? "connection: close\r\n" : "")
        return
            "POST \(path) HTTP/1.1\r\nhost: test\r\nauthorization: Bearer \(key)\r\n\(extra)content-length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// Sends a request and reads its answer to the end.
    func post(_ body: String, path: String = "/v1/chat/completions", headers: [String] = []) async throws -> Reply {
        Reply(try await RawClient.send([request(body, path: path, headers: headers)], port: port))
    }

    /// Everything in the ledger so far, in the order of call and attempt.
    func entries() throws -> [CallRecord] {
        try ledger.flush()
        return try store.entries(after: nil, limit: 1000)
    }

    static func chat(stream: Bool = false, model: String = "fast", more: String = "") -> String {
        #"{"model":"\#(model)",\#(stream ? #""stream":true,"# : "")\#(more)"messages":[{"role":"user","content":"Hi"}]}"#
    }
}

/// The lines of a request log.
final class TestLog: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    func append(_ more: [UInt8]) { bytes.withLock { $0 += more } }

    var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }
}

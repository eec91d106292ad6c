import Domain
import Foundation
import Gateway
import GatewayServer
import Logging
import Providers
import Registry
import ServiceLifecycle
import Stores

/// The gateway of a workspace: its configuration in force, its ledger, and what keeps both up to date.
struct RunningGateway: Sendable {
    let box: SnapshotBox
    let ledger: Ledger
    let watches: Watches
    private let routes: RouteHealth
    private let cache: AnswerCache
    private let application: Application
    private let log: EventLog

    /// Reads the configuration, opens the ledger and starts local models.
    init(_ application: Application, flags: [LoadedConfiguration.FlagSetting], log: EventLog) async throws {
        let workspace = application.workspace
        // It looks before anything is read, so that a change in between is seen.
        let watch = ConfigurationWatch(files: workspace.configurationFiles)
        let local = LocalTargets(servers: application.servers, connections: application.connections)
        let load: @Sendable () throws -> LoadedConfiguration = {
            let loaded = try LoadedConfiguration.load(folder: workspace.root, flags: flags)
            local.use(loaded.connections)
            return loaded
        }
        let loaded = try load()
        let configuration = try loaded.checked()
        var settings = LedgerSettings()
        settings.sync = configuration.server.ledgerSync
        settings.failOpenScopes = Set(configuration.server.failOpenScopes)
        let keys = SQLKeyStore(application.database)
        let revision = try keys.revision()
        let ledger = try Ledger(
            folder: workspace.ledgerFolder(environment: application.environment), rules: configuration.budgets,
            store: SQLLedgerStore(application.database),
            settings: settings,
            effects: LedgerEffects(now: SystemClock.nanoseconds) {
                log.say(.warning, "ledger", ["problem": .string($0)])
            })
        let health = RouteHealth()
        let cache = AnswerCache()
        let box = SnapshotBox(
            GatewaySnapshot(
                configuration: configuration, targets: try await local.resolved(loaded.targets), health: health,
                keys: KeyTable(try keys.keys()), generation: 1),
            health: health)
        let reloader = ConfigurationReloader(
            box: box, health: health, load: load, prepare: { try await local.resolved($0) },
            willApply: { configuration in
                try ledger.update(rules: configuration.budgets)
                // Another target may answer now.
                cache.removeAll()
            })
        watches = Watches(
            keys: KeyWatch(store: keys, box: box, log: log), revision: revision, local: local, reloader: reloader,
            watch: watch, log: log)
        self.box = box
        self.ledger = ledger
        routes = health
        self.cache = cache
        self.application = application
        self.log = log
    }

    /// The server, not listening yet.
    func server(
        flow: String?, threads: Int?, onReady: @escaping @Sendable (Int) -> Void
    ) throws -> GatewayServer {
        let threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
        let traffic = Traffic(shards: threads)
        let now = SystemClock.nanoseconds
        let feedback = FeedbackFile(
            path: application.workspace.stateFolder(environment: application.environment) + "/feedback.jsonl")
        let serving = FlowServing(
            catalogue: ServedFlows(application).catalogue(feedback: feedback), ledger: ledger,
            traffic: traffic.shard(0),
            now: now
        ) { [log] flow, problem in
            log.say(.error, "a flow does not work", ["flow": .string(flow), "error": .string(problem)])
        }
        let access = RequestAccess(keys: { [box] in box.current.keys }, now: now)
        let flows = FlowRoutes(serving: serving, access: access, version: Version.current, rootFlow: flow)
        let started = now()
        let metrics = MetricsRoutes(
            traffic: traffic, gauges: { [self] in gauges(started: started) }, access: access, now: now)
        var services = GatewayServices(
            snapshots: box, ledger: ledger, prices: application.prices, traffic: traffic, cache: cache,
            idempotency: IdempotencyTable(), flows: serving, requestLog: log.writer.write)
        services.version = Version.current
        return try GatewayServer(
            services: services, logger: Logger(label: "pawang.server") { _ in EventLogHandler(log: log) },
            routes: { router in
                flows.add(to: router)
                metrics.add(to: router)
            },
            threads: threads, onReady: onReady)
    }

    /// What is read off when somebody asks for metrics.
    private func gauges(started: Int) -> TrafficGauges {
        let now = SystemClock.nanoseconds()
        let health = ledger.health
        var gauges = TrafficGauges()
        gauges.budgets = ledger.statuses(now: now).map {
            TrafficGauges.Budget(
                name: $0.rule.name, scopeKind: $0.rule.scope.kind.rawValue, scopeName: $0.rule.scope.name,
                window: $0.rule.window.rawValue, limitNanoUSD: $0.rule.limitNanoUSD, spentNanoUSD: $0.spentNanoUSD,
                reservedNanoUSD: $0.reservedNanoUSD, resets: $0.resetsAt)
        }
        gauges.openReservations = health.open
        gauges.ledgerBacklog = health.backlog
        gauges.ledgerJournalBytes = health.journalBytes
        gauges.ledgerUnreconciled = health.unreconciled
        gauges.ledgerConflicts = health.conflicts
        gauges.isLedgerHealthy = health.journalError == nil && health.storeError == nil
        let ticks = Int(clamping: DispatchTime.now().uptimeNanoseconds)
        gauges.targets = routes.statuses(now: ticks).map {
            ($0.model, $0.target, $0.condition != .healthy, $0.inFlight)
        }
        gauges.cache = cache.statistics
        gauges.started = started
        gauges.configurationGeneration = box.current.generation
        gauges.version = Version.current
        return gauges
    }
}

/// What keeps a running gateway up to date: new and revoked keys, changed files, local models.
struct Watches: Service {
    let keys: KeyWatch
    let revision: Int
    let local: LocalTargets
    let reloader: ConfigurationReloader
    let watch: ConfigurationWatch
    let log: EventLog

    func run() async throws {
        let health = reloader.health
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await keys.run(known: revision) }
                group.addTask { await local.watch(reloader.box, health: health, log: log) }
                group.addTask {
                    await watch.run(hangUps: ConfigurationWatch.hangUps()) { _ in
                        await reload()
                    }
                }
            }
        }
    }

    private func reload() async {
        switch await reloader.reload() {
        case .applied(let changes):
            log.say(.info, "configuration reloaded", ["changes": .array(changes.map { .string($0) })])
        case .refused(let failure):
            log.say(
                .error, "the changed configuration is wrong; the old one stays in force",
                ["code": .string(failure.code), "error": .string(failure.message)])
        }
    }
}

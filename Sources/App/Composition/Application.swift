import Domain
import Flows
import Foundation
import Providers
import PythonWorkers
import Registry
import Stores

/// Everything a command works with, put together: the only place that knows everybody.
struct Application: Sendable {
    let workspace: Workspace
    let environment: [String: String]
    let connections: any ConnectionSource
    let database: any SQLDatabase
    let store: any RunStore
    let flows: any FlowRunner
    let services: FlowServices
    let models: any ModelClient
    let prices: any PriceBook
    /// Bounded calls per connection, shared by all who call.
    let limited: LimitedClient
    let servers: LocalServers
    private let provider: ProviderClient
    private let python: PythonWorkerRuntime
    private let fetcher: AsyncHTTPFetcher

    /// What a command may ask of its application.
    struct Options: Sendable {
        /// Bounds on calls and money; nothing is sent beyond them.
        var budget = BudgetLimits()
        /// A file that gets every model call's request and answer.
        var recordingPath: String?
        /// Gets pieces of streamed text: node and piece.
        var onText: (@Sendable (String, String) -> Void)?
        var limits = FlowLimits()
        /// Python workers at the same time.
        var workers: Int?
        /// The database, over the workspace's own: a file or `postgres://…`.
        var database: String?
        /// Connections that a file declares in the template's form.
        var declaredConnections: [JSONObject] = []
    }

    /// Opens the workspace that `folder` is in.
    static func open(folder: String = FileManager.default.currentDirectoryPath, options: Options = Options()) throws
        -> Application
    {
        let workspace = try Workspace.find(from: folder)
        let dotEnv = try workspace.dotEnv()
        let environment = dotEnv.over(ProcessInfo.processInfo.environment)
        var catalogue = try ConnectionCatalogue.load(
            workspace: workspace.root, dotEnv: dotEnv, paths: workspace.connectionPaths,
            environment: ProcessInfo.processInfo.environment)
        for declared in options.declaredConnections {
            try catalogue.declare(templateForm: declared, directory: workspace.root)
        }
        let connections = catalogue
        let database = try ServerDatabase.open(options.database, workspace: workspace, environment: environment)
        let documents = try ServerDatabase.documents(beside: database, workspace: workspace, environment: environment)
        let contract = try workspace.configuration.prices.map {
            try PriceOverlay(path: workspace.path($0), shownAs: $0)
        }
        let prices = GenAIPrices(overlay: { Assets.bytes("prices/overlay.json") }, contract: contract ?? .empty) {
            Assets.bytes("prices/genai-prices-v2.json")
        }
        let servers = LocalServers(workspace: workspace.root, environment: environment)
        let provider = ProviderClient(prices: prices, servers: servers)
        var models: any ModelClient = provider
        if let path = options.recordingPath { models = try RecordingClient(models, path: path) }
        if options.budget != BudgetLimits() { models = BudgetedClient(models, limits: options.budget, prices: prices) }
        let limited = LimitedClient(models)
        models = RetryingClient(limited)
        let python = PythonWorkerRuntime(
            sources: Assets.texts(below: "python"), environment: environment, maximumWorkers: options.workers)
        let fetcher = AsyncHTTPFetcher()
        let services = FlowServices(
            models: models, connections: connections, python: python, documents: SQLiteDocumentIndex(documents),
            fetcher: fetcher,
            environment: environment, limits: options.limits)
        let flows = FlowLoader(
            services: services,
            flowsDirectory: workspace.isDeclared ? workspace.path(workspace.configuration.flows) : nil,
            interpreter: workspace.configuration.python.map(workspace.path), onText: options.onText,
            warn: { Terminal.standard.note("warning: \($0)") })
        return Application(
            workspace: workspace, environment: environment, connections: connections, database: database,
            store: SQLRunStore(database), flows: flows, services: services, models: models, prices: prices,
            limited: limited, servers: servers, provider: provider, python: python, fetcher: fetcher)
    }

    /// Stops workers and servers and closes connections.
    func shutDown() async {
        await python.shutDown()
        await provider.shutDown()
        await fetcher.shutDown()
    }

    /// Runs `body` with an application and shuts it down afterwards, whatever happens.
    static func with<Result: Sendable>(
        options: Options = Options(), _ body: (Application) async throws -> Result
    ) async throws -> Result {
        let application = try open(options: options)
        do {
            let result = try await body(application)
            await application.shutDown()
            return result
        } catch {
            await application.shutDown()
            throw error
        }
    }
}

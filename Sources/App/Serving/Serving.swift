import Domain
import Foundation
import Gateway
import GatewayServer
import Logging
import Providers
import Registry
import ServiceLifecycle
import Stores

/// `pawang serve`, put together and run until it is told to stop.
struct Serving: Sendable {
    var listen: String?
    var database: String?
    var flow: String?
    var portFile: String?
    var threads: Int?

    func run() async throws {
        let writer = LogWriter()
        defer { writer.flush() }
        let log = EventLog(writer: writer)
        var options = Application.Options()
        options.database = database
        let application = try Application.open(options: options)
        do {
            try await serve(application, log: log)
            await application.shutDown()
        } catch {
            await application.shutDown()
            throw error
        }
    }

    private func serve(_ application: Application, log: EventLog) async throws {
        let gateway = try await RunningGateway(application, flags: flags, log: log)
        let server = try gateway.server(flow: flow, threads: threads) { port in ready(port, gateway: gateway, log: log)
        }
        let logger = Logger(label: "pawang") { _ in EventLogHandler(log: log) }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(
                        service: server, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .cancelGroup),
                    .init(service: gateway.watches, successTerminationBehavior: .ignore),
                ],
                logger: logger))
        // Ctrl-C and SIGTERM cancel this task; what runs is to end first, so the group has a task of its own.
        let running = Task { try await group.run() }
        let outcome = await withTaskCancellationHandler {
            await running.result
        } onCancel: {
            Task { await group.triggerGracefulShutdown() }
        }
        do {
            try gateway.ledger.close()
        } catch {
            // Nothing is lost: what is not in the store yet is in the journal, and read from there at the next start.
            log.say(.warning, "the ledger's last entries wait in its journal", ["error": .string("\(error)")])
        }
        if let portFile { try? FileManager.default.removeItem(atPath: portFile) }
        try outcome.get()
        log.say(.info, "stopped")
    }

    private var flags: [LoadedConfiguration.FlagSetting] {
        listen.map { [LoadedConfiguration.FlagSetting(path: "gateway.listen", text: $0, flag: "--listen")] } ?? []
    }

    private func ready(_ port: Int, gateway: RunningGateway, log: EventLog) {
        let configuration = gateway.box.current.configuration
        let scheme = configuration.server.certificatePath == nil ? "http" : "https"
        log.say(
            .info, "listening",
            [
                "url": .string("\(scheme)://\(configuration.server.host):\(port)"),
                "models": .int(configuration.models.count), "keys": .int(gateway.box.current.keys.count),
            ])
        guard let portFile else { return }
        do {
            // Whole or not at all: whoever waits for the file reads it at once.
            try Data("\(port)\n".utf8).write(to: URL(fileURLWithPath: portFile), options: .atomic)
        } catch {
            log.say(.error, "the port file cannot be written", ["error": .string(error.localizedDescription)])
        }
    }
}

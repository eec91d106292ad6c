import Domain
import Foundation
import Gateway
import Synchronization
import Testing

@testable import App

@Suite("Watching and reloading the configuration")
struct ConfigurationWatchTests {
    private static let yaml = "name: w\nmodels: {m: {targets: [{connection: c}]}}\n"
    private static let connections = "c: {type: open_ai, api_key: one}\n"

    @Test("Content counts, not the time of a file; a folder stands for its YAML files")
    func looks() throws {
        let folder = try ConfigurationFolder(["a.yaml": "1", "b.txt": "1"])
        let files = [folder.path, "\(folder.path)/missing.yaml", "\(folder.path)/b.txt"]
        let first = ConfigurationWatch.Look(files)
        #expect(first.digests.count == 2)
        try folder.write("a.yaml", "1")
        let touched = ConfigurationWatch.Look(files, knowing: first)
        #expect(touched != first && touched.digests == first.digests)
        try folder.write("a.yaml", "2")
        #expect(ConfigurationWatch.Look(files, knowing: touched).digests != first.digests)
        try folder.write("missing.yaml", "")
        #expect(ConfigurationWatch.Look(files).digests.count == 3)
    }

    @Test("Each change is told, and a missing file may appear", .timeLimit(.minutes(1)))
    func changes() async throws {
        let folder = try ConfigurationFolder(["a.yaml": "0"])
        let watch = ConfigurationWatch(
            files: ["\(folder.path)/a.yaml", "\(folder.path)/.env"], interval: .milliseconds(2), calm: .milliseconds(1))
        let (triggers, told) = AsyncStream.makeStream(of: ConfigurationWatch.Trigger.self)
        let task = Task { await watch.run { told.yield($0) } }
        var iterator = triggers.makeAsyncIterator()
        for file in ["a.yaml", ".env", "a.yaml"] {
            try folder.write(file, "\(file) \(Int.random(in: 0..<Int.max))")
            #expect(await iterator.next() == .change)
        }
        task.cancel()
        await task.value
    }

    @Test("SIGHUP is told", .timeLimit(.minutes(1)))
    func hangUp() async {
        let hangUps = ConfigurationWatch.hangUps()
        // The signal is listened for only a moment later: it is sent until it is heard.
        let sender = Task {
            while !Task.isCancelled {
                kill(getpid(), SIGHUP)
                await Task.yield()
            }
        }
        let watch = ConfigurationWatch(files: [], interval: .seconds(3600))
        let (triggers, told) = AsyncStream.makeStream(of: ConfigurationWatch.Trigger.self)
        let task = Task { await watch.run(hangUps: hangUps) { told.yield($0) } }
        var iterator = triggers.makeAsyncIterator()
        #expect(await iterator.next() == .hangUp)
        sender.cancel()
        task.cancel()
        await task.value
    }

    private func reloader(
        _ folder: ConfigurationFolder, willApply: @escaping @Sendable (GatewayConfiguration) throws -> Void = { _ in }
    ) throws -> ConfigurationReloader {
        let health = RouteHealth()
        let load: @Sendable () throws -> LoadedConfiguration = { [path = folder.path] in
            try LoadedConfiguration.load(folder: path, environment: [:])
        }
        let loaded = try load()
        let snapshot = GatewaySnapshot(
            configuration: try loaded.checked(), targets: loaded.targets, health: health, keys: KeyTable([]),
            generation: 1)
        return ConfigurationReloader(
            box: SnapshotBox(snapshot, health: health), health: health, load: load, prepare: { $0 },
            willApply: willApply)
    }

    @Test("A right change is in force as a whole and said in words")
    func applied() async throws {
        let folder = try ConfigurationFolder(["pawang.yaml": Self.yaml, "connections.yaml": Self.connections])
        let reloader = try reloader(folder)
        try folder.write("pawang.yaml", "name: w\nmodels: {n: {targets: [{connection: c}]}}\n")
        guard case .applied(let sentences) = await reloader.reload() else {
            Issue.record("refused")
            return
        }
        #expect(sentences == ["model `n` is added, with `c/n`", "model `m` is removed"])
        #expect(reloader.box.current.models == ["n"] && reloader.box.current.generation == 2)
    }

    @Test("A new key of a connection is in force without a word about it")
    func newKey() async throws {
        let folder = try ConfigurationFolder(["pawang.yaml": Self.yaml, "connections.yaml": Self.connections])
        let reloader = try reloader(folder)
        try folder.write("connections.yaml", "c: {type: open_ai, api_key: two}\n")
        guard case .applied(let sentences) = await reloader.reload() else {
            Issue.record("refused")
            return
        }
        #expect(sentences.isEmpty)
        let access = reloader.box.current.routes["m"]?.stages.first?.targets.first?.accesses.first
        #expect(access?.secretHeader?.value.reveal() == "Bearer two")
    }

    @Test(
        "A wrong change leaves the old configuration in force",
        arguments: [
            "name: w\nmodels: {n: {targets: [{connection: d}]}}\n", "name: w\nmodells: {}\n", "name: [", "",
            "name: w\ngateway: {listen: '0.0.0.0:1'}\n",
            "name: w\ngateway: {tls: {certificate: a.pem, key: b.pem}}\nmodels: {m: {targets: [{connection: c}]}}\n",
        ])
    func refused(yaml: String) async throws {
        let folder = try ConfigurationFolder(["pawang.yaml": Self.yaml, "connections.yaml": Self.connections])
        let reloader = try reloader(folder)
        try folder.write("pawang.yaml", yaml)
        guard case .refused(let failure) = await reloader.reload() else {
            Issue.record("applied")
            return
        }
        #expect(!failure.message.isEmpty)
        #expect(reloader.box.current.models == ["m"] && reloader.box.current.generation == 1)
    }

    @Test("Who must agree to a change can refuse it")
    func disagreement() async throws {
        let folder = try ConfigurationFolder(["pawang.yaml": Self.yaml, "connections.yaml": Self.connections])
        let reloader = try reloader(folder) { _ in throw PlainFailure("LedgerBusy", "not now") }
        guard case .refused(let failure) = await reloader.reload() else {
            Issue.record("applied")
            return
        }
        #expect(failure.message == "not now")
        #expect(reloader.box.current.generation == 1)
    }

    @Test("Nothing of a secret is in the problems or the settings of a configuration")
    func secrets() throws {
        let folder = try ConfigurationFolder([
            "pawang.yaml": Self.yaml, "connections.yaml": "c: {type: open_ai, api_key: hidden, base_url: 'h ttp'}\n",
        ])
        let loaded = try LoadedConfiguration.load(folder: folder.path, environment: ["PAWANG_GATEWAY_IDLE": "9s"])
        let messages = loaded.problems.map(\.message)
        #expect(
            messages.count == 1 && messages.allSatisfy { $0.contains("pawang.yaml:2:37") && $0.contains("address") },
            "\(messages)")
        let texts = loaded.reading.settings.map(\.text) + loaded.problems.map(\.message)
        #expect(!texts.contains { $0.contains("hidden") })
        #expect(loaded.reading.configuration.server.idleTimeout == .seconds(9))
    }
}

import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import NIOHTTP1

/// One llama.cpp server: started on demand, watched, started again after a crash, stopped at the end.
actor LocalServer {
    /// How often a server that crashed is started again.
    static let maximumRestarts = 3
    static let startTimeout = Duration.seconds(120)
    private static let stopTimeout = Duration.seconds(5)

    private let settings: LocalServerSettings
    private let name: String
    private let python: PythonLocation
    private var process: ServerProcess?
    private var readyAddress: String?
    private var starting: Task<Result<String, ProviderFailure>, Never>?
    private var restarts = 0
    private var isStopped = false

    init(settings: LocalServerSettings, name: String, python: PythonLocation) {
        self.settings = settings
        self.name = name
        self.python = python
    }

    /// The process, while it runs.
    var processID: Int32? { process.flatMap { $0.isRunning ? $0.id : nil } }

    /// Where the server listens; waits until it is ready.
    func address() async throws(ProviderFailure) -> String {
        if let readyAddress, let process, process.isRunning { return readyAddress }
        // Callers that come while it starts wait for the same start; it goes on if one of them is canceled.
        if starting == nil { try beginStart() }
        guard let starting else { throw ProviderFailure(.canceled, "The local server was stopped.") }
        return try await starting.value.get()
    }

    private func beginStart() throws(ProviderFailure) {
        guard !isStopped else { throw ProviderFailure(.canceled, "The local server was stopped.") }
        if let process {
            // What it said it lacks will not come by starting it again.
            if let problem = process.problem {
                throw ProviderFailure(.misconfigured, "Connection `\(name)`: \(problem)")
            }
            guard restarts < Self.maximumRestarts else {
                throw ProviderFailure(
                    .misconfigured,
                    "The local server of connection `\(name)` ended \(restarts + 1) times and is not started "
                        + "again.\(process.lastWords)"
                )
            }
            restarts += 1
        }
        readyAddress = nil
        let process = try launch()
        self.process = process
        starting = Task { await finishStart(process) }
    }

    private func launch() throws(ProviderFailure) -> ServerProcess {
        guard let executable = settings.executable else {
            guard FileManager.default.isExecutableFile(atPath: python.path) else {
                throw ProviderFailure(
                    .misconfigured,
                    "Connection `\(name)` needs Python with xllamacpp at \(python.path), which is not there. Run "
                        + "bin/quickstart, or set PAWANG_PYTHON."
                )
            }
            return try ServerProcess(
                executable: python.path, arguments: ["-c", LauncherScript.source, settings.json], port: nil)
        }
        guard !settings.path.hasPrefix("package:") else {
            throw ProviderFailure(
                .misconfigured, "Connection `\(name)`: with `executable`, `path` must be a GGUF file.")
        }
        let port = try FreePort.find()
        // The shell ends the server when its own standard input ends: then we are gone.
        let script =
            #"exec 3<&0; "$@" </dev/null & child=$!; { cat <&3 >/dev/null; kill "$child" 2>/dev/null; } & trap 'kill "$child"' TERM; wait "$child""#
        let arguments =
            [
                "-c", script, "sh", executable, "-m", settings.path, "--host", "127.0.0.1", "--port", String(port),
                "-c",
                String(settings.context * settings.parallel), "-np", String(settings.parallel), "-t",
                String(settings.threads),
                "--jinja", "--metrics",
            ] + (settings.embedding ? ["--embedding"] : [])
            + (settings.pooling.map { ["--pooling", $0] } ?? [])
        return try ServerProcess(executable: "/bin/sh", arguments: arguments, port: port)
    }

    private func finishStart(_ process: ServerProcess) async -> Result<String, ProviderFailure> {
        let result: Result<String, ProviderFailure>
        do throws(ProviderFailure) {
            let address = try await waitUntilReady(process)
            readyAddress = address
            result = .success(address)
        } catch {
            await process.stop(within: .zero)
            result = .failure(error)
        }
        starting = nil
        return result
    }

    private func waitUntilReady(_ process: ServerProcess) async throws(ProviderFailure) -> String {
        let deadline = ContinuousClock.now + Self.startTimeout
        while ContinuousClock.now < deadline {
            if let problem = process.problem {
                throw ProviderFailure(.misconfigured, "Connection `\(name)`: \(problem)")
            }
            guard process.isRunning else {
                throw ProviderFailure(
                    .server, "The local server of connection `\(name)` ended while it started.\(process.lastWords)")
            }
            if let address = process.address, await Self.isHealthy(address) { return address }
            do { try await Task.sleep(for: .milliseconds(50)) } catch {
                throw ProviderFailure(.canceled, "The local server was stopped.")
            }
        }
        throw ProviderFailure(
            .timeout,
            "The local server of connection `\(name)` was not ready within "
                + "\(Self.startTimeout.text).\(process.lastWords)"
        )
    }

    private static func isHealthy(_ address: String) async -> Bool {
        let request = HTTPClientRequest(url: address + "/health")
        guard let response = try? await HTTPClient.shared.execute(request, timeout: .seconds(5)) else { return false }
        _ = try? await response.body.collect(upTo: 1 << 16)
        return response.status == .ok
    }

    /// Stops the server and returns when it has ended.
    func stop() async {
        isStopped = true
        starting?.cancel()
        await process?.stop(within: Self.stopTimeout)
    }
}

/// Finds a TCP port of the loopback interface that nobody listens on.
private enum FreePort {
    static func find() throws(ProviderFailure) -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else {
            throw ProviderFailure(.misconfigured, "No free port on the loopback interface was found.")
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

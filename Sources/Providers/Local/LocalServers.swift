package import Domain

/// The llama.cpp servers of `local` connections: each is started when it is first needed and shared by all calls.
package actor LocalServers {
    private var servers: [LocalServerSettings: LocalServer] = [:]
    private let python: PythonLocation
    private var isShutDown = false

    /// Servers run by the Python of a workspace: `PAWANG_PYTHON` of the environment, else `.pawang/venv` of the folder.
    package init(workspace: String, environment: [String: String]) {
        python = PythonLocation(workspace: workspace, environment: environment)
    }

    /// Stops all servers and returns when they have ended.
    ///
    /// No server starts afterwards.
    package func shutDown() async {
        isShutDown = true
        let running = servers.values
        servers = [:]
        for server in running { await server.stop() }
    }

    /// The address of the connection's server, with `/v1`; starts it, or starts it again if it has ended.
    package func base(for connection: Connection) async throws(ProviderFailure) -> String {
        guard !isShutDown else { throw ProviderFailure(.canceled, "The local servers are being stopped.") }
        let settings = try LocalServerSettings(connection)
        let server = servers[settings] ?? LocalServer(settings: settings, name: connection.name, python: python)
        servers[settings] = server
        return try await server.address() + "/v1"
    }

    /// The process of the connection's server, while it runs.
    func processID(for connection: Connection) async -> Int32? {
        guard let settings = try? LocalServerSettings(connection) else { return nil }
        return await servers[settings]?.processID
    }
}

/// Where the Python interpreter of a workspace is.
struct PythonLocation: Sendable {
    let path: String

    init(workspace: String, environment: [String: String]) {
        path = environment["PAWANG_PYTHON"].flatMap { $0.isEmpty ? nil : $0 } ?? workspace + "/.pawang/venv/bin/python"
    }
}

import Domain
import Foundation
import Glibc
import Testing

@testable import PythonWorkers

/// A folder with Python files and a runtime that runs them, both gone after the test.
struct Fixture {
    let directory: String
    let place: PythonPlace
    let runtime: PythonWorkerRuntime

    /// One for all tests, so that Python compiles the worker's modules once.
    static let cache = NSTemporaryDirectory() + "pawang-python-tests-cache-\(getuid())"

    /// Runs `body` with the files; whatever happens, all workers are stopped afterwards.
    static func with<Result>(
        _ files: [String: String], workers: Int = 2, timeout: Duration = .seconds(60),
        environment: [String: String] = [:], sources: [String: String]? = nil, interpreter: String? = nil,
        _ body: (Fixture) async throws -> Result
    ) async throws -> Result {
        let directory = NSTemporaryDirectory() + "pawang-python-tests-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try FileManager.default.createDirectory(atPath: directory + "/flow", withIntermediateDirectories: true)
        for (path, text) in files {
            let whole = URL(fileURLWithPath: directory + "/flow/" + path)
            try FileManager.default.createDirectory(
                at: whole.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: whole)
        }
        let python = try interpreter ?? Self.python()
        let fixture = Fixture(
            directory: directory + "/flow",
            place: PythonPlace(interpreter: python, directory: directory + "/flow", environment: environment),
            runtime: PythonWorkerRuntime(
                sources: try sources ?? Self.sources(), cacheDirectory: Self.cache, maximumWorkers: workers,
                callTimeout: timeout))
        do {
            let result = try await body(fixture)
            await fixture.runtime.shutDown()
            return result
        } catch {
            await fixture.runtime.shutDown()
            throw error
        }
    }

    /// Calls a tool in a session of its own.
    func call(
        _ path: String, function: String? = nil, _ arguments: JSONObject = [:],
        connections: [String: Connection] = [:]
    ) async throws -> PythonResult {
        try await inSession { session in
            try await session.call(
                .file(path: path, function: function), arguments: arguments, connections: connections)
        }
    }

    /// Runs `body` in a session.
    func inSession<Result>(_ body: (any PythonSession) async throws -> Result) async throws -> Result {
        let session = try await runtime.beginSession(in: place)
        do {
            let result = try await body(session)
            await session.end()
            return result
        } catch {
            await session.end()
            throw error
        }
    }

    /// The failure of a call that has to fail.
    func failure(
        _ path: String, function: String? = nil, _ arguments: JSONObject = [:], connections: [String: Connection] = [:]
    ) async throws -> PythonFailure {
        do {
            let result = try await call(path, function: function, arguments, connections: connections)
            throw CallSucceeded(output: result.output.text())
        } catch let failure as PythonFailure {
            return failure
        }
    }

    /// A call gave a value though it had to fail.
    struct CallSucceeded: Error { let output: String }

    /// The interpreter that `bin/test` prepared.
    static func python() throws -> String {
        try #require(
            ProcessInfo.processInfo.environment["PAWANG_TEST_PYTHON"],
            "PAWANG_TEST_PYTHON is not set: run `bin/test`, which makes the Python environment for the tests.")
    }

    /// The Python side as it is in the repository.
    static func sources() throws -> [String: String] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/CAssets/python").resolvingSymlinksInPath()
        var sources: [String: String] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: root.path) where path.hasSuffix(".py") {
            sources[path] = try String(contentsOfFile: root.path + "/" + path, encoding: .utf8)
        }
        return sources
    }
}

/// A file with one tool: its parameters, its body's lines.
func tool(_ parameters: String, _ lines: String..., preamble: String = "") -> String {
    """
    from promptflow.core import tool
    \(preamble)
    @tool
    def run(\(parameters)):
    \(lines.map { "    " + $0 }.joined(separator: "\n"))
    """
}

/// Waits until `condition` holds, at most for `limit`; for what another process does in its own time.
func eventually(within limit: Duration = .seconds(60), _ condition: () -> Bool) async -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return condition()
}

/// Whether a process runs no more; one that its parent has not yet waited for counts as gone.
func hasEnded(_ identifier: pid_t) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8) else { return true }
    return text.split(separator: ")").last?.split(separator: " ").first == "Z"
}

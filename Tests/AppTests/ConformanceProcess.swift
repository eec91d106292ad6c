import Foundation

/// What the suites of whole commands need of their surroundings; `bin/test` sets both variables.
enum ConformanceEnvironment {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// The binary under test.
    static func binary() throws -> String {
        try variable("PAWANG_BINARY", "the binary to test")
    }

    /// The interpreter for Python nodes and for the mock of a model.
    static func python() throws -> String {
        try variable("PAWANG_TEST_PYTHON", "an interpreter with the packages of Tests/requirements.txt")
    }

    /// `Tests/conformance`.
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "conformance")

    private static func variable(_ name: String, _ meaning: String) throws -> String {
        guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else {
            throw Missing(description: "\(name) is not set: \(meaning). Run `bin/test`, which sets it.")
        }
        return value
    }
}

/// One command that has ended.
struct FinishedCommand: Sendable {
    var status: Int32
    /// Whether a signal ended it: always a defect.
    var wasKilled: Bool
    var output: String
    var errors: String
    var seconds: Double
}

/// Runs a command in a folder of its own, with nothing of the caller's environment.
struct CommandRunner: Sendable {
    /// Commands at the same time: tests run side by side, and each command may start Python workers.
    private static let gate = CommandGate(limit: max(2, ProcessInfo.processInfo.activeProcessorCount))
    /// A command that takes longer hangs.
    private static let longestSeconds = 90

    let directory: URL
    let environment: [String: String]

    func run(_ command: [String], input: String? = nil) async throws -> FinishedCommand {
        await Self.gate.enter()
        do {
            let finished = try await start(command, input: input)
            await Self.gate.leave()
            return finished
        } catch {
            await Self.gate.leave()
            throw error
        }
    }

    private func start(_ command: [String], input: String?) async throws -> FinishedCommand {
        let files = directory.deletingLastPathComponent().appending(path: "streams-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
        let paths = ["in", "out", "err"].map { files.appending(path: $0) }
        try Data((input ?? "").utf8).write(to: paths[0])
        for path in paths.dropFirst() { try Data().write(to: path) }
        let process = Process()
        // `timeout` ends by the same signal as its command, so crashes stay visible.
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments = ["-k", "5", String(Self.longestSeconds)] + command
        process.currentDirectoryURL = directory
        process.environment = environment
        process.standardInput = try FileHandle(forReadingFrom: paths[0])
        process.standardOutput = try FileHandle(forWritingTo: paths[1])
        process.standardError = try FileHandle(forWritingTo: paths[2])
        let start = ContinuousClock.now
        let (ends, end) = AsyncStream<Void>.makeStream()
        process.terminationHandler = { _ in end.finish() }
        try process.run()
        for await _ in ends {}
        let took = start.duration(to: .now).components
        func text(_ path: URL) throws -> String { String(decoding: try Data(contentsOf: path), as: UTF8.self) }
        return FinishedCommand(
            status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
            output: try text(paths[1]), errors: try text(paths[2]),
            seconds: Double(took.seconds) + Double(took.attoseconds) / 1e18)
    }
}

/// Lets a bounded number of commands run.
private actor CommandGate {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(limit: Int) { free = limit }

    func enter() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}

import Domain
import Foundation

/// A temporary folder that commands run in, with a store of its own and the mock of a model as connection `mock`.
struct ConformancePlace: Sendable {
    private let name: String
    private let root: URL
    private let binary: String
    private let python: String
    private let mock: ConformanceMock

    /// Where commands run.
    var directory: URL { root.appending(path: "work") }

    /// A folder for a case; `copying` fills it.
    init(name: String, copying source: URL? = nil) throws {
        self.name = name
        binary = try ConformanceEnvironment.binary()
        python = try ConformanceEnvironment.python()
        mock = try ConformanceMock.shared.get()
        root = FileManager.default.temporaryDirectory.appending(path: "pawang-case-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        if let source {
            try FileManager.default.copyItem(at: source, to: directory)
        } else {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        }
        let dotEnv = directory.appending(path: ".env")
        let own = (try? String(contentsOf: dotEnv, encoding: .utf8)) ?? ""
        try (own.replacing("${MOCK}", with: mock.address(of: name)) + mock.dotEnv(of: name))
            .write(to: dotEnv, atomically: true, encoding: .utf8)
    }

    func remove() { try? FileManager.default.removeItem(at: root) }

    /// Sets the mock's replies for the next command.
    func prepare(mock replies: JSONValue?) throws { try mock.script(replies, for: name) }

    /// Runs `pawang` with these arguments; `${MOCK}` in them is the mock's address.
    func run(_ arguments: [String], environment: [String: String], input: String?) async throws -> FinishedCommand {
        var variables = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": root.path,
            "LANG": "C.UTF-8",
            "PAWANG_STORE": root.appending(path: "store.db").path, "PAWANG_PYTHON": python,
        ]
        variables.merge(environment) { $1 }
        let words = arguments.map { $0.replacing("${MOCK}", with: mock.address(of: name)) }
        return try await CommandRunner(directory: directory, environment: variables).run([binary] + words, input: input)
    }

    /// What the mock was asked by the last command.
    func requests() throws -> [JSONValue] { try mock.requests(of: name) }

    /// The values of a file of JSON lines, or of one JSON value, below the folder.
    func lines(of path: String) throws -> [JSONValue] {
        let content = try Data(contentsOf: directory.appending(path: path))
        if let whole = try? JSONValue(parsing: content) { return [whole] }
        return try content.split(separator: 0x0A).map { try JSONValue(parsing: $0) }
    }
}

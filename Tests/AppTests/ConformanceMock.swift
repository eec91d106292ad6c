import Domain
import Foundation

/// The mock of a model, `Tests/conformance/mock_model.py`: started once, ends with this process.
struct ConformanceMock: Sendable {
    /// Must never be seen in anything a command prints.
    static let key = "mock-key-hush-9d41c7"

    let port: Int
    private let folder: URL
    /// Held so that its standard input stays open.
    private let process: Process

    /// The one that all cases share.
    static let shared = Result { try start() }

    /// Where a case's model is.
    func address(of name: String) -> String { "http://127.0.0.1:\(port)/\(name)" }

    /// What `.env` holds: the connection `mock`.
    func dotEnv(of name: String) -> String {
        "MOCK_TYPE=open_ai\nMOCK_API_KEY=\(Self.key)\nMOCK_BASE_URL=\(address(of: name))/v1\n"
    }

    /// Gives a case's model its next replies and forgets what it was asked.
    func script(_ replies: JSONValue?, for name: String) throws {
        try? FileManager.default.removeItem(at: file(name, "requests.jsonl"))
        if let replies { try Data(replies.bytes()).write(to: file(name, "script.json"), options: .atomic) }
    }

    /// What a case's model was asked since its script was set.
    func requests(of name: String) throws -> [JSONValue] {
        guard let content = try? Data(contentsOf: file(name, "requests.jsonl")) else { return [] }
        return try content.split(separator: 0x0A).map { try JSONValue(parsing: $0) }
    }

    private func file(_ name: String, _ ending: String) -> URL { folder.appending(path: "\(name).\(ending)") }

    private static func start() throws -> ConformanceMock {
        let folder = FileManager.default.temporaryDirectory.appending(path: "pawang-mock-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(filePath: try ConformanceEnvironment.python())
        process.arguments = [ConformanceEnvironment.folder.appending(path: "mock_model.py").path, folder.path]
        let output = Pipe()
        process.standardOutput = output
        // It ends when this pipe closes, which happens when the tests end.
        process.standardInput = Pipe()
        try process.run()
        var line = Data()
        while !line.contains(0x0A) {
            let piece = output.fileHandleForReading.availableData
            guard !piece.isEmpty else {
                throw ConformanceEnvironment.Missing(description: "mock_model.py did not start")
            }
            line.append(piece)
        }
        guard let port = Int(String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
        else {
            throw ConformanceEnvironment.Missing(description: "mock_model.py printed no port")
        }
        return ConformanceMock(port: port, folder: folder, process: process)
    }
}

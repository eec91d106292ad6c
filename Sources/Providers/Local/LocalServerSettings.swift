import Domain
import Foundation

/// What a `local` connection says about its server.
struct LocalServerSettings: Sendable, Hashable {
    /// The GGUF file, or `package:NAME` for the one inside an installed Python package.
    let path: String
    /// A `llama-server` to run instead of PyPI's `xllamacpp`.
    let executable: String?
    /// Tokens of context of each call under way.
    let context: Int
    /// Calls served at the same time.
    let parallel: Int
    let threads: Int
    /// Serves embeddings instead of chats.
    let embedding: Bool
    /// How tokens' vectors become one: `mean`, `cls` or `last`; the model's own way where it is not set.
    let pooling: String?

    init(_ connection: Connection) throws(ProviderFailure) {
        guard let path = connection.settings["path"] ?? connection.settings["model"] else {
            throw .missing("path", of: connection)
        }
        self.path = path
        executable = connection.settings["executable"]
        context = try Self.number("context", of: connection, or: 4096, in: 64...1_048_576)
        parallel = try Self.number("parallel", of: connection, or: 2, in: 1...64)
        threads = try Self.number(
            "threads", of: connection, or: min(ProcessInfo.processInfo.activeProcessorCount, 64), in: 1...256)
        embedding = connection.settings["embedding"] == "true"
        pooling = connection.settings["pooling"]
        guard pooling.map({ ["mean", "cls", "last"].contains($0) }) ?? true else {
            throw ProviderFailure(
                .misconfigured, "Connection `\(connection.name)`: `pooling` must be mean, cls or last.")
        }
    }

    private static func number(
        _ name: String, of connection: Connection, or standard: Int, in range: ClosedRange<Int>
    ) throws(ProviderFailure) -> Int {
        guard let text = connection.settings[name] else { return standard }
        guard let number = Int(text), range.contains(number) else {
            throw ProviderFailure(
                .misconfigured,
                "Connection `\(connection.name)`: `\(name)` must be a number from \(range.lowerBound) to "
                    + "\(range.upperBound)."
            )
        }
        return number
    }

    /// The settings as the launcher reads them.
    var json: String {
        let value: JSONValue = [
            "path": .string(path), "context": .int(context), "parallel": .int(parallel), "threads": .int(threads),
            "embedding": .bool(embedding), "pooling": pooling.map { .string($0) } ?? .null,
        ]
        return value.text()
    }
}

import Domain
import Foundation

/// Takes secrets out of texts that people get to see.
struct Scrubber: Sendable {
    /// Shorter values are no secrets, and taking them out would spoil texts.
    private static let shortest = 6
    private static let limit = 512
    private static let words = ["KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL"]

    private var secrets: Set<String> = []

    /// Knows the values of environment variables whose names speak of secrets.
    init(environment: [String: String]) {
        for (name, value) in environment where Self.words.contains(where: { name.uppercased().contains($0) }) {
            add(value)
        }
    }

    /// Whether there is nothing to take out.
    var isEmpty: Bool { secrets.isEmpty }

    /// Learns the secrets of a connection.
    mutating func add(_ connection: Connection) {
        for secret in connection.secrets.values { add(secret.reveal()) }
    }

    private mutating func add(_ secret: String) {
        if secret.utf8.count >= Self.shortest && secrets.count < Self.limit { secrets.insert(secret) }
    }

    /// The text with `•••` in the place of each secret.
    func scrub(_ text: String) -> String {
        var text = text
        // The longest first: one secret may be the beginning of another.
        for secret in secrets.sorted(by: { $0.utf8.count > $1.utf8.count }) where text.contains(secret) {
            text = text.replacingOccurrences(of: secret, with: "•••")
        }
        return text
    }

    /// The failure with its texts scrubbed.
    func scrub(_ failure: PythonFailure) -> PythonFailure {
        PythonFailure(failure.kind, scrub(failure.message), traceback: scrub(failure.traceback))
    }
}

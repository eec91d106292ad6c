package import Domain
import Foundation
import Synchronization

/// Appends every successful call to a file that a `replay` connection can answer from.
///
/// A recording is written in one piece at the end of the file, so that several processes may record into one. Prompts
/// and answers stand in the file in clear; keys and connections do not.
package final class RecordingClient: ModelClient {
    private let client: any ModelClient
    private let path: String
    private let descriptor: Int32
    private let effects: Effects
    private let writing = Mutex(())

    /// Opens the file, which is made if it is not there.
    package init(_ client: any ModelClient, path: String, effects: Effects = .live) throws(ProviderFailure) {
        self.client = client
        self.path = path
        self.effects = effects
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ProviderFailure(.misconfigured, "The recordings file \(path) cannot be written.")
        }
    }

    deinit { close(descriptor) }

    package func send(
        _ request: ModelRequest, onText: (@Sendable (String) -> Void)?
    ) async throws(ProviderFailure) -> ModelResponse {
        let started = ContinuousClock.now
        let response = try await client.send(request, onText: onText)
        try append(line(for: request, response, latency: started.duration(to: .now)))
        return response
    }

    private func line(for request: ModelRequest, _ response: ModelResponse, latency: Duration) -> [UInt8] {
        let recording: JSONObject = [
            "key": .string(request.digest.description),
            "request": ["operation": .string(request.operation.rawValue), "body": .object(request.body)],
            "response": .object(response.body),
            "meta": [
                "model": .string(response.model), "recorded_at": .int(Int(effects.now().timeIntervalSince1970)),
                "provider": .string(response.provider), "latency_ms": .int(Int((latency.seconds * 1000).rounded())),
            ],
        ]
        return JSONValue.object(recording).bytes(sortedKeys: false) + [0x0A]
    }

    private func append(_ line: [UInt8]) throws(ProviderFailure) {
        let isWritten = writing.withLock { _ in
            var done = 0
            while done < line.count {
                let count = line[done...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                done += count
            }
            return true
        }
        guard isWritten else {
            throw ProviderFailure(.misconfigured, "The recordings file \(path) cannot be written. Is the disk full?")
        }
    }
}

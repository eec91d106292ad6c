package import Domain
import Synchronization

/// Bounds the calls under way per connection and backs off when a provider limits the rate.
///
/// The connection's setting `concurrency` is its maximum; 8 where it has none.
package final class LimitedClient: ModelClient {
    /// Calls at a time where a connection sets no `concurrency`.
    package static let defaultConcurrency = 8

    private let client: any ModelClient
    private let limiters = Mutex<[String: AdaptiveLimiter]>([:])

    package init(_ client: any ModelClient) { self.client = client }

    package func send(
        _ request: ModelRequest, onText: (@Sendable (String) -> Void)?
    ) async throws(ProviderFailure) -> ModelResponse {
        let limiter = limiter(for: request.connection)
        try await limiter.admit()
        do throws(ProviderFailure) {
            let response = try await client.send(request, onText: onText)
            limiter.ended(nil)
            return response
        } catch {
            limiter.ended(error)
            throw error
        }
    }

    private func limiter(for connection: Connection) -> AdaptiveLimiter {
        let maximum = connection.settings["concurrency"].flatMap { Int($0) } ?? Self.defaultConcurrency
        return limiters.withLock {
            if let limiter = $0[connection.name] { return limiter }
            let limiter = AdaptiveLimiter(maximum: maximum)
            $0[connection.name] = limiter
            return limiter
        }
    }
}

import AsyncHTTPClient
import Domain
import NIOCore
import NIOHTTP1
import NIOHTTPCompression
import Synchronization

/// Sends requests to providers' servers and reads their answers within bounds.
///
/// Redirects are not followed: they could carry a key to another host.
final class HTTPTransport: Sendable {
    let limits: ExchangeLimits
    private let state = Mutex(State.unused)

    private enum State {
        /// Nothing was sent yet: the client, with its threads, is made at the first request.
        case unused
        case open(HTTPClient)
        case closed
    }

    init(limits: ExchangeLimits) { self.limits = limits }

    // A client that is dropped without having been shut down would end the process.
    deinit { closing()?.shutdown { _ in } }

    /// Closes all connections.
    ///
    /// Nothing may be sent afterwards.
    func shutDown() async { try? await closing()?.shutdown() }

    private func closing() -> HTTPClient? {
        state.withLock { state in
            defer { state = .closed }
            return if case .open(let client) = state { client } else { nil }
        }
    }

    private func client() throws(ProviderFailure) -> HTTPClient {
        let client: HTTPClient? = state.withLock { state in
            switch state {
            case .open(let client): return client
            case .closed: return nil
            case .unused:
                let client = makeClient()
                state = .open(client)
                return client
            }
        }
        guard let client else { throw ProviderFailure(.canceled, "The connections are being closed.") }
        return client
    }

    private func makeClient() -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        configuration.decompression = .enabled(limit: .size(limits.maximumBodyBytes))
        configuration.timeout.connect = .nanoseconds(Int64(limits.connect.seconds * 1e9))
        configuration.connectionPool.idleTimeout = .seconds(30)
        // Concurrency is bounded per connection above; a refused connection is for the retry policy to judge.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Sends a request and gives the reader what comes back, until the answer is whole or a bound is crossed.
    func exchange(
        _ call: HTTPCall, timeout: Duration, isStreaming: Bool, reader: AnswerReader
    ) async throws(ProviderFailure) -> HTTPAnswer {
        let watch = StallWatch(timeout: timeout, limits: limits, isStreaming: isStreaming)
        do {
            return try await withThrowingTaskGroup(of: HTTPAnswer.self) { group in
                group.addTask { try await self.read(call, timeout: timeout, watch: watch, reader: reader) }
                group.addTask {
                    try await watch.wait()
                    throw CancellationError()
                }
                defer { group.cancelAll() }
                guard let answer = try await group.next() else { throw CancellationError() }
                return answer
            }
        } catch let failure as ProviderFailure {
            throw failure
        } catch {
            if Task.isCancelled { throw ProviderFailure(.canceled, "The call was canceled.") }
            throw ProviderFailure(connectionError: error, hasBegun: false)
        }
    }

    private func read(
        _ call: HTTPCall, timeout: Duration, watch: StallWatch, reader: AnswerReader
    ) async throws -> HTTPAnswer {
        var reader = reader
        var request = HTTPClientRequest(url: call.url)
        request.method = call.body.isEmpty ? .GET : .POST
        for (name, value) in call.headers { request.headers.add(name: name, value: value) }
        request.headers.add(name: "user-agent", value: "pawang")
        if !call.body.isEmpty { request.body = .bytes(ByteBuffer(bytes: call.body)) }
        let client = try client()
        let response: HTTPClientResponse
        do {
            // The watch is the one that judges; this deadline only makes sure that nothing can outlive it for long.
            response = try await client.execute(
                request, deadline: .now() + .nanoseconds(Int64((timeout.seconds + 5) * 1e9)))
        } catch {
            throw ProviderFailure(connectionError: error, hasBegun: false)
        }
        watch.received()
        reader.begin(status: Int(response.status.code), headers: AnswerHeaders(response.headers))
        do {
            for try await piece in response.body {
                watch.received()
                try reader.take(piece.readableBytesView)
            }
        } catch let failure as ProviderFailure {
            throw failure
        } catch {
            throw ProviderFailure(connectionError: error, hasBegun: true, limit: limits.maximumBodyBytes)
        }
        return try reader.finish()
    }
}

extension AnswerHeaders {
    init(_ headers: HTTPHeaders) {
        contentType = headers.first(name: "content-type") ?? ""
        retryAfter = headers.first(name: "retry-after")
        retryAfterMilliseconds = headers.first(name: "retry-after-ms")
        location = headers.first(name: "location")
    }
}

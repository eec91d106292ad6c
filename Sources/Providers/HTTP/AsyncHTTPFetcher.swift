import AsyncHTTPClient
package import Domain
import NIOCore
import NIOHTTP1
import Synchronization

/// Fetches for `http` nodes.
///
/// Its client is made at the first request.
package final class AsyncHTTPFetcher: HTTPFetcher {
    private let client = Mutex<HTTPClient?>(nil)

    package init() {}

    package func fetch(
        method: String, url: String, headers: [(String, String)], body: [UInt8]?, timeout: Duration, limit: Int
    ) async throws(ProviderFailure) -> (status: Int, headers: [(String, String)], body: [UInt8]) {
        var request = HTTPClientRequest(url: url)
        request.method = .RAW(value: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        do {
            let response = try await shared().execute(request, timeout: .nanoseconds(Int64(timeout / .nanoseconds(1))))
            var collected = try await response.body.collect(upTo: limit)
            let bytes = collected.readBytes(length: collected.readableBytes) ?? []
            return (Int(response.status.code), response.headers.map { ($0.name, $0.value) }, bytes)
        } catch is NIOTooManyBytesError {
            throw ProviderFailure(.tooLarge, "The answer is larger than \(limit >> 20) MiB.")
        } catch is CancellationError {
            throw ProviderFailure(.canceled, "The request was canceled.")
        } catch let error as HTTPClientError
            where error == .deadlineExceeded || error == .connectTimeout || error == .readTimeout
        {
            throw ProviderFailure(.timeout, "There was no answer within \(timeout.components.seconds) s.")
        } catch {
            throw ProviderFailure(.connect, "The request failed: \(error).")
        }
    }

    /// Closes all connections.
    package func shutDown() async {
        let open = client.withLock { client in
            defer { client = nil }
            return client
        }
        try? await open?.shutdown()
    }

    private func shared() -> HTTPClient {
        client.withLock { client in
            if let client { return client }
            let made = HTTPClient(
                eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: .init(redirectConfiguration: .disallow)
            )
            client = made
            return made
        }
    }
}

package import Gateway
import HTTPTypes
import Hummingbird
import NIOCore

/// Who a request on the ordinary router is from.
package struct RequestAccess: Sendable {
    /// The keys in force.
    private let keys: @Sendable () -> KeyTable
    /// Nanoseconds since 1970.
    private let now: @Sendable () -> Int

    package init(keys: @escaping @Sendable () -> KeyTable, now: @escaping @Sendable () -> Int) {
        self.keys = keys
        self.now = now
    }

    /// The record of the key a request presents: `authorization: Bearer`, `x-api-key` or `api-key`, in this order.
    func key(of request: Request) throws(GatewayFailure) -> KeyRecord {
        try keys().verify(Array(Self.presented(by: request).utf8), at: now()).get()
    }

    /// Lets through who may see metrics: a program on this machine, or a key that names `metrics` among its models.
    ///
    /// Metrics tell what every team spends, so that a key for models is not enough. Whoever comes through a proxy is
    /// not taken to be on this machine, nor is a browser that was led here by another name.
    func checkMetrics(_ request: Request, from address: SocketAddress?) throws(GatewayFailure) {
        if Self.isLocal(request, from: address) { return }
        let key = try key(of: request)
        guard key.models.contains(Self.metricsPermission) else {
            throw GatewayFailure(
                .notAllowed,
                "This key may not read metrics. Make one that may: `pawang key create --models metrics`.",
                shouldRetry: false)
        }
    }

    static let metricsPermission = "metrics"

    private static func presented(by request: Request) -> String {
        if let authorization = request.headers[.authorization] {
            let parts = authorization.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
            if parts.count == 2, parts[0].lowercased() == "bearer" { return String(parts[1]) }
        }
        for name in keyHeaders { if let value = request.headers[name] { return value } }
        return ""
    }

    private static let keyHeaders = ["x-api-key", "api-key"].compactMap { HTTPField.Name($0) }
    private static let proxyHeaders = ["x-forwarded-for", "x-real-ip", "forwarded", "via"].compactMap {
        HTTPField.Name($0)
    }

    private static func isLocal(_ request: Request, from address: SocketAddress?) -> Bool {
        guard let address, address.isLoopback, !proxyHeaders.contains(where: { request.headers[$0] != nil }) else {
            return false
        }
        guard let authority = request.head.authority else { return true }
        var host = Substring(authority)
        if host.hasPrefix("[") {
            host = host.dropFirst().prefix { $0 != "]" }
        } else {
            host = host.prefix { $0 != ":" }
        }
        let isAddress = host.allSatisfy { $0.isNumber || $0 == "." }
        return host == "localhost" || host == "::1" || host.hasPrefix("127.") && isAddress
    }
}

extension SocketAddress {
    /// Whether the other end is on this machine.
    fileprivate var isLoopback: Bool {
        switch self {
        case .v4: ipAddress?.hasPrefix("127.") ?? false
        case .v6: ipAddress == "::1" || ipAddress?.hasPrefix("::ffff:127.") ?? false
        case .unixDomainSocket: true
        }
    }
}

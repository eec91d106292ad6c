import Domain
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import Testing

@testable import GatewayServer

@Suite("Who may see metrics")
struct RequestAccessTests {
    private static let access = RequestAccess(keys: { KeyTable([]) }, now: { 0 })

    private static func isAllowed(
        _ address: String?, authority: String? = "127.0.0.1:8790", headers: HTTPFields = [:]
    ) throws -> Bool {
        let request = Request(
            head: HTTPRequest(
                method: .get, scheme: "http", authority: authority, path: "/metrics", headerFields: headers),
            body: RequestBody(buffer: ByteBuffer()))
        do throws(GatewayFailure) {
            let address = try? address.map { try SocketAddress(ipAddress: $0, port: 1) }
            try access.checkMetrics(request, from: address)
            return true
        } catch {
            #expect(error.kind == .invalidKey)
            return false
        }
    }

    @Test("A program on this machine may", arguments: ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
    func local(address: String) throws {
        #expect(try Self.isAllowed(address))
        #expect(try Self.isAllowed(address, authority: "localhost:8790"))
        #expect(try Self.isAllowed(address, authority: "[::1]:8790"))
    }

    @Test("One on another machine, or of unknown origin, may not", arguments: ["10.0.0.1", "::2", "128.0.0.1", nil])
    func remote(address: String?) throws {
        #expect(try !Self.isAllowed(address))
    }

    @Test(
        "What came through a proxy is not from this machine",
        arguments: ["x-forwarded-for", "x-real-ip", "forwarded", "via"])
    func proxied(header: String) throws {
        let name = try #require(HTTPField.Name(header))
        #expect(try !Self.isAllowed("127.0.0.1", headers: [name: "10.0.0.1"]))
    }

    @Test("A browser that was led here by another name may not")
    func rebinding() throws {
        #expect(try !Self.isAllowed("127.0.0.1", authority: "evil.example:8790"))
        #expect(try !Self.isAllowed("127.0.0.1", authority: "127.0.0.1.evil.example"))
    }
}

package import Domain
import Glibc
import NIOHTTP2
import NIOSSL

/// TLS towards clients and upstreams.
enum ServerTLS {
    /// For clients, from PEM files; `nil` without them.
    static func context(certificate: String?, key: String?) throws -> NIOSSLContext? {
        guard let certificate, let key else { return nil }
        let chain: [NIOSSLCertificateSource]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
        } catch {
            throw ServerFailure.certificate(path: certificate)
        }
        let privateKey: NIOSSLPrivateKey
        do {
            privateKey = try NIOSSLPrivateKey(file: key, format: .pem)
        } catch {
            throw ServerFailure.privateKey(path: key)
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(privateKey))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = NIOHTTP2SupportedALPNProtocols
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw ServerFailure.mismatch(certificate: certificate, key: key)
        }
    }

    /// For upstreams: full verification, against the system's roots or those of `SSL_CERT_FILE`.
    static func upstreamContext() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        if let path = getenv("SSL_CERT_FILE").map({ String(cString: $0) }), !path.isEmpty {
            configuration.trustRoots = .file(path)
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw ServerFailure.trustRoots
        }
    }
}

/// Why the server cannot start.
package enum ServerFailure: Failure, Equatable {
    case certificate(path: String)
    case privateKey(path: String)
    case mismatch(certificate: String, key: String)
    case trustRoots

    package var code: String {
        switch self {
        case .certificate: "CertificateError"
        case .privateKey: "PrivateKeyError"
        case .mismatch: "CertificateKeyMismatchError"
        case .trustRoots: "TrustRootsError"
        }
    }

    package var message: String {
        switch self {
        case .certificate(let path):
            "\(path) holds no certificate that can be used. `gateway.tls.certificate` names a PEM file with the whole chain, the server's own first."
        case .privateKey(let path):
            "\(path) holds no private key that can be used. `gateway.tls.key` names a PEM file without a password."
        case .mismatch(let certificate, let key):
            "\(certificate) and \(key) do not belong together. Name the key that the certificate was made for."
        case .trustRoots:
            "The certificates that SSL_CERT_FILE names, or the system's, cannot be read. Install ca-certificates, or name a PEM file."
        }
    }

    package var blame: Blame { .request }
}

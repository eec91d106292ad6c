import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import NIOHTTP1

extension ProviderFailure {
    /// What an error of the HTTP client means.
    ///
    /// `hasBegun` says whether the answer's head had come.
    init(connectionError error: any Error, hasBegun: Bool, limit: Int = 0) {
        if let failure = error as? ProviderFailure {
            self = failure
        } else if error is CancellationError {
            self.init(.canceled, "The call was canceled.")
        } else if let error = error as? HTTPClientError {
            self.init(clientError: error, hasBegun: hasBegun)
        } else if let error = error as? IOError {
            self.init(ioError: error, hasBegun: hasBegun)
        } else if let error = error as? HTTPParserError {
            self =
                error == .invalidEOFState
                ? Self(.interrupted, Self.brokenSentence(hasBegun: hasBegun))
                : Self(.malformed, "The server at the connection's address does not speak HTTP.")
        } else {
            self.init(otherError: error, hasBegun: hasBegun, limit: limit)
        }
    }

    private init(clientError error: HTTPClientError, hasBegun: Bool) {
        switch error {
        case .cancelled: self.init(.canceled, "The call was canceled.")
        case .connectTimeout: self.init(.connect, "No connection to the provider could be made in time.")
        case .deadlineExceeded, .readTimeout, .writeTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout:
            self.init(.timeout, "The provider did not answer in time.")
        case .invalidURL, .emptyHost, .missingSocketPath, .emptyScheme:
            self.init(.misconfigured, "The connection's address is not a valid URL. Correct `api_base` or `base_url`.")
        case .remoteConnectionClosed:
            self.init(.interrupted, Self.brokenSentence(hasBegun: hasBegun))
        default:
            let text = String(describing: error)
            if text.contains("unsupportedScheme") {
                self.init(.misconfigured, "The connection's address must begin with `https://` or `http://`.")
            } else if text.contains("invalidHeader") {
                self.init(.misconfigured, "The connection's key has characters that no HTTP header may have.")
            } else {
                self.init(.interrupted, Self.brokenSentence(hasBegun: hasBegun))
            }
        }
    }

    private init(ioError error: IOError, hasBegun: Bool) {
        switch error.errnoCode {
        case ECONNREFUSED: self.init(.connect, "The provider's server refused the connection.")
        case EHOSTUNREACH, ENETUNREACH, ETIMEDOUT: self.init(.connect, "The provider's server cannot be reached.")
        default: self.init(.interrupted, Self.brokenSentence(hasBegun: hasBegun))
        }
    }

    private init(otherError error: any Error, hasBegun: Bool, limit: Int) {
        // These types belong to modules we do not import; their names are enough to tell them apart.
        let type = String(reflecting: Swift.type(of: error))
        let text = String(describing: error)
        if type.contains("Decompression") {
            if text.contains("limit") {
                self = .answerTooLarge(limit: limit)
            } else {
                self.init(.malformed, "The provider's compressed answer is cut off or damaged.", status: 200)
            }
        } else if type.contains("NIOConnectionError") || type.contains("SocketAddressError") {
            let reason = text.contains("ECONNREFUSED") || text.contains("refused") || text.contains("errno: 111")
            self.init(
                .connect,
                reason
                    ? "The provider's server refused the connection." : "No connection to the provider could be made.")
        } else if type.contains("SSL") || type.contains("TLS") {
            self.init(
                hasBegun ? .interrupted : .connect,
                hasBegun ? Self.brokenSentence(hasBegun: true) : "The secure connection to the provider failed (TLS).")
        } else {
            self.init(.interrupted, Self.brokenSentence(hasBegun: hasBegun))
        }
    }

    private static func brokenSentence(hasBegun: Bool) -> String {
        hasBegun
            ? "The connection broke in the middle of the provider's answer."
            : "The connection broke before the provider answered."
    }
}

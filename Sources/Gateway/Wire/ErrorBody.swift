import Domain

/// The answer that tells a client of a failure, in its dialect.
package struct ErrorBody: Sendable {
    package let status: Int
    /// Names in lower case; `content-type` is among them, `content-length` is not.
    package let headers: [(name: String, value: String)]
    package let bytes: [UInt8]

    /// Renders a failure.
    ///
    /// - Parameter requestID: the call's id, which Anthropic's shape repeats in the body.
    package init(_ failure: GatewayFailure, _ dialect: Dialect, requestID: String? = nil) {
        status = failure.status
        var headers = [(name: "content-type", value: "application/json")]
        if let shouldRetry = failure.shouldRetry {
            headers.append((name: "x-should-retry", value: shouldRetry ? "true" : "false"))
        }
        if let seconds = failure.retryAfterSeconds { headers.append((name: "retry-after", value: String(seconds))) }
        self.headers = headers
        bytes = JSONValue.object(Self.object(failure, dialect, requestID: requestID)).bytes()
    }

    /// The body as an object; in a stream it is the data of the error event.
    static func object(_ failure: GatewayFailure, _ dialect: Dialect, requestID: String? = nil) -> JSONObject {
        switch dialect {
        case .openAI:
            return ["error": .object(openAI(failure))]
        case .anthropic:
            var object: JSONObject = [
                "type": "error",
                "error": ["type": .string(anthropicType(failure)), "message": .string(failure.message)],
            ]
            if let requestID { object["request_id"] = .string(requestID) }
            return object
        }
    }

    /// All four members: their schema requires each.
    private static func openAI(_ failure: GatewayFailure) -> JSONObject {
        [
            "message": .string(failure.message), "type": .string(openAIType(failure)),
            "param": failure.parameter.map { .string($0) } ?? .null,
            "code": .string(failure.upstreamCode ?? failure.code),
        ]
    }

    private static func openAIType(_ failure: GatewayFailure) -> String {
        switch failure.kind {
        case .budgetExceeded: "insufficient_quota"
        case .rateLimited, .upstreamRateLimited: "rate_limit_error"
        case .invalidKey: "authentication_error"
        case .notAllowed, .unknownPrice: "permission_error"
        default: failure.status < 500 ? "invalid_request_error" : "server_error"
        }
    }

    private static func anthropicType(_ failure: GatewayFailure) -> String {
        switch failure.status {
        case 401: "authentication_error"
        case 402: "billing_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 413: "request_too_large"
        case 429: "rate_limit_error"
        case 400..<500: "invalid_request_error"
        case 503, 529: "overloaded_error"
        case 504: "timeout_error"
        default: "api_error"
        }
    }
}

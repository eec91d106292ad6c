import Gateway
import NIOHTTP1

/// What the data path needs of a request's head, read in one pass.
struct CallHead {
    var operation: Operation
    /// The model, where the path names it (Azure).
    var pathModel: String?
    /// Path and query.
    var target: String
    var headers: HTTPHeaders
    var isKeepAlive: Bool
    var isHTTP10: Bool
    /// `Authorization: Bearer`, `x-api-key` or `api-key`.
    var key: String?
    var contentLength: Int?
    var expectsContinue = false
    var idempotencyKey: String?
    /// The SDKs' count of their own retries.
    var retryCount: Int?
    /// The shortest time-out the client says it has, in nanoseconds.
    var timeout: Int?
    var traceParent: TraceParent?
    /// Owners by header.
    var team: String?
    var service: String?
    var useCase: String?
    var user: String?
    var session: String?
    /// Headers that change what an upstream answers; sent on as they are.
    var forwarded: [(name: String, value: String)] = []
    /// Whether the client speaks Anthropic's dialect, whatever the path.
    var hasAnthropicVersion = false

    init(_ head: HTTPRequestHead, operation: Operation, pathModel: String? = nil) {
        self.operation = operation
        self.pathModel = pathModel
        target = head.uri
        headers = head.headers
        isKeepAlive = head.isKeepAlive
        isHTTP10 = head.version.major == 1 && head.version.minor == 0
        for (name, value) in head.headers { read(name, value) }
    }

    private mutating func read(_ name: String, _ value: String) {
        let bytes = name.utf8
        switch bytes.count {
        case 6 where bytes.equalsIgnoringCase("expect"): expectsContinue = value.utf8.equalsIgnoringCase("100-continue")
        case 7 where bytes.equalsIgnoringCase("api-key"): key = value
        case 9 where bytes.equalsIgnoringCase("x-api-key"): key = value
        case 11 where bytes.equalsIgnoringCase("traceparent"): traceParent = TraceParent(value)
        case 11 where bytes.equalsIgnoringCase("openai-beta"): forwarded.append(("openai-beta", value))
        case 13 where bytes.equalsIgnoringCase("authorization"):
            if value.utf8.startsIgnoringCase("bearer ") {
                key = String(value.dropFirst(7).drop { $0 == " " })
            }
        case 13 where bytes.equalsIgnoringCase("x-pawang-team"): team = value
        case 13 where bytes.equalsIgnoringCase("x-pawang-user"): user = value
        case 14 where bytes.equalsIgnoringCase("content-length"): contentLength = Int(value)
        case 14 where bytes.equalsIgnoringCase("anthropic-beta"): forwarded.append(("anthropic-beta", value))
        case 15 where bytes.equalsIgnoringCase("idempotency-key"): idempotencyKey = value
        case 16 where bytes.equalsIgnoringCase("x-pawang-service"): service = value
        case 16 where bytes.equalsIgnoringCase("x-pawang-session"): session = value
        case 17 where bytes.equalsIgnoringCase("x-pawang-use-case"): useCase = value
        case 17 where bytes.equalsIgnoringCase("anthropic-version"):
            hasAnthropicVersion = true
            forwarded.append(("anthropic-version", value))
        case 19 where bytes.equalsIgnoringCase("x-stainless-timeout"): shorten(value, unit: 1_000_000_000)
        case 20 where bytes.equalsIgnoringCase("x-request-timeout-ms"): shorten(value, unit: 1_000_000)
        case 23 where bytes.equalsIgnoringCase("x-stainless-retry-count"): retryCount = Int(value)
        default: break
        }
    }

    private mutating func shorten(_ value: String, unit: Double) {
        guard let number = Double(value), number > 0, number < 1e6 * 1e9 / unit else { return }
        timeout = min(timeout ?? .max, max(1_000_000, Int(number * unit)))
    }
}

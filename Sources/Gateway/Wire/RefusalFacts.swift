/// What the body of a refusal says, whatever shape it has.
///
/// Known shapes: OpenAI's and Azure's `error` object, Anthropic's, `error` as a text, vLLM's older bare object, FastAPI's
/// `detail`, Gemini's array. Numeric codes become texts.
struct RefusalFacts: Sendable, Equatable {
    /// The provider's own words, without what looks like a key, bounded; empty if there are none.
    var message = ""
    var code: String?
    var type: String?
    var parameter: String?
    /// A second, more exact code: Anthropic's `details.error_code`, Azure's `innererror.code`.
    var detail: String?

    init() {}

    init(_ body: [UInt8]) {
        var problem = ""
        body.withUnsafeBytes { bytes in
            guard let tree = JSONTree(bytes, problem: &problem) else { return }
            read(tree.root.isArray ? tree.root.first : tree.root)
        }
    }

    /// Reads an object that holds an error, such as the data of an error event.
    init(_ node: JSONNode) { read(node) }

    private mutating func read(_ root: JSONNode) {
        let error = root["error"]
        let object = error.isObject ? error : root["response"]["error"].isObject ? root["response"]["error"] : root
        let text =
            object["message"].string ?? error.string ?? root["message"].string ?? root["detail"].string
            ?? root["detail"].first["msg"].string
        message = text.map { KeyRedaction.excerpt($0) } ?? ""
        code = Self.word(object["code"]) ?? Self.word(object["status"])
        type = Self.word(object["type"])
        parameter = Self.word(object["param"])
        detail = Self.word(object["details"]["error_code"]) ?? Self.word(object["innererror"]["code"])
    }

    /// A short text or a number; what is longer is no code.
    private static func word(_ node: JSONNode) -> String? {
        if let number = node.int { return String(number) }
        guard !node.bytes.isEmpty, node.bytes.count <= 100 else { return nil }
        return node.string.map { KeyRedaction.excerpt($0) }
    }

    func reason(status: Int) -> UpstreamRefusal.Reason {
        let words = [code, type, detail].compactMap { $0?.lowercased() }
        if words.contains(where: Self.quotaWords.contains) || status == 402 || message.contains("credit balance") {
            return .quotaExceeded
        }
        if words.contains(where: Self.filterWords.contains) { return .contentFilter }
        if (400..<500).contains(status), status != 429, isAboutContext(words) { return .contextLength }
        switch status {
        case 401, 403: return .authentication
        case 404, 405, 410: return .notFound
        case 408, 504, 524: return .timeout
        case 409: return .failed
        case 413: return .tooLarge
        case 429: return .rateLimited
        case 425, 503, 529: return .overloaded
        case 400..<500: return .invalidRequest
        default: return .failed
        }
    }

    /// The status that an error inside a stream would have had.
    var impliedStatus: Int {
        if let code, let number = Int(code), (400..<600).contains(number) { return number }
        return [code, type].compactMap { $0 }.compactMap { Self.statuses[$0] }.first ?? 500
    }

    private static let statuses = [
        "invalid_request_error": 400, "invalid_prompt": 400, "context_length_exceeded": 400, "content_filter": 400,
        "authentication_error": 401, "invalid_api_key": 401, "billing_error": 402, "permission_error": 403,
        "not_found_error": 404, "model_not_found": 404, "request_too_large": 413, "rate_limit_error": 429,
        "rate_limit_exceeded": 429, "insufficient_quota": 429, "timeout_error": 504, "overloaded_error": 529,
    ]

    private func isAboutContext(_ words: [String]) -> Bool {
        words.contains(where: Self.contextWords.contains) || message.contains("maximum context length")
            || message.contains("prompt is too long") || message.contains("exceed context limit")
    }

    private static let quotaWords: Set<String> = [
        "insufficient_quota", "billing_error", "billing_hard_limit_reached", "billing_not_active",
        "enforced_spend_limit_reached", "insufficient_balance",
    ]
    private static let filterWords: Set<String> = [
        "content_filter", "content_policy_violation", "responsibleaipolicyviolation", "moderation_blocked",
    ]
    private static let contextWords: Set<String> = [
        "context_length_exceeded", "exceed_context_size_error", "model_context_window_exceeded",
        "context_window_exceeded",
    ]
}

extension UpstreamRefusal.Reason {
    var treatment: UpstreamRefusal.Treatment {
        switch self {
        case .invalidRequest, .contextLength, .contentFilter, .tooLarge: .giveUp
        case .authentication, .notFound, .quotaExceeded: .tryAnother
        case .rateLimited, .overloaded, .timeout, .failed: .retry
        }
    }

    /// What the client is told if nothing else is tried.
    func failure(status: Int, _ facts: RefusalFacts, retryAfter: Duration?) -> GatewayFailure {
        let words = facts.message.isEmpty ? "" : ": \(facts.message)"
        switch self {
        case .invalidRequest, .contextLength, .contentFilter, .tooLarge:
            return GatewayFailure(
                .upstreamRefused,
                facts.message.isEmpty ? "The upstream refused the request with status \(status)." : facts.message,
                parameter: facts.parameter, upstreamStatus: status, upstreamCode: upstreamCode(facts))
        case .authentication:
            return GatewayFailure(
                .upstreamAuthentication, "The upstream refused the gateway's own key (status \(status))\(words)",
                shouldRetry: false)
        case .notFound:
            return GatewayFailure(
                .upstreamFailed, "The upstream does not know the model or path (status \(status))\(words)",
                shouldRetry: false)
        case .quotaExceeded:
            return GatewayFailure(
                .upstreamRateLimited, "The gateway's account at the upstream is used up (status \(status))\(words)",
                shouldRetry: false, upstreamCode: "insufficient_quota")
        case .rateLimited:
            // Clients refuse to wait for more than two minutes, and then do not try again at all.
            let seconds = retryAfter.map { Int($0.components.seconds) + ($0.components.attoseconds > 0 ? 1 : 0) }
            return GatewayFailure(
                .upstreamRateLimited, "The upstream limits the gateway's rate\(words)",
                retryAfterSeconds: seconds.flatMap { $0 <= 120 ? $0 : nil })
        case .timeout:
            return GatewayFailure(.upstreamTimeout, "The upstream timed out (status \(status))\(words)")
        case .overloaded:
            return GatewayFailure(.upstreamFailed, "The upstream is overloaded (status \(status))\(words)")
        case .failed:
            return GatewayFailure(.upstreamFailed, "The upstream failed (status \(status))\(words)")
        }
    }

    /// The provider's code, or OpenAI's own word where the provider has another for the same.
    private func upstreamCode(_ facts: RefusalFacts) -> String? {
        switch self {
        case .contextLength: "context_length_exceeded"
        case .contentFilter: "content_filter"
        default: facts.code ?? facts.type
        }
    }
}

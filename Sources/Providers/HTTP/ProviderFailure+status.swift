import Domain
import Foundation

extension ProviderFailure {
    /// What an answer with an error status means, with the provider's own words.
    init(status: Int, headers: AnswerHeaders, body: [UInt8], redactor: Redactor, now: Date) {
        let problem = ProviderProblem(body: body)
        let words = problem.message.map { " It says: \(redactor.excerpt($0))" } ?? ""
        let retryAfter = RetryAfter.duration(
            seconds: headers.retryAfter, milliseconds: headers.retryAfterMilliseconds, now: now)
        let kind: Kind
        let sentence: String
        switch status {
        case 300..<400:
            kind = .misconfigured
            sentence = "The provider redirects elsewhere, which is not followed. Correct the connection's address."
        case 401, 403:
            kind = .authentication
            sentence = "The provider refused the key. Check the connection's `api_key` and address."
        case 402:
            kind = .quotaExceeded
            sentence = "The provider wants payment: the account has no credit left."
        case 404:
            kind = .badRequest
            sentence = "The provider does not know this model, deployment or address."
        case 408:
            kind = .timeout
            sentence = "The provider gave up waiting."
        case 422:
            kind = .unprocessable
            sentence = "The provider could not process the request."
        case 429:
            kind = problem.isQuota ? .quotaExceeded : .rateLimited
            sentence = problem.isQuota ? "The account has no quota left." : "The provider limits the rate of requests."
        case 500...:
            kind = .server
            sentence = "The provider failed."
        default:
            kind = .badRequest
            sentence = "The provider refused the request."
        }
        self.init(kind, "\(sentence) (HTTP \(status))\(words)", status: status, retryAfter: retryAfter)
    }

    /// What an error object inside a stream means.
    init(event error: JSONValue, redactor: Redactor) {
        let problem = ProviderProblem(error: error)
        let kind: Kind =
            problem.isQuota
            ? .quotaExceeded : problem.isRateLimit ? .rateLimited : problem.isRequest ? .badRequest : .server
        let words = problem.message.map { " It says: \(redactor.excerpt($0))" } ?? ""
        self.init(kind, "The provider reported an error within its answer (HTTP 200).\(words)", status: 200)
    }
}

/// What a provider's error body says, whatever its shape.
struct ProviderProblem {
    private(set) var message: String?
    /// The words in `code` and `type`, joined.
    private var words = ""

    init(body: [UInt8]) {
        if let value = try? JSONValue(parsing: body) {
            let error = value["error"] ?? .null
            self.init(error: error.isNull ? value : error)
        } else {
            // Plain text may say what is wrong; a page of HTML does not.
            let text = String(decoding: body.prefix(600), as: UTF8.self)
            self.init(error: text.isEmpty || text.hasPrefix("<") ? .null : .string(text))
        }
    }

    init(error: JSONValue) {
        message =
            error.string ?? error["message"]?.string ?? error["detail"]?.string ?? error["detail"]?.array?.first?[
                "msg"]?.string
            ?? error["error"]?["message"]?.string
        for key in ["code", "type", "status"] {
            if let word = error[key]?.string { words += word.lowercased() + " " }
            if let number = error[key]?.int { words += "\(number) " }
        }
        if let word = error["details"]?["error_code"]?.string { words += word.lowercased() }
    }

    var isQuota: Bool {
        words.contains("insufficient_quota") || words.contains("spend_limit") || words.contains("billing")
    }
    var isRateLimit: Bool { words.contains("rate_limit") || words.contains("429") }
    var isRequest: Bool {
        words.contains("invalid_request") || words.contains("content_filter") || words.contains("400")
    }
}

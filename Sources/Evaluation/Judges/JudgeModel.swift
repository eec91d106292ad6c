package import Domain

/// The model behind judges: how it is called, and what its calls took.
package struct JudgeModel: Sendable {
    private let client: any ModelClient
    private let connection: Connection
    private let store: (any RunStore)?
    /// The model or deployment, or `nil` for the connection's own.
    private let model: String?
    /// Further members of every request, such as `temperature`, `seed` or `max_tokens`.
    private let settings: JSONObject
    /// Whether the reply's form is asked for with `response_format`, too; not every server knows it.
    private let asksForSchema: Bool

    /// Replies are kept in `store` by the digest of request and connection, so that a repeated evaluation makes no calls.
    package init(
        client: any ModelClient, connection: Connection, model: String? = nil, settings: JSONObject = [:],
        asksForSchema: Bool = true, store: (any RunStore)? = nil
    ) {
        self.client = client
        self.connection = connection
        self.model = model
        self.settings = settings
        self.asksForSchema = asksForSchema
        self.store = store
    }

    /// What makes two judges the same: model, settings and where the connection leads.
    package var identity: JSONValue {
        [
            "model": .string(model ?? connection.settings["model"] ?? ""), "settings": .object(settings),
            "type": .string(connection.type.rawValue), "base": .string(connection.base ?? ""),
        ]
    }

    /// Asks once and reads the reply with `read`; what it returns `nil` for is ``JudgeFailure/unreadable(_:)``.
    ///
    /// Only replies that could be read are kept. Never throws: what happened is in the answer, with what it took.
    func ask<Verdict: Sendable>(
        _ question: JudgeQuestion, wantsProbabilities: Bool = false, read: (JudgeAnswer) -> Verdict?
    ) async -> Judged<Verdict> {
        let request = request(for: question, wantsProbabilities: wantsProbabilities)
        let key = Digest(of: .object(["judge": identity, "request": .string(request.digest.description)]))
        if let kept = try? await store?.cachedValue(for: key), let answer = JudgeAnswer(json: kept),
            let verdict = read(answer)
        {
            return Judged(.success(verdict), usage: JudgeUsage(cachedCalls: 1))
        }
        let response: ModelResponse
        do throws(ProviderFailure) {
            response = try await client.send(request)
        } catch {
            return Judged(.failure(.provider(error)), usage: JudgeUsage(calls: 1, failedCalls: 1))
        }
        let usage = JudgeUsage(calls: 1, tokens: response.usage, cost: response.cost)
        guard let text = response.text else { return Judged(.failure(.unreadable("")), usage: usage) }
        let answer = JudgeAnswer(text: text, probabilities: response.body["choices"]?.array?.first?["logprobs"])
        guard let verdict = read(answer) else { return Judged(.failure(.unreadable(text)), usage: usage) }
        // A store that fails costs a later call, not this verdict.
        try? await store?.cache([(key, answer.json)])
        return Judged(.success(verdict), usage: usage)
    }

    private func request(for question: JudgeQuestion, wantsProbabilities: Bool) -> ModelRequest {
        var body: JSONObject = [:]
        if let model { body["model"] = .string(model) }
        body["messages"] = .array([
            ["role": "system", "content": .string(question.instruction)],
            ["role": "user", "content": .string(question.material)],
        ])
        body["temperature"] = 0
        body["max_tokens"] = 1024
        if asksForSchema {
            body["response_format"] = [
                "type": "json_schema",
                "json_schema": ["name": "verdict", "strict": true, "schema": question.schema],
            ]
        }
        if wantsProbabilities {
            body["logprobs"] = true
            body["top_logprobs"] = 20
        }
        body.merge(settings)
        return ModelRequest(operation: .chat, connection: connection, body: body)
    }
}

/// One question to a judge.
struct JudgeQuestion: Sendable {
    /// What to do, and the form of the reply.
    var instruction: String
    /// The texts to judge, each between marks that its content cannot contain.
    var material: String
    /// The reply's JSON Schema.
    var schema: JSONValue
}

/// What a judge replied.
package struct JudgeAnswer: Sendable {
    package let text: String
    /// OpenAI's `logprobs` object, where the provider gave it.
    package let probabilities: JSONValue?

    package init(text: String, probabilities: JSONValue? = nil) {
        self.text = text
        self.probabilities = probabilities
    }

    init?(json: JSONValue) {
        guard let text = json["text"]?.string else { return nil }
        self.init(text: text, probabilities: json["logprobs"])
    }

    var json: JSONValue {
        var object: JSONObject = ["text": .string(text)]
        if let probabilities, !probabilities.isNull { object["logprobs"] = probabilities }
        return .object(object)
    }
}

/// Why a judge gave no verdict.
package enum JudgeFailure: Error, Sendable {
    case provider(ProviderFailure)
    /// The reply's text, which no verdict can be read from.
    case unreadable(String)

    /// For ``Score/reason``; never holds the reply, which may be long and private.
    package var reason: String {
        switch self {
        case .provider(let failure): "the judge could not be asked: \(failure.code): \(failure.message)"
        case .unreadable(let text) where text.isEmpty: "the judge's reply is empty"
        case .unreadable(let text): "no verdict can be read from the judge's reply of \(text.utf8.count) bytes"
        }
    }
}

/// What judging took; counted apart from the run that is judged.
package struct JudgeUsage: Sendable, Equatable {
    /// Calls that were made, failed ones included.
    package var calls = 0
    package var failedCalls = 0
    /// Verdicts that came from the cache, without a call.
    package var cachedCalls = 0
    package var tokens = TokenUsage()
    package var cost = Cost.none

    package init(
        calls: Int = 0, failedCalls: Int = 0, cachedCalls: Int = 0, tokens: TokenUsage = TokenUsage(),
        cost: Cost = .none
    ) {
        self.calls = calls
        self.failedCalls = failedCalls
        self.cachedCalls = cachedCalls
        self.tokens = tokens
        self.cost = cost
    }

    package static func + (left: Self, right: Self) -> Self {
        Self(
            calls: left.calls + right.calls, failedCalls: left.failedCalls + right.failedCalls,
            cachedCalls: left.cachedCalls + right.cachedCalls, tokens: left.tokens + right.tokens,
            cost: left.cost + right.cost)
    }
}

/// A verdict, or why there is none, with what it took.
struct Judged<Verdict: Sendable>: Sendable {
    var verdict: Result<Verdict, JudgeFailure>
    var usage: JudgeUsage

    init(_ verdict: Result<Verdict, JudgeFailure>, usage: JudgeUsage) {
        self.verdict = verdict
        self.usage = usage
    }
}

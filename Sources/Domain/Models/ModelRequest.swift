/// What is asked of a model.
package enum ModelOperation: String, Sendable {
    case chat
    case completion
    case embedding = "embeddings"
}

/// One call to a model, in the shape of OpenAI's API whatever the provider.
package struct ModelRequest: Sendable {
    package var operation: ModelOperation
    package var connection: Connection
    /// The body without `stream`: `model`, `messages` (or `prompt`, `input`), settings, tools, `response_format`.
    package var body: JSONObject
    /// How long one attempt may take from sending to the last byte.
    package var timeout: Duration

    package init(operation: ModelOperation, connection: Connection, body: JSONObject, timeout: Duration = .seconds(300))
    {
        self.operation = operation
        self.connection = connection
        self.body = body
        self.timeout = timeout
    }

    /// The model or deployment asked for, or the connection's own.
    package var model: String { body["model"]?.string ?? connection.settings["model"] ?? "" }

    /// Names the request by content for recordings and caches: operation and body; neither connection nor secrets.
    package var digest: Digest {
        Digest(of: .object(["operation": .string(operation.rawValue), "body": .object(body)]))
    }
}

/// Money in integer nano-dollars (10⁻⁹ US dollar).
///
/// What cannot be priced is unknown, never zero.
package enum Cost: Sendable, Hashable {
    case known(nanoUSD: Int)
    case unknown

    /// No calls were made, so nothing was spent.
    package static let none = Cost.known(nanoUSD: 0)

    /// The amount, or `nil` if it is unknown.
    package var nanoUSD: Int? { if case .known(let amount) = self { amount } else { nil } }

    /// A sum is unknown as soon as one part is.
    package static func + (left: Self, right: Self) -> Self {
        guard case .known(let a) = left, case .known(let b) = right else { return .unknown }
        return .known(nanoUSD: a + b)
    }
}

/// What a model answered, in the shape of OpenAI's API, with its usage and price.
package struct ModelResponse: Sendable {
    /// The whole answer; a streamed one is put together.
    package var body: JSONObject
    package var usage: TokenUsage
    package var cost: Cost
    /// The model that answered, by its own word.
    package var model: String
    /// The provider's name by OpenTelemetry's convention: `openai`, `azure.ai.openai`, `anthropic` and others.
    package var provider: String
    /// Attempts it took, from 1.
    package var attempts: Int
    /// Whether it came from a recording or cache, without a call.
    package var isReplayed: Bool
    /// Time to the first piece of content, where it was streamed.
    package var timeToFirstToken: Duration?

    package init(
        body: JSONObject, usage: TokenUsage, cost: Cost, model: String, provider: String, attempts: Int = 1,
        isReplayed: Bool = false, timeToFirstToken: Duration? = nil
    ) {
        self.body = body
        self.usage = usage
        self.cost = cost
        self.model = model
        self.provider = provider
        self.attempts = attempts
        self.isReplayed = isReplayed
        self.timeToFirstToken = timeToFirstToken
    }

    /// The text of the first choice, or `nil` where there is none (a tool call, an embedding).
    package var text: String? {
        let choice = body["choices"]?.array?.first
        return choice?["message"]?["content"]?.string ?? choice?["text"]?.string
    }
}

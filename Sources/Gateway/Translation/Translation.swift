package import Domain
import Glibc

/// Between OpenAI's dialect and Anthropic's, in both directions.
///
/// Requests: chat → messages, messages → chat, responses → messages, responses → chat. Answers and streams go back along
/// the same pairs. What would silently change what a request means is refused with
/// ``GatewayFailure/Kind/untranslatable`` and the member's name; what is merely lost is named in
/// ``TranslatedRequest/losses``. Every loss is listed in `docs/reference/translation.md`.
package enum Translation {
    /// The operation a request becomes for an upstream of a dialect, or `nil` if there is none.
    ///
    /// For chat and messages in their own dialect it is the operation itself: nothing needs to be translated then.
    package static func operation(for client: Operation, at upstream: Dialect) -> Operation? {
        switch (client, upstream) {
        case (.chat, .anthropic), (.responses, .anthropic), (.messages, .anthropic): .messages
        case (.messages, .openAI), (.responses, .openAI), (.chat, .openAI): .chat
        default: nil
        }
    }

    /// The second, for answers whose provider does not date them.
    package static func currentSecond() -> Int { Int(time(nil)) }
}

/// A client's request in an upstream's dialect.
package struct TranslatedRequest: Sendable {
    package var operation: Operation
    package var body: [UInt8]
    /// Names of members that do not survive, such as `seed` or `messages.name`; each once, at most 32, safe in a header.
    package var losses: [String]

    package init(operation: Operation, body: [UInt8], losses: [String]) {
        self.operation = operation
        self.body = body
        self.losses = losses
    }
}

extension Translation {
    /// A client's request in the words of an upstream's dialect.
    ///
    /// - Parameters:
    ///   - model: the upstream's own name of the model.
    ///   - defaultOutputLimit: stands where the upstream's dialect demands an output limit and the client sets none.
    ///   - isStream: what the upstream is asked for, whatever the body says.
    ///   - provider: by OpenTelemetry's name; it decides what chat calls the output limit.
    ///   - outputLimit: the most output tokens the upstream may be asked for.
    /// - Throws: `.invalidRequest` for a body that is wrong by itself, `.untranslatable` for one that the other dialect has
    ///   no words for; both name the member.
    package static func request(
        _ body: JSONValue, from client: Operation, to upstream: Dialect, model: String, defaultOutputLimit: Int,
        isStream: Bool, provider: String = "openai", outputLimit: Int? = nil
    ) throws(GatewayFailure) -> TranslatedRequest {
        let node = RequestNode(body)
        var losses: Losses
        var translated: JSONObject
        switch (client, upstream) {
        case (.chat, .anthropic):
            var translator = ChatToMessages(node)
            translated = try translator.body(
                model: model, defaultOutputLimit: defaultOutputLimit, isStream: isStream)
            losses = translator.losses
        case (.messages, .openAI):
            var translator = MessagesToChat(node)
            translated = try translator.body(model: model, isStream: isStream)
            losses = translator.losses
        case (.responses, .openAI):
            var translator = ResponsesToChat(node, isForAnthropic: false)
            translated = try translator.body(model: model, isStream: isStream)
            losses = translator.losses
        case (.responses, .anthropic):
            var first = ResponsesToChat(node, isForAnthropic: true)
            let chat = try first.body(model: model, isStream: false)
            var second = ChatToMessages(RequestNode(.object(chat)))
            do {
                translated = try second.body(
                    model: model, defaultOutputLimit: defaultOutputLimit, isStream: isStream)
            } catch {
                throw first.renamed(error)
            }
            losses = first.losses
            for name in second.losses.names { losses.add(ResponsesToChat.renamed(loss: name)) }
        default:
            throw GatewayFailure(
                .untranslatable,
                "An upstream of the `\(upstream.rawValue)` dialect cannot answer `\(client.rawValue)`. "
                    + "Route this model to another upstream.")
        }
        limitOutput(of: &translated, at: upstream, provider: provider, to: outputLimit)
        return TranslatedRequest(
            operation: upstream == .openAI ? .chat : .messages, body: translated, losses: losses)
    }

    /// Lowers the output limit, or sets one where there is none, under the name that the provider understands.
    private static func limitOutput(
        of body: inout JSONObject, at upstream: Dialect, provider: String, to outputLimit: Int?
    ) {
        let name = upstream == .openAI ? "max_completion_tokens" : "max_tokens"
        var limit = body[name]?.int
        if let outputLimit { limit = min(limit ?? outputLimit, outputLimit) }
        guard let limit else { return }
        // Servers other than OpenAI's and Azure's may ignore the newer name, and then answer without any limit.
        guard upstream == .openAI, provider != "openai", provider != "azure.ai.openai" else {
            body[name] = .int(limit)
            return
        }
        body["max_tokens"] = .int(limit)
        body[name] = nil
    }
}

extension TranslatedRequest {
    fileprivate init(operation: Operation, body: JSONObject, losses: Losses) {
        // `NaN` and the infinities are no JSON to an upstream; members that must be numbers have been checked before.
        var writer = JSONWriter(options: .init(allowsNonFinite: false))
        writer.append(.object(body))
        self.init(operation: operation, body: writer.bytes, losses: losses.names)
    }
}

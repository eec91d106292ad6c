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
    /// `defaultOutputLimit` stands where the upstream demands an output limit and the client sets none. `isStream` is what
    /// the upstream is asked for, whatever the body says.
    ///
    /// Throws ``GatewayFailure/Kind/invalidRequest`` for a body that is wrong by itself, and
    /// ``GatewayFailure/Kind/untranslatable`` for one the other dialect has no words for; both name the member.
    package static func request(
        _ body: JSONValue, from client: Operation, to upstream: Dialect, model: String, defaultOutputLimit: Int,
        isStream: Bool
    ) throws(GatewayFailure) -> TranslatedRequest {
        let node = RequestNode(body)
        switch (client, upstream) {
        case (.chat, .anthropic):
            var translator = ChatToMessages(node)
            let body = try translator.body(model: model, defaultOutputLimit: defaultOutputLimit, isStream: isStream)
            return TranslatedRequest(operation: .messages, body: body, losses: translator.losses)
        case (.messages, .openAI):
            var translator = MessagesToChat(node)
            let body = try translator.body(model: model, isStream: isStream)
            return TranslatedRequest(operation: .chat, body: body, losses: translator.losses)
        case (.responses, .openAI):
            var translator = ResponsesToChat(node, isForAnthropic: false)
            let body = try translator.body(model: model, isStream: isStream)
            return TranslatedRequest(operation: .chat, body: body, losses: translator.losses)
        case (.responses, .anthropic):
            var first = ResponsesToChat(node, isForAnthropic: true)
            let chat = try first.body(model: model, isStream: false)
            var second = ChatToMessages(RequestNode(.object(chat)))
            let body: JSONObject
            do {
                body = try second.body(model: model, defaultOutputLimit: defaultOutputLimit, isStream: isStream)
            } catch {
                throw first.renamed(error)
            }
            var losses = first.losses
            for name in second.losses.names { losses.add(ResponsesToChat.renamed(loss: name)) }
            return TranslatedRequest(operation: .messages, body: body, losses: losses)
        default:
            throw GatewayFailure(
                .untranslatable,
                "An upstream of the `\(upstream.rawValue)` dialect cannot answer `\(client.rawValue)`. "
                    + "Route this model to another upstream.")
        }
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

package import Domain

extension Translation {
    /// An upstream's whole answer in the words of what the client asked for.
    ///
    /// - Parameters:
    ///   - publicModel: the model's name for the client.
    ///   - created: seconds since 1970, where the upstream's dialect does not tell.
    /// - Throws: `.upstreamMalformed` if the answer is not what its dialect says, or what an error inside it says.
    package static func answer(
        _ body: JSONValue, from upstream: Operation, to client: Operation, publicModel: String,
        created: Int = currentSecond()
    ) throws(GatewayFailure) -> [UInt8] {
        let answer: NeutralAnswer
        switch upstream {
        case .chat: answer = try ChatAnswer.read(body)
        case .messages: answer = try MessagesAnswer.read(body)
        case .responses, .embeddings, .countTokens: throw unknownPair(upstream, client)
        }
        switch client {
        case .chat: return JSONValue.object(ChatAnswer.write(answer, model: publicModel, created: created)).bytes()
        case .messages: return JSONValue.object(MessagesAnswer.write(answer, model: publicModel)).bytes()
        case .responses:
            return JSONValue.object(ResponsesAnswer.write(answer, model: publicModel, created: created)).bytes()
        case .embeddings, .countTokens: throw unknownPair(upstream, client)
        }
    }

    private static func unknownPair(_ upstream: Operation, _ client: Operation) -> GatewayFailure {
        GatewayFailure(
            .untranslatable,
            "An answer to `\(upstream.rawValue)` cannot be given to a client that asked for `\(client.rawValue)`.")
    }

    /// An upstream's streamed answer in the words of what the client asked for.
    ///
    /// `upstream` is `.chat` or `.messages`, `client` one of these or `.responses`: what ``operation(for:at:)`` gives.
    ///
    /// - Parameters:
    ///   - wantsStreamUsage: whether a chat client asked for usage; the other dialects always have it.
    ///   - created: seconds since 1970, where the upstream's dialect does not tell.
    package static func stream(
        from upstream: Operation, to client: Operation, publicModel: String, wantsStreamUsage: Bool,
        created: Int = currentSecond()
    ) -> any AnswerStream {
        switch (upstream, client) {
        case (.messages, .responses):
            TranslatedStream(MessagesReader(), ResponsesWriter(model: publicModel, created: created))
        case (.messages, _):
            TranslatedStream(
                MessagesReader(), ChatWriter(model: publicModel, created: created, wantsUsage: wantsStreamUsage))
        case (_, .responses):
            TranslatedStream(ChatReader(), ResponsesWriter(model: publicModel, created: created))
        default: TranslatedStream(ChatReader(), MessagesWriter(model: publicModel))
        }
    }
}

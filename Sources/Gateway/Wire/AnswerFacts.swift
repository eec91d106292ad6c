/// What the gateway has to know of a whole answer, which itself goes to the client as it is.
package struct AnswerFacts: Sendable, Equatable {
    /// The model by the upstream's own word.
    package internal(set) var model: String?
    /// `nil` if the provider reported none.
    package internal(set) var usage: ReportedUsage?
    package internal(set) var finishReason: String?
    package internal(set) var serviceTier: String?
    /// Output tokens by our own count: what is billed when the provider reports nothing.
    package internal(set) var outputTokens = 0

    init() {}

    /// Reads an answer with a status of success.
    ///
    /// - Throws: `.upstreamMalformed` if it is no answer to the operation: empty, no JSON, without choices or
    ///   embeddings; or what an error inside it says.
    package static func read(
        _ operation: Operation, _ body: UnsafeRawBufferPointer
    ) throws(GatewayFailure) -> AnswerFacts {
        var problem = ""
        guard let tree = JSONTree(body, problem: &problem), tree.root.isObject else {
            throw GatewayFailure(.upstreamMalformed, "The upstream's answer is no JSON object: \(problem).")
        }
        var facts = AnswerFacts()
        try facts.read(operation, tree, body)
        return facts
    }

    /// Reads an answer with a status of success.
    package static func read(_ operation: Operation, _ body: [UInt8]) throws(GatewayFailure) -> AnswerFacts {
        let result: Result<AnswerFacts, GatewayFailure> = body.withUnsafeBytes { bytes in
            do throws(GatewayFailure) {
                return .success(try read(operation, bytes))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

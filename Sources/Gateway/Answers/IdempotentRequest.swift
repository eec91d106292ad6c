/// A request that a client may send again and wants carried out once: R18 of the ledger's rules.
///
/// Either the client names it (`Idempotency-Key`), or it is told by its content: the SDKs send
/// `x-stainless-retry-count` with every request, and a count above 0 means that the same request was sent before.
package struct IdempotentRequest: Sendable {
    /// What makes two requests the same one.
    enum Identity: Sendable, Hashable {
        case named(keyID: String, name: String)
        case content(keyID: String, words: [UInt64])
    }

    let identity: Identity
    let content: [UInt64]
    let isRetry: Bool

    /// The request, or `nil` if the client said nothing by which it could be known again.
    ///
    /// - Parameters:
    ///   - keyID: the id of the caller's key; requests of different keys are never the same.
    ///   - name: the `Idempotency-Key` header, at most 255 bytes; an empty one counts as none.
    ///   - retryCount: the `x-stainless-retry-count` header.
    ///   - path: the request's path and query: an Azure deployment's name is there.
    ///   - body: the whole body; compared byte for byte, by digest.
    package init?(
        keyID: String, name: String?, retryCount: Int?, path: String, body: UnsafeRawBufferPointer
    ) throws(GatewayFailure) {
        let isNamed = name.map { !$0.isEmpty } ?? false
        guard isNamed || retryCount != nil else { return nil }
        guard (name?.utf8.count ?? 0) <= 255 else {
            throw GatewayFailure(
                .invalidRequest,
                "The header Idempotency-Key is longer than 255 bytes. Send a shorter one: a UUID, say.",
                parameter: "Idempotency-Key")
        }
        content = ContentHash.words(of: Array(path.utf8)) + ContentHash.words(of: body)
        isRetry = (retryCount ?? 0) > 0
        if let name, isNamed {
            identity = .named(keyID: keyID, name: name)
        } else {
            identity = .content(keyID: keyID, words: content)
        }
    }
}

import Domain

/// What an upstream says of an error inside an answer whose status was a success.
enum UpstreamError {
    /// The failure for an event that holds an error, in whatever shape.
    static func failure(_ event: JSONNode, _ progress: inout StreamProgress) -> GatewayFailure {
        let facts = RefusalFacts(event)
        let refusal = UpstreamRefusal(status: facts.impliedStatus, facts)
        progress.refusal = refusal
        return refusal.failure
    }

    /// The failure for a whole answer that holds an error.
    static func failure(_ answer: JSONValue) -> GatewayFailure {
        let facts = RefusalFacts(answer.bytes())
        return UpstreamRefusal(status: facts.impliedStatus, facts).failure
    }
}

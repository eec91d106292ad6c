extension AnswerFacts {
    mutating func read(_ operation: Operation, _ root: JSONNode) throws(GatewayFailure) {
    }
}

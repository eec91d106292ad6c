import Domain

/// How one kind of provider is asked and how its answers read.
protocol Dialect: Sendable {
    /// The provider's name by OpenTelemetry's convention.
    var provider: String { get }
    /// The request to send. Throws if the connection lacks something or the operation is not offered.
    func call(for request: ModelRequest, isStreaming: Bool) throws(ProviderFailure) -> HTTPCall
    /// The answer in the shape of OpenAI's API. Throws if it is not what the protocol promises.
    func answer(from body: JSONObject, to request: ModelRequest) throws(ProviderFailure) -> JSONObject
    /// Puts streamed answers together, already in the shape of OpenAI's API.
    func assembler(for request: ModelRequest) -> any StreamAssembler
}

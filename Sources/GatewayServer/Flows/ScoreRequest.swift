import Domain
import Gateway

/// A call of prompt flow's `POST /score`: what it gives the flow, and how it wants the answer.
struct ScoreRequest: Sendable {
    let inputs: JSONObject
    /// The output to stream, where that is asked for and can be done.
    let streamed: FlowInterface.Output?

    /// - Parameter accept: all `Accept` headers, joined by commas.
    init(body: [UInt8], accept: String, interface: FlowInterface) throws(ScoreFailure) {
        streamed = try Self.streamed(Self.mediaTypes(accept), interface: interface)
        inputs = try Self.inputs(body, interface: interface)
    }

    /// The media types that are accepted, without their parameters; anything where none is named.
    private static func mediaTypes(_ accept: String) -> [String] {
        let types = accept.split(separator: ",").map { type -> String in
            let bare = type.prefix { $0 != ";" }
            return String(bare.filter { !$0.isWhitespace }).lowercased()
        }.filter { !$0.isEmpty }
        return types.isEmpty ? ["*/*"] : types
    }

    /// Streams only where `text/event-stream` is named: `*/*` is not enough.
    private static func streamed(
        _ types: [String], interface: FlowInterface
    ) throws(ScoreFailure) -> FlowInterface.Output? {
        let acceptsJSON = types.contains { ["application/json", "application/*", "*/*"].contains($0) }
        let streaming = interface.outputs.filter { $0.streamingNode != nil && !$0.isEvaluationOnly }
        if types.contains("text/event-stream"), let output = streaming.first {
            guard streaming.count == 1 else {
                throw ScoreFailure(status: 400, "Multiple stream output fields not supported.")
            }
            return output
        }
        guard acceptsJSON else {
            throw ScoreFailure(
                status: 406,
                "Media type \(types.joined(separator: ",").prefix(200)) in Accept header is not acceptable. Supported media type(s) - application/json"
            )
        }
        return nil
    }

    /// A flow without inputs takes no notice of the body; a body that is no JSON is the value of the only input.
    private static func inputs(_ body: [UInt8], interface: FlowInterface) throws(ScoreFailure) -> JSONObject {
        guard let first = interface.inputs.first else { return [:] }
        guard let value = try? JSONValue(parsing: body) else {
            guard interface.inputs.count == 1 else {
                throw ScoreFailure(
                    status: 400,
                    "The request's body is no JSON, and the flow has more than one input; send a JSON object of inputs by name."
                )
            }
            return JSONObject([(first.name, .string(String(decoding: body, as: UTF8.self)))])
        }
        let given = value.object ?? [:]
        let missing = interface.inputs.filter { !$0.isOptional && !given.contains($0.name) }.map(\.name)
        guard missing.isEmpty, value.object != nil else {
            let names = missing.map { "'\($0)'" }.joined(separator: ", ")
            throw ScoreFailure(
                status: 400,
                missing.isEmpty
                    ? "The request's body is no JSON object of inputs by name."
                    : "Required input fields [\(names)] are missing in request data.")
        }
        return given
    }
}

/// Why `POST /score` has no answer, in prompt flow's words: `{"error": {"code", "message"}}`.
struct ScoreFailure: Error, Sendable {
    let status: Int
    let message: String
    let headers: [(name: String, value: String)]
    /// What metrics call it.
    let kind: GatewayFailure.Kind
    private let isUserError: Bool

    init(status: Int, _ message: String) {
        self.status = status
        self.message = message
        headers = []
        kind = .invalidRequest
        isUserError = true
    }

    /// A refusal of the gateway's, with its own status.
    init(_ failure: GatewayFailure) {
        status = failure.status
        message = failure.message
        headers = ErrorBody(failure, .openAI).headers.filter { $0.name != "content-type" }
        kind = failure.kind
        isUserError = failure.status < 500
    }

    /// A run that failed: 400 where the caller or the flow is to blame, else 500.
    init(_ problem: FlowProblem) {
        status = problem.isUserError ? 400 : 500
        message = problem.message
        headers = []
        kind = problem.failure.kind
        isUserError = problem.isUserError
    }

    var json: JSONValue {
        ["error": ["code": .string(isUserError ? "UserError" : "SystemError"), "message": .string(message)]]
    }
}

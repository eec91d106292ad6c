import Domain
import Gateway
import HTTPTypes
import Hummingbird
import NIOCore

extension FlowRoutes {
    /// Runs a flow once and answers with its outputs, or with one output's text while it is written.
    func score(_ request: Request, name: String) async -> Response {
        let start = serving.now()
        let call = TraceIdentifier.trace()
        var seen = ScoreSeen(model: "", key: nil, start: start, trace: call)
        do throws(ScoreFailure) {
            let order = try await order(request, name: name, call: call, start: start, seen: &seen)
            serving.traffic.began(model: order.order.model)
            guard let output = order.streamed else {
                defer { serving.traffic.ended(model: order.order.model) }
                let response = try await whole(order.order)
                seen.answered(200, nil, serving)
                return response
            }
            return try await stream(order.order, output: output, seen: seen)
        } catch {
            seen.answered(error.status, error.kind, serving)
            return Response(score: error, headers: [("x-request-id", call)])
        }
    }

    private func order(
        _ request: Request, name: String, call: String, start: Int, seen: inout ScoreSeen
    ) async throws(ScoreFailure) -> (order: FlowOrder, streamed: FlowInterface.Output?) {
        do {
            let key = try access.key(of: request)
            seen.key = key
            let flow = try await serving.flow(named: name, for: key)
            seen.model = FlowName.model(of: name)
            let body = try await request.bytes(upTo: serving.settings.bodyLimit)
            let interface = flow.interface
            let score = try ScoreRequest(body: body, accept: request.joined(.accept), interface: interface)
            let parent = TraceParent(request)
            let order = FlowOrder(
                flow: flow, name: name, inputs: score.inputs, key: key, attribution: Attribution(key, request),
                call: call, trace: parent?.trace ?? call, span: TraceIdentifier.span(), parentSpan: parent?.span,
                start: start, isStream: score.streamed != nil)
            seen.trace = order.trace
            seen.attribution = order.attribution
            return (order, score.streamed)
        } catch let failure as GatewayFailure {
            throw ScoreFailure(failure)
        } catch let failure as ScoreFailure {
            throw failure
        } catch {
            throw ScoreFailure(GatewayFailure(.internalError, "The request could not be read."))
        }
    }

    private func whole(_ order: FlowOrder) async throws(ScoreFailure) -> Response {
        let result = try await run(order, onText: nil)
        return Response(
            json: ScoreAnswer.value(of: result.line, interface: order.flow.interface),
            headers: Self.headers(order) + [("x-pawang-cost-nano-usd", String(result.costNanoUSD))])
    }

    private func run(
        _ order: FlowOrder, onText: (@Sendable (String, String) -> Void)?
    ) async throws(ScoreFailure) -> FlowResult {
        let result: FlowResult
        do throws(GatewayFailure) {
            result = try await serving.carryOut(order, onText: onText)
        } catch {
            throw ScoreFailure(error)
        }
        guard let problem = FlowProblem(result.line) else { return result }
        if !problem.isUserError { serving.warn(order.name, problem.failure.message) }
        throw ScoreFailure(problem)
    }

    private static func headers(_ order: FlowOrder) -> [(name: String, value: String)] {
        [("x-request-id", order.call), ("x-pawang-release", order.flow.digest.description)]
    }
}

/// A part of a streamed score.
private enum ScorePart: Sendable {
    case piece(String)
    case end(LineRecord)
    case failure(ScoreFailure)
}

extension FlowRoutes {
    /// Pieces that may wait for a slow reader.
    private static let pieceLimit = 65_536

    /// Waits for the first piece, so that a failure before it has its own status; then streams.
    private func stream(
        _ order: FlowOrder, output: FlowInterface.Output, seen: ScoreSeen
    ) async throws(ScoreFailure) -> Response {
        let (parts, continuation) = AsyncStream<ScorePart>.makeStream(
            bufferingPolicy: .bufferingOldest(Self.pieceLimit))
        let serving = serving
        let task = Task {
            defer {
                serving.traffic.ended(model: order.model)
                continuation.finish()
            }
            do throws(ScoreFailure) {
                let result = try await run(order) { node, piece in
                    guard node == output.streamingNode, !piece.isEmpty else { return }
                    // Too much for who reads it: the stream ends without its end, and with it the run.
                    if case .dropped = continuation.yield(.piece(piece)) { continuation.finish() }
                }
                seen.answered(200, nil, serving)
                continuation.yield(.end(result.line))
            } catch {
                seen.answered(error.status, error.kind, serving)
                continuation.yield(.failure(error))
            }
        }
        // Also when nobody is left to read.
        continuation.onTermination = { _ in task.cancel() }
        var first: ScorePart?
        for await part in parts {
            first = part
            break
        }
        if case .failure(let failure)? = first {
            return Response(score: failure, headers: Self.headers(order))
        }
        let begun = first
        let interface = order.flow.interface
        let body = ResponseBody { writer in
            var stream = ScoreStream(output: output.name, interface: interface)
            if let begun { try await writer.write(stream.bytes(of: begun)) }
            for await part in parts { try await writer.write(stream.bytes(of: part)) }
            if !stream.hasEnded {
                let failure = ScoreFailure(
                    GatewayFailure(.overloaded, "The answer was not read as fast as it was written."))
                try await writer.write(stream.bytes(of: .failure(failure)))
            }
            try await writer.finish(nil)
        }
        let headers: [(name: String, value: String)] = [
            ("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"),
            ("x-accel-buffering", "no"),
        ]
        return Response(status: .ok, headers: HTTPFields(pairs: headers + Self.headers(order)), body: body)
    }
}

/// The events of a streamed score: the output's pieces, then the other outputs, which are only known at the end.
private struct ScoreStream {
    let output: String
    let interface: FlowInterface
    private(set) var hasEnded = false
    private var hasPieces = false

    init(output: String, interface: FlowInterface) {
        self.output = output
        self.interface = interface
    }

    mutating func bytes(of part: ScorePart) -> ByteBuffer {
        switch part {
        case .piece(let text):
            hasPieces = true
            return ByteBuffer(bytes: ScoreAnswer.event(JSONObject([(output, .string(text))])))
        case .end(let line):
            hasEnded = true
            var rest = ScoreAnswer.shown(line.outputs, interface: interface)
            if hasPieces { rest[output] = nil }
            return rest.isEmpty ? ByteBuffer() : ByteBuffer(bytes: ScoreAnswer.event(rest))
        case .failure(let failure):
            hasEnded = true
            return ByteBuffer(bytes: ScoreAnswer.event(failure.json.object ?? [:]))
        }
    }
}

/// What is known of a request when it is counted.
private struct ScoreSeen: Sendable {
    var model: String
    var key: KeyRecord?
    var attribution: Attribution?
    var start: Int
    var trace: String

    init(model: String, key: KeyRecord?, start: Int, trace: String) {
        self.model = model
        self.key = key
        self.start = start
        self.trace = trace
    }

    func answered(_ status: Int, _ failure: GatewayFailure.Kind?, _ serving: FlowServing) {
        serving.traffic.answered(
            ClientAnswer(
                operation: FlowServing.operation, model: model, team: attribution?.team ?? key?.team, key: key?.id,
                status: status, failure: failure, start: start, duration: serving.now() - start, trace: trace))
    }
}

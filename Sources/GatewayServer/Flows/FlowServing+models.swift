import Domain
import Gateway
import Synchronization

extension FlowServing: FlowModels {
    package var modelNames: [String] { catalogue.names().map(FlowName.model) }

    package func answer(_ call: FlowCall, send: @escaping @Sendable (FlowPart) -> Void) async {
        let delivery = FlowDelivery(call: call, send: send)
        do throws(GatewayFailure) {
            try await answer(call, delivery: delivery)
        } catch {
            delivery.fail(error)
        }
    }

    private func answer(_ call: FlowCall, delivery: FlowDelivery) async throws(GatewayFailure) {
        let flow = try await flow(named: call.name, for: call.key)
        let interface = flow.interface
        let conversation = try FlowConversation(body: call.body, interface: interface)
        let order = FlowOrder(
            flow: flow, name: call.name, inputs: conversation.inputs, key: call.key, attribution: call.attribution,
            call: call.call, trace: call.trace, span: call.span, parentSpan: call.parentSpan, start: call.start,
            isStream: conversation.isStream)
        let answer = FlowAnswer(order)
        delivery.describe(answer, release: flow.digest, lost: conversation.lost)
        let name = FlowAnswer.outputName(of: interface)
        let streamingNode = interface.outputs.first { $0.name == name }?.streamingNode
        var onText: (@Sendable (String, String) -> Void)?
        if conversation.isStream, let streamingNode {
            onText = { node, piece in if node == streamingNode { delivery.piece(piece) } }
        }
        let result = try await carryOut(order, onText: onText)
        if let problem = FlowProblem(result.line) {
            if !problem.isUserError { warn(call.name, problem.failure.message) }
            throw problem.failure
        }
        let text = FlowAnswer.text(result.line.outputs, interface: interface)
        if conversation.isStream {
            delivery.finishStream(text: text, usage: conversation.wantsStreamUsage ? result.line.usage : nil)
        } else {
            delivery.finish(
                body: answer.completion(text, usage: result.line.usage), costNanoUSD: result.costNanoUSD)
        }
    }
}

/// The answer to one call on its way to the client: one head, then the rest, whatever thread the pieces come from.
private final class FlowDelivery: Sendable {
    private struct State {
        var answer: FlowAnswer?
        var headers: [(name: String, value: String)]
        var hasBegun = false
        var hasText = false
    }

    private let call: FlowCall
    private let send: @Sendable (FlowPart) -> Void
    private let state: Mutex<State>

    init(call: FlowCall, send: @escaping @Sendable (FlowPart) -> Void) {
        self.call = call
        self.send = send
        state = Mutex(State(headers: []))
    }

    func describe(_ answer: FlowAnswer, release: Digest, lost: [String]) {
        state.withLock {
            $0.answer = answer
            $0.headers.append(("x-pawang-release", release.description))
            if !lost.isEmpty { $0.headers.append(("x-pawang-lost", HeaderText.list(lost))) }
        }
    }

    /// Sends a piece of a stream; the first one begins the answer.
    func piece(_ text: String) {
        guard !text.isEmpty else { return }
        // Sending stays inside the lock: pieces must not overtake each other or the head.
        state.withLock { state in
            guard let answer = state.answer else { return }
            begin(&state, answer)
            state.hasText = true
            send(.body(answer.piece(text)))
        }
    }

    /// Ends a stream; a text that did not come in pieces is one piece.
    func finishStream(text: String, usage: TokenUsage?) {
        state.withLock { state in
            guard let answer = state.answer else { return }
            begin(&state, answer)
            if !state.hasText, !text.isEmpty { send(.body(answer.piece(text))) }
            send(.body(answer.closing(usage: usage)))
        }
    }

    func finish(body: [UInt8], costNanoUSD: Int) {
        state.withLock { state in
            let headers =
                [(name: "content-type", value: "application/json")] + state.headers
                + [(name: "x-pawang-cost-nano-usd", value: String(costNanoUSD))]
            send(.head(status: 200, headers: headers))
            send(.body(body))
        }
    }

    func fail(_ failure: GatewayFailure) {
        state.withLock { state in
            if state.hasBegun {
                send(.body(FlowAnswer.errorEvent(failure)))
                return
            }
            let error = ErrorBody(failure, .openAI, requestID: call.call)
            send(.head(status: error.status, headers: error.headers + state.headers))
            send(.body(error.bytes))
        }
    }

    private func begin(_ state: inout State, _ answer: FlowAnswer) {
        guard !state.hasBegun else { return }
        state.hasBegun = true
        let headers =
            [
                (name: "content-type", value: "text/event-stream; charset=utf-8"),
                (name: "cache-control", value: "no-cache"), (name: "x-accel-buffering", value: "no"),
            ] + state.headers
        send(.head(status: 200, headers: headers))
        send(.body(answer.opening()))
    }
}

/// Words for the value of a header field.
enum HeaderText {
    /// A list separated by commas, without what a field's value cannot hold, and bounded.
    static func list(_ words: [String]) -> String {
        let text = words.prefix(20).joined(separator: ", ")
        return String(
            String.UnicodeScalarView(text.unicodeScalars.filter { (0x20..<0x7F).contains($0.value) }.prefix(512)))
    }
}

import Gateway
import NIOCore

/// Calls of flows, which run in a task and not on the event loop.
extension ModelCall {
    func callFlow(_ scan: RequestScan) throws(GatewayFailure) {
        guard let flows = services.flows, flows.modelNames.contains(scan.model) else {
            throw Self.unknown(model: scan.model)
        }
        guard key.allows(model: scan.model) else { throw Self.notAllowed(model: scan.model) }
        guard scan.operation == .chat else {
            throw GatewayFailure(
                .untranslatable, "A flow answers chat completions only: send them to /v1/chat/completions.",
                parameter: "model")
        }
        phase = .elsewhere
        let call = FlowCall(
            name: String(scan.model.dropFirst("flow/".count)), body: Array(body.readableBytesView), key: key,
            attribution: attribution, call: id, trace: trace, span: loop.identifiers.span(),
            parentSpan: head.traceParent?.span,
            start: start)
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let eventLoop = loop.eventLoop
        flow = Task {
            await flows.answer(call) { part in eventLoop.execute { bound.value.flowSent(part) } }
            eventLoop.execute { bound.value.flowEnded() }
        }
    }

    private func flowSent(_ part: FlowPart) {
        guard case .elsewhere = phase else { return }
        switch part {
        case .head(let status, let headers):
            flowHead = AnswerHead(status, headers + [("x-request-id", id)])
            let isStream = headers.contains { $0.name == "content-type" && $0.value.hasPrefix("text/event-stream") }
            if isStream, let flowHead {
                client?.open(flowHead, first: [])
                client?.flush()
                hasOpened = true
            }
        case .body(let bytes):
            if hasOpened {
                client?.write(bytes)
                client?.flush()
            } else {
                out += bytes
            }
        }
    }

    private func flowEnded() {
        guard case .elsewhere = phase else { return }
        let client = client
        let status = flowHead?.status ?? 500
        guard let head = flowHead else { return refuse(Self.internalError) }
        let content = ByteBuffer(bytes: out)
        // The flow's own part counts and logs its calls.
        finish(status: status)
        if hasOpened { client?.endStream() } else { client?.answer(head, body: content) }
    }
}

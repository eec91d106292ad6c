import Gateway
import NIOCore
import NIOHTTP1

/// Answers that need no upstream: refusals and the list of models.
extension GatewayHandler {
    /// Answers with an error in the dialect of what was asked.
    func refuse(
        _ failure: GatewayFailure, operation: Operation, id: String? = nil,
        fields: [(name: String, value: String)] = []
    ) {
        let error = ErrorBody(failure, operation.dialect, requestID: id)
        var head = AnswerHead(error.status, error.headers + fields)
        if let id {
            head.fields.append(("x-request-id", id))
            if operation.dialect == .anthropic { head.fields.append(("request-id", id)) }
        }
        answer(head, body: ByteBuffer(bytes: error.bytes))
    }

    /// Answers a request that names models or what is not kept; its body, if it has one, is read over.
    func answerList(_ path: ModelPath, head: HTTPRequestHead) {
        let facts = CallHead(head, operation: head.headers.contains(name: "anthropic-version") ? .messages : .chat)
        let services = loop.shared.services
        let snapshot = services.snapshots.current
        let key: KeyRecord
        switch snapshot.keys.verify((facts.key ?? "").utf8, at: services.now()) {
        case .failure(let failure): return refuse(failure, operation: facts.operation)
        case .success(let record): key = record
        }
        switch path {
        case .models:
            answerJSON(models(for: key, snapshot).bytes(facts.operation.dialect))
        case .model(let id):
            guard let bytes = models(for: key, snapshot).bytes(of: id, facts.operation.dialect) else {
                return refuse(ModelCall.unknown(model: id), operation: facts.operation)
            }
            answerJSON(bytes)
        case .notKept, .call:
            refuse(
                GatewayFailure(
                    .notFound,
                    "Pawang keeps no responses or conversations, so there is none to be read, changed or removed here. Send the whole conversation with each request.",
                    shouldRetry: false),
                operation: facts.operation)
        case .wrongMethod(let allowed):
            refuse(
                GatewayFailure(
                    .notFound, "There is nothing to \(head.method.rawValue.prefix(16)) here: send \(allowed).",
                    shouldRetry: false),
                operation: facts.operation, fields: [("allow", allowed)])
        }
    }

    private func answerJSON(_ bytes: [UInt8]) {
        answer(AnswerHead(200, [("content-type", "application/json")]), body: ByteBuffer(bytes: bytes))
    }

    /// What a key may use, flows included.
    private func models(for key: KeyRecord, _ snapshot: GatewaySnapshot) -> ModelList {
        let flows = loop.shared.services.flows?.modelNames ?? []
        let names = (snapshot.models + flows).filter { key.allows(model: $0) }
        return ModelList(names.map { ModelList.Model(name: $0, created: loop.shared.started) })
    }
}

import Domain
import Synchronization

/// One line's hold on a worker.
final class WorkerSession: PythonSession {
    private enum Phase { case fresh, used, ended }

    private let worker: Worker
    private let pool: WorkerPool
    private let phase = Mutex(Phase.fresh)

    init(worker: Worker, pool: WorkerPool) {
        self.worker = worker
        self.pool = pool
    }

    deinit {
        giveBack()
    }

    func call(
        _ tool: PythonTool, arguments: JSONObject, connections: [String: Connection]
    ) async throws(PythonFailure) -> PythonResult {
        try begin()
        let reply = try await worker.ask(using: connections) { id in
            Request.call(tool, arguments: arguments, connections: connections, id: id)
        }
        guard var result = reply.result else { throw Self.unexpected }
        if !result.log.isEmpty { result.log = worker.scrubbed(result.log) }
        return result
    }

    /// The signature of a tool.
    func signature(of tool: PythonTool) async throws(PythonFailure) -> PythonSignature {
        try begin()
        let reply = try await worker.ask { id in Request.signature(of: tool, id: id) }
        guard let signature = reply.signature else { throw Self.unexpected }
        return signature
    }

    func end() async { giveBack() }

    private static let unexpected = PythonFailure(.worker, "The Python worker sent something else than an answer.")

    private func begin() throws(PythonFailure) {
        let isEnded = phase.withLock { phase in
            if phase == .fresh { phase = .used }
            return phase == .ended
        }
        if isEnded { throw PythonFailure(.worker, "The session has ended; begin another one.") }
    }

    private func giveBack() {
        let before = phase.withLock { phase in
            defer { phase = .ended }
            return phase
        }
        if before == .ended { return }
        if worker.hasUnfinishedCalls {
            worker.kill(PythonFailure(.canceled, "The line ended before its Python call did."))
        } else if before == .used {
            worker.forgetSession()
        }
        pool.giveBack(worker)
    }
}

package import Domain
import Foundation
import Synchronization

/// Runs Python tools in persistent worker processes, a pool of them for each place.
package final class PythonWorkerRuntime: PythonRuntime {
    /// How many places may have workers at the same time; the one unused for longest gives way.
    private static let placeLimit = 16

    private let cache: SourceCache
    private let environment: [String: String]
    private let maximumWorkers: Int
    private let callTimeout: Duration
    private let pools = Mutex<[PythonPlace: WorkerPool]>([:])
    private let isShutDown = Mutex(false)

    /// Starts nothing yet.
    ///
    /// - Parameters:
    ///   - sources: The Python side, text by path: `worker.py`, `pawang_worker/…`, `promptflow/…`.
    ///   - cacheDirectory: Where the sources are written once; `~/.cache/pawang/python` unless told otherwise.
    ///   - environment: The variables of this process, which workers get under those of their place.
    ///   - maximumWorkers: How many processes a place may have; four, or fewer on a machine with fewer cores.
    ///   - callTimeout: How long a call may take; a worker with a call that takes longer is killed.
    package init(
        sources: [String: String], cacheDirectory: String? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment,
        maximumWorkers: Int? = nil, callTimeout: Duration = .seconds(600)
    ) {
        cache = SourceCache(sources: sources, directory: cacheDirectory ?? Self.cacheDirectory(environment))
        self.environment = environment
        self.maximumWorkers = max(1, maximumWorkers ?? min(4, ProcessInfo.processInfo.activeProcessorCount))
        self.callTimeout = callTimeout
    }

    package func signature(of tool: PythonTool, in place: PythonPlace) async throws(PythonFailure) -> PythonSignature {
        let session = try await session(in: place)
        do {
            let signature = try await session.signature(of: tool)
            await session.end()
            return signature
        } catch {
            await session.end()
            throw error
        }
    }

    package func beginSession(in place: PythonPlace) async throws(PythonFailure) -> any PythonSession {
        try await session(in: place)
    }

    package func shutDown() async {
        isShutDown.withLock { $0 = true }
        let all = pools.withLock { pools in
            defer { pools = [:] }
            return Array(pools.values)
        }
        await withDiscardingTaskGroup { group in
            for pool in all { group.addTask { await pool.close() } }
        }
    }

    private func session(in place: PythonPlace) async throws(PythonFailure) -> WorkerSession {
        while !isShutDown.withLock({ $0 }) {
            let pool = await pool(for: place)
            if let worker = try await pool.take() { return WorkerSession(worker: worker, pool: pool) }
        }
        throw PythonFailure(.canceled, "The Python workers were stopped.")
    }

    private func pool(for place: PythonPlace) async -> WorkerPool {
        let (pool, unused) = pools.withLock { pools in
            if let pool = pools[place] { return (pool, WorkerPool?.none) }
            let unused = pools.count >= Self.placeLimit ? Self.removeUnused(&pools) : nil
            let pool = WorkerPool(maximum: maximumWorkers) { [self] () throws(PythonFailure) in try launch(in: place) }
            pools[place] = pool
            return (pool, unused)
        }
        await unused?.close()
        return pool
    }

    private static func removeUnused(_ pools: inout [PythonPlace: WorkerPool]) -> WorkerPool? {
        let idle = pools.compactMap { place, pool in pool.idleSince.map { (place: place, since: $0) } }
        return idle.min { $0.since < $1.since }.flatMap { pools.removeValue(forKey: $0.place) }
    }

    private func launch(in place: PythonPlace) throws(PythonFailure) -> Worker.Launch {
        let search = InterpreterSearch(environment: environment)
        return Worker.Launch(
            interpreter: try search.interpreter(for: place), sources: try cache.folder(), place: place,
            environment: environment, callTimeout: callTimeout)
    }

    private static func cacheDirectory(_ environment: [String: String]) -> String {
        if let folder = environment["XDG_CACHE_HOME"], folder.hasPrefix("/") { return folder + "/pawang/python" }
        if let home = environment["HOME"], home.hasPrefix("/") { return home + "/.cache/pawang/python" }
        return NSTemporaryDirectory() + "pawang-python-\(getuid())"
    }
}

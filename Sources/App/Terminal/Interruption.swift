import Domain
import Foundation
import Synchronization

/// Turns Ctrl-C and SIGTERM into cancellation: what is finished is stored, servers and workers are stopped.
enum Interruption {
    /// Runs `body`; the first signal cancels it, a second one ends the process at once.
    ///
    /// Returns the exit status.
    static func run(_ body: @escaping @Sendable () async throws -> Void) async -> Int32 {
        let work = Task {
            do {
                try await body()
                return Int32(0)
            } catch {
                return PawangCommand.report(error)
            }
        }
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            let count = Mutex(0)
            source.setEventHandler {
                let isFirst = count.withLock { count in
                    count += 1
                    return count == 1
                }
                guard isFirst else { _exit(ExitStatus.interrupted) }
                Terminal.standard.note("\nstopping; what is finished is kept (again to stop at once)")
                work.cancel()
            }
            source.resume()
            return source
        }
        defer { sources.forEach { $0.cancel() } }
        return await work.value
    }
}

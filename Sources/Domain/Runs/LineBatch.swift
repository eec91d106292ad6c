import Synchronization

/// A line that is to be run: its inputs, or why it has none.
package struct LineInput: Sendable {
    package var lineNumber: Int
    package var inputs: Result<JSONObject, LineError>

    package init(lineNumber: Int, inputs: Result<JSONObject, LineError>) {
        self.lineNumber = lineNumber
        self.inputs = inputs
    }
}

/// Totals over the lines of a run.
package struct LineTotals: Sendable, Equatable {
    package var completed = 0
    package var failed = 0
    package var canceled = 0
    package var usage = TokenUsage()
    package var cost = Cost.none
    /// Who has to act on the failures seen; the gravest.
    package var blame: Blame?

    package init() {}

    package var lines: Int { completed + failed + canceled }

    /// Counts a finished line.
    package mutating func add(_ line: LineRecord) {
        switch line.status {
        case .completed: completed += 1
        case .canceled: canceled += 1
        default: failed += 1
        }
        usage = usage + line.usage
        cost = cost + line.cost
        if let found = line.error?.blame, found.rawValue > blame?.rawValue ?? 0 { blame = found }
    }
}

/// Runs a flow over many lines, a bounded number at a time, and stores each as it ends.
package struct LineBatch: Sendable {
    private let store: any RunStore
    private let concurrency: Int
    private let timeout: Duration?

    /// - Parameter timeout: how long all lines together may take; `nil` for no limit.
    package init(store: any RunStore, concurrency: Int, timeout: Duration? = nil) {
        self.store = store
        self.concurrency = max(1, concurrency)
        self.timeout = timeout
    }

    /// How a batch ended.
    package struct Outcome: Sendable {
        package var totals: LineTotals
        package var timedOut: Bool
        package var wasCanceled: Bool
    }

    /// Runs the lines that `next` gives until it gives none.
    ///
    /// Throws what `next` or the store throws; lines that were finished by then are kept. `onLine` is called after
    /// each line is stored or about to be.
    package func run(
        _ flow: any PreparedFlow, run: String, next: @escaping @Sendable () throws -> LineInput?,
        onLine: @escaping @Sendable (LineRecord) -> Void = { _ in }
    ) async throws -> Outcome {
        let totals = LineTally()
        let writer = LineWriter(store: store, run: run)
        let timedOut: Bool
        do {
            timedOut = try await runLines(flow, writer: writer, totals: totals, next: next, onLine: onLine)
        } catch {
            // What was finished before the failure is kept; the failure itself says more than one of the store's here.
            try? await writer.finish()
            throw error
        }
        try await writer.finish()
        return Outcome(totals: totals.value, timedOut: timedOut, wasCanceled: Task.isCancelled)
    }

    /// Returns whether the time ran out.
    private func runLines(
        _ flow: any PreparedFlow, writer: LineWriter, totals: LineTally,
        next: @escaping @Sendable () throws -> LineInput?, onLine: @escaping @Sendable (LineRecord) -> Void
    ) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<concurrency {
                group.addTask {
                    while !Task.isCancelled, let line = try next() {
                        let record = await Self.record(line, flow: flow)
                        // What was interrupted is not a result; a resumed run does it again.
                        if record.status == .canceled { break }
                        try await writer.add(record)
                        totals.add(record)
                        onLine(record)
                    }
                    return false
                }
            }
            if let timeout {
                group.addTask {
                    try? await Task.sleep(for: timeout)
                    return !Task.isCancelled
                }
            }
            var running = concurrency
            while running > 0, let ended = try await group.next() {
                if ended {
                    group.cancelAll()
                    while try await group.next() != nil {}
                    return true
                }
                running -= 1
            }
            group.cancelAll()
            return false
        }
    }

    private static func record(_ line: LineInput, flow: any PreparedFlow) async -> LineRecord {
        switch line.inputs {
        case .success(let inputs): await flow.run(line: line.lineNumber, inputs: inputs)
        case .failure(let error): LineRecord(lineNumber: line.lineNumber, status: .failed, inputs: [:], error: error)
        }
    }
}

/// Totals that several tasks add to.
package final class LineTally: Sendable {
    private let totals = Mutex(LineTotals())

    package init() {}

    /// Counts a finished line.
    package func add(_ line: LineRecord) { totals.withLock { $0.add(line) } }

    /// The totals so far.
    package var value: LineTotals { totals.withLock { $0 } }
}

import Domain
import Foundation

/// A run that has ended.
struct RunResult: Sendable {
    var record: RunRecord
    var totals: LineTotals
    /// The line of a run on one input.
    var single: LineRecord?
    /// Who has to act on an aggregation's failure.
    var aggregationFailed = false

    /// Codes by which a run on one input was asked for wrongly, rather than gone wrong.
    private static let requestCodes: Set = [
        "InputNotFound", "InputTypeError", "InputParseError", "ReplayMiss", "ConnectionInvalid", "ConnectionNotFound",
        "BudgetExhausted", "RequestRefused", "NodeInputValidationError", "HostNotAllowed",
    ]

    /// 0 all well; 1 lines or aggregations failed; 2 the input was wrong; 3 a provider or the machine failed.
    var exitStatus: Int32 {
        switch record.status {
        case .completed: return 0
        case .canceled: return ExitStatus.interrupted
        default: break
        }
        if let error = single?.error {
            if error.blame == .environment { return Blame.environment.rawValue }
            return Self.requestCodes.contains(error.code)
                ? Blame.request.rawValue : Blame.result.rawValue
        }
        return totals.completed == 0 && totals.blame == .environment
            ? Blame.environment.rawValue : Blame.result.rawValue
    }
}

/// Carries out a plan and keeps what comes of it.
struct FlowRun {
    let plan: RunPlan
    let application: Application

    func perform() async throws -> RunResult {
        let now = Date().nanoseconds
        var record = RunRecord(
            id: Identifier.make(at: Date()), name: plan.name, flowDigest: plan.flow.digest,
            datasetDigest: plan.datasetDigest,
            settings: plan.settings, start: now)
        try await application.store.insert(record)
        var result: RunResult
        do {
            switch plan.source {
            case .single(let inputs): result = try await single(inputs, record)
            case .lines(let next): result = try await batch(next, record)
            }
        } catch {
            record.status = .failed
            record.errors["run"] = .string("\((error as? any Failure)?.message ?? "\(error)")")
            record.end = Date().nanoseconds
            try? await application.store.update(record)
            throw error
        }
        result.record.end = Date().nanoseconds
        try await application.store.update(result.record)
        return result
    }

    private func single(_ inputs: JSONObject, _ record: RunRecord) async throws -> RunResult {
        var record = record
        let line = await plan.flow.run(line: 0, inputs: inputs)
        try await application.store.append([line], to: record.id)
        var totals = LineTotals()
        totals.add(line)
        record.status = line.status
        var result = RunResult(record: record, totals: totals, single: line)
        if line.status == .completed { await aggregate([line], into: &result) }
        return result
    }

    private func batch(_ next: @escaping @Sendable () throws -> LineInput?, _ record: RunRecord) async throws
        -> RunResult
    {
        let store = application.store
        var record = record
        var done: Set<Int> = []
        let kept = LineTally()
        if let resumed = plan.resumed { done = try await keepCompleted(of: resumed, in: record.id, tally: kept) }
        if let resumed = plan.resumed, resumed.flowDigest != record.flowDigest {
            Terminal.standard.note(
                "warning: the flow has changed since the run \(resumed.id); its completed lines are kept as they are")
        }
        let bar = ProgressBar(plan.name, total: plan.totalLines, skipped: done.count)
        let skip = done
        let outcome = try await LineBatch(store: store, concurrency: plan.concurrency, timeout: plan.batchTimeout).run(
            plan.flow, run: record.id,
            next: {
                while let line = try next() { if !skip.contains(line.lineNumber) { return line } }
                return nil
            }, onLine: { bar.add($0) })
        bar.finish()
        var totals = outcome.totals
        totals.completed += kept.value.completed
        totals.usage = totals.usage + kept.value.usage
        totals.cost = totals.cost + kept.value.cost
        record.status = Self.status(outcome, totals: totals)
        if outcome.timedOut {
            record.errors["run"] = .string(
                "BatchRunTimeoutError: not all lines were through in time; go on with --resume \(record.id)")
        }
        var result = RunResult(record: record, totals: totals)
        guard !outcome.wasCanceled, !outcome.timedOut, plan.flow.aggregates, totals.completed > 0 else { return result }
        await aggregate(try await completedLines(of: record.id), into: &result)
        return result
    }

    private static func status(_ outcome: LineBatch.Outcome, totals: LineTotals) -> RunStatus {
        if outcome.wasCanceled { return .canceled }
        if outcome.timedOut { return .failed }
        if totals.failed == 0 { return .completed }
        return totals.completed > 0 ? .completedWithErrors : .failed
    }

    private func aggregate(_ lines: [LineRecord], into result: inout RunResult) async {
        let aggregation = await plan.flow.aggregate(lines)
        result.record.metrics = aggregation.metrics
        for (node, error) in aggregation.errors {
            result.record.errors[node] = error.json
            result.aggregationFailed = true
        }
        if result.aggregationFailed, result.record.status == .completed { result.record.status = .completedWithErrors }
    }

    /// Copies the completed lines of the run that is resumed, spans included.
    private func keepCompleted(of resumed: RunRecord, in run: String, tally: LineTally) async throws -> Set<Int> {
        var kept: Set<Int> = []
        var after = -1
        while true {
            let page = try await application.store.lines(of: resumed.id, after: after, limit: 500)
            guard let last = page.last else { return kept }
            after = last.lineNumber
            var copies: [LineRecord] = []
            for var line in page where line.status == .completed {
                line.spans = try await application.store.spans(of: resumed.id, line: line.lineNumber)
                tally.add(line)
                kept.insert(line.lineNumber)
                copies.append(line)
            }
            try await application.store.append(copies, to: run)
        }
    }

    /// The completed lines with only what aggregation reads.
    private func completedLines(of run: String) async throws -> [LineRecord] {
        var lines: [LineRecord] = []
        var after = -1
        while true {
            let page = try await application.store.lines(of: run, after: after, limit: 1000)
            guard let last = page.last else { return lines }
            after = last.lineNumber
            for var line in page where line.status == .completed {
                line.outputs = [:]
                lines.append(line)
            }
        }
    }
}

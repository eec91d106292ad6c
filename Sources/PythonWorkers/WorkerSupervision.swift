import Domain
import Glibc
import Synchronization

/// What a worker's own thread does: from the first answer to the end of the process.
struct WorkerSupervision {
    /// An answer may not be longer.
    private static let answerLimit = 256 * 1024 * 1024
    /// How long a worker that was asked to end may take.
    private static let endTimeout = Duration.seconds(5)
    private static let bufferSize = 256 * 1024

    private let worker: Worker
    private var lines = LineSplitter(limit: answerLimit)
    private var tail = TextTail(limit: 4096)
    private var printed: Int32
    private var endDeadline: ContinuousClock.Instant?
    private var isBroken = false

    init(worker: Worker) {
        self.worker = worker
        printed = worker.printed
    }

    /// Serves the worker until its process has ended, then reaps it and tells everybody.
    mutating func run() {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferSize, alignment: 16)
        defer { buffer.deallocate() }
        while serveOnce(buffer) {}
        finish(buffer)
    }

    /// Waits for the next event and handles it.
    ///
    /// Returns whether the worker still runs.
    private mutating func serveOnce(_ buffer: UnsafeMutableRawBufferPointer) -> Bool {
        var interests = [
            pollfd(fd: worker.socket, events: Int16(POLLIN), revents: 0),
            pollfd(fd: printed, events: Int16(POLLIN), revents: 0),
        ]
        let count = poll(&interests, 2, millisecondsToNextDeadline())
        if count > 0, interests[1].revents != 0 { drain(buffer) }
        if count > 0, interests[0].revents != 0 {
            let received = recv(worker.socket, buffer.baseAddress, buffer.count, 0)
            if received == 0 || (received < 0 && errno != EINTR) { return false }
            if received > 0, !isBroken { take(UnsafeRawBufferPointer(rebasing: buffer[..<received])) }
            return true
        }
        // The socket may stay open in a child of the worker, so its end alone does not tell.
        return !worker.process.hasEnded
    }

    private mutating func drain(_ buffer: UnsafeMutableRawBufferPointer) {
        let received = read(printed, buffer.baseAddress, buffer.count)
        if received > 0 {
            tail.append(UnsafeRawBufferPointer(rebasing: buffer[..<received]))
        } else if received == 0 || errno != EINTR {
            close(printed)
            printed = -1
        }
    }

    private mutating func take(_ bytes: UnsafeRawBufferPointer) {
        let worker = worker
        var violation: String?
        let isWithinLimit = lines.append(bytes) { line in
            // After the first line that is no answer, nothing can be trusted.
            guard violation == nil else { return }
            guard let value = try? JSONValue(parsing: line), let members = value.object else {
                violation = "The Python worker sent something else than answers."
                return
            }
            if members.contains("hello") {
                worker.state.withLock { $0.isReady = true }
                worker.resume(0, with: .success(Reply(members)))
            } else if let id = members["id"]?.int, worker.resume(id, with: .success(Reply(members))) {
                return
            } else {
                violation = "The Python worker answered a question that nobody asked."
            }
        }
        if !isWithinLimit { violation = "A Python tool's output is larger than \(Self.answerLimit) bytes." }
        if let violation {
            worker.kill(PythonFailure(.worker, violation))
            isBroken = true
        }
    }

    /// Kills a worker whose time is up, and says how long to wait at most until the next look, in milliseconds.
    private mutating func millisecondsToNextDeadline() -> Int32 {
        let now = ContinuousClock.now
        let (expired, next, isEnding) = worker.state.withLock { state in
            let expired = state.pending.filter { $0.value.deadline <= now }
            for id in expired.keys { state.pending[id] = nil }
            return (expired, state.pending.values.map(\.deadline).min(), state.end != nil)
        }
        if !expired.isEmpty {
            let limit = expired.keys.contains(0) ? worker.launch.startTimeout : worker.launch.callTimeout
            let seconds = limit.formattedSeconds
            worker.kill(
                PythonFailure(
                    .worker, "The Python worker was stopped: another call of the line ran longer than \(seconds) s."))
            let what = expired.keys.contains(0) ? "The Python worker took longer than" : "The tool ran longer than"
            for pending in expired.values {
                pending.continuation.resume(
                    returning: .failure(PythonFailure(.timeout, "\(what) \(seconds) s and was stopped.")))
            }
        }
        if isEnding {
            let deadline = endDeadline ?? now + Self.endTimeout
            endDeadline = deadline
            if deadline <= now { worker.kill(PythonFailure(.worker, "The Python worker did not end.")) }
            return 100
        }
        // Short waits also notice a process that ended while a child of it keeps the socket open.
        return Int32(min(1000, next.map { max(1, now.duration(to: $0).wholeMilliseconds + 1) } ?? 1000))
    }

    private mutating func finish(_ buffer: UnsafeMutableRawBufferPointer) {
        let ended = PythonFailure(.worker, "The Python worker has ended.")
        let (reason, isReady) = worker.state.withLock { state in
            defer { if state.end == nil { state.end = ended } }
            state.isReaped = true
            return (state.end, state.isReady)
        }
        worker.process.killGroup()
        let how = worker.process.reap()
        drainRest(buffer)
        worker.writer.close()
        if printed >= 0 { close(printed) }

        let failure = reason ?? failure(how, isReady: isReady)
        let (pending, waiting) = worker.state.withLock { state in
            if reason == nil { state.end = failure }
            defer {
                state.pending = [:]
                state.waitingForEnd = []
            }
            return (state.pending, state.waitingForEnd)
        }
        if isReady { worker.onEnd(worker) }
        for call in pending.values { call.continuation.resume(returning: .failure(failure)) }
        for continuation in waiting { continuation.resume() }
    }

    /// Takes in what was printed last, without waiting for a child that keeps the pipe open.
    private mutating func drainRest(_ buffer: UnsafeMutableRawBufferPointer) {
        for _ in 0..<64 where printed >= 0 {
            var interest = pollfd(fd: printed, events: Int16(POLLIN), revents: 0)
            guard poll(&interest, 1, 0) > 0 else { return }
            drain(buffer)
        }
    }

    private func failure(_ how: String, isReady: Bool) -> PythonFailure {
        let last = worker.scrubbed(tail.text)
        if isReady {
            return PythonFailure(.worker, "The Python worker ended (\(how)) while the tool ran.", traceback: last)
        }
        let words = last.isEmpty ? "It printed nothing." : "It printed: \(String(last.suffix(1500)))"
        return PythonFailure(
            .worker, "The Python worker \(worker.launch.interpreter) ended at its start (\(how)). \(words)",
            traceback: last)
    }
}

extension Duration {
    /// The seconds for messages, without needless digits: `600`, `0.5`.
    var formattedSeconds: String {
        let seconds = Double(components.seconds) + Double(components.attoseconds) / 1e18
        return seconds == seconds.rounded() ? String(Int(seconds)) : String(seconds)
    }

    /// The milliseconds, fractions cut.
    var wholeMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}

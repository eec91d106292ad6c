import Domain
import Foundation
import Jinja
import Synchronization

/// What the nodes of one line share: its spans, its spending and its hold on a Python worker.
final class LineContext: Sendable {
    let services: FlowServices
    let place: PythonPlace
    let lineNumber: Int
    /// How deep this flow was called by other flows.
    let depth: Int
    /// Nodes that stream if someone listens, although they do not say so.
    let streamedNodes: Set<String>
    /// Gets pieces of text of streaming llm nodes: node and piece.
    let onText: (@Sendable (_ node: String, _ piece: String) -> Void)?
    let traceID: String
    private let state: Mutex<State>

    private struct State {
        var spans: [Span] = []
        var usage = TokenUsage()
        var cost = Cost.none
        var metrics = JSONObject()
        /// Texts of prompt nodes with their origin, for llm nodes that read them.
        var prompts: [String: [Segment]] = [:]
        var session: Task<any PythonSession, any Error>?
        var isClosed = false
    }

    init(
        services: FlowServices, place: PythonPlace, lineNumber: Int, depth: Int = 0,
        traceID: String = TraceIdentifier.trace(), streamedNodes: Set<String> = [],
        onText: (@Sendable (String, String) -> Void)? = nil
    ) {
        self.services = services
        self.place = place
        self.lineNumber = lineNumber
        self.depth = depth
        self.traceID = traceID
        self.streamedNodes = streamedNodes
        self.onText = onText
        state = Mutex(State())
    }

    func record(_ span: Span) { state.withLock { $0.spans.append(span) } }

    func record(usage: TokenUsage, cost: Cost) {
        state.withLock {
            $0.usage = $0.usage + usage
            $0.cost = $0.cost + cost
        }
    }

    func record(metrics: JSONObject) { state.withLock { $0.metrics.merge(metrics) } }

    var metrics: JSONObject { state.withLock { $0.metrics } }

    func remember(prompt text: String, segments: [Segment]) { state.withLock { $0.prompts[text] = segments } }

    /// How a prompt node's text came about, or `nil` if no prompt node gave exactly this text.
    func segments(ofPrompt text: String) -> [Segment]? { state.withLock { $0.prompts[text] } }

    /// Spans in order of start, and what was spent.
    func totals() -> (spans: [Span], usage: TokenUsage, cost: Cost) {
        state.withLock { ($0.spans.sorted { $0.start < $1.start }, $0.usage, $0.cost) }
    }

    /// The line's Python worker, taken at the first use.
    func pythonSession() async throws -> any PythonSession {
        let task: Task<any PythonSession, any Error>? = state.withLock { state in
            if state.isClosed { return nil }
            if let session = state.session { return session }
            let task = Task { [services, place] in try await services.python.beginSession(in: place) }
            state.session = task
            return task
        }
        guard let task else { throw PythonFailure(.canceled, "the line has ended") }
        return try await task.value
    }

    /// Gives the Python worker back; unfinished calls end with it.
    func close() async {
        let task = state.withLock { state in
            state.isClosed = true
            defer { state.session = nil }
            return state.session
        }
        if let task, let session = try? await task.value { await session.end() }
    }
}

/// The time for spans: nanoseconds since 1970.
enum SpanClock {
    static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

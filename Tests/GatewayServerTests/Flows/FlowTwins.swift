import Domain
import Gateway
import GatewayServer
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

/// A flow whose lines are what a closure makes of inputs and binding.
struct TwinFlow: ServableFlow {
    var name = "twin"
    var interface: FlowInterface
    var body: @Sendable (JSONObject, FlowBinding) async -> LineRecord
    var binding: FlowBinding?

    var digest: Digest { Digest(of: "twin") }
    var inputs: [(name: String, type: String, hasDefault: Bool)] { [] }
    var outputNames: [String] { interface.outputs.map(\.name) }
    var variants: [(node: String, defaultVariant: String, all: [String])] { [] }
    var connectionNames: [String] { [] }
    var modelCallsPerLine: Int { 1 }
    var expectedCalls: [ExpectedCall] { [] }
    var aggregates: Bool { false }

    init(_ interface: FlowInterface, body: @escaping @Sendable (JSONObject, FlowBinding) async -> LineRecord) {
        self.interface = interface
        self.body = body
    }

    func bound(to binding: FlowBinding) -> any PreparedFlow {
        var bound = self
        bound.binding = binding
        return bound
    }

    func run(line: Int, inputs: JSONObject) async -> LineRecord {
        guard let binding else { return LineRecord(lineNumber: line, status: .failed, inputs: inputs) }
        return await body(inputs, binding)
    }

    func aggregate(_ lines: [LineRecord]) async -> AggregationRecord { AggregationRecord() }
}

extension TwinFlow {
    /// A chat flow that echoes its question after the number of turns before it, word by word if someone listens.
    static let chat = TwinFlow(
        FlowInterface(
            inputs: [
                FlowInterface.Input(name: "question", type: "string", isChatInput: true),
                FlowInterface.Input(name: "history", type: "list", isChatHistory: true),
            ],
            outputs: [
                FlowInterface.Output(name: "answer", type: "string", isChatOutput: true, streamingNode: "talk"),
                FlowInterface.Output(name: "turns", type: "list"),
                FlowInterface.Output(name: "hidden", type: "string", isEvaluationOnly: true),
            ])
    ) { inputs, binding in
        let history = inputs["history"] ?? []
        let words = (inputs["question"]?.string ?? "").split(separator: " ").map { "\($0) " }
        for word in words { binding.onText?("talk", word) }
        binding.onText?("another node", "noise")
        return completed(
            inputs, ["answer": .string(words.joined()), "turns": history, "hidden": "secret"], cost: 30)
    }

    /// A flow with one text and one number.
    static let plain = TwinFlow(
        FlowInterface(
            inputs: [
                FlowInterface.Input(name: "text", type: "string", description: "What to say"),
                FlowInterface.Input(name: "count", type: "int", defaultValue: 2),
            ],
            outputs: [FlowInterface.Output(name: "shown", type: "string")])
    ) { inputs, _ in
        let text = inputs["text"]?.string ?? ""
        switch text {
        case "boom":
            return failed(inputs, LineError(code: "ToolExecutionError", message: "it went wrong"))
        case "down":
            return failed(inputs, LineError(code: "ProviderFailed", message: "no answer", blame: .environment))
        case "odd":
            return failed(inputs, LineError(code: "InputTypeError", message: "not an int"))
        default: return completed(inputs, ["shown": .string("\(text)-\(inputs["count"]?.int ?? 2)")], cost: 0)
        }
    }

    static func completed(_ inputs: JSONObject, _ outputs: JSONObject, cost: Int) -> LineRecord {
        LineRecord(
            lineNumber: 0, status: .completed, inputs: inputs, outputs: outputs,
            usage: TokenUsage(input: cost > 0 ? 10 : 0, output: cost > 0 ? 5 : 0), cost: .known(nanoUSD: cost))
    }

    static func failed(_ inputs: JSONObject, _ error: LineError) -> LineRecord {
        LineRecord(lineNumber: 0, status: .failed, inputs: inputs, error: error)
    }
}

/// A server's flows, ledger and traffic in memory, with keys to call them.
final class FlowBench: Sendable {
    let ledger: Ledger
    let store = MemoryLedgerStore()
    let traffic = Traffic()
    let serving: FlowServing
    let access: RequestAccess
    /// May use everything; of team `payments`, which it may not change, while it names its service itself.
    let key: String
    let record: KeyRecord
    /// May use `flow/plain` only.
    let narrowKey: String
    let metricsKey: String
    let feedback = Feedback()

    final class Feedback: Sendable {
        private let list = Mutex<[FlowFeedback]>([])
        var all: [FlowFeedback] { list.withLock { $0 } }
        func add(_ feedback: FlowFeedback) { list.withLock { $0.append(feedback) } }
    }

    private struct NoModels: ModelClient {
        func send(
            _ request: ModelRequest, onText: (@Sendable (String) -> Void)?
        ) async throws(ProviderFailure) -> ModelResponse {
            throw ProviderFailure(.connect, "there are no models here")
        }
    }

    static let now = 1_800_000_000_000_000_000

    /// - Parameter spent: what each run turns out to have spent.
    init(
        budgets: [BudgetRule] = [], settings: FlowServingSettings = FlowServingSettings(), spent: Int = 30,
        flows: [String: TwinFlow] = ["chat": .chat, "plain": .plain]
    ) throws {
        let keys = [
            KeyMint.make(KeyRecord(id: "", hash: "", team: "payments", delegates: [.service], created: 0)),
            KeyMint.make(KeyRecord(id: "", hash: "", models: ["flow/plain"], created: 0)),
            KeyMint.make(KeyRecord(id: "", hash: "", models: ["metrics"], created: 0)),
        ]
        (key, narrowKey, metricsKey) = (keys[0].key.reveal(), keys[1].key.reveal(), keys[2].key.reveal())
        record = keys[0].record
        let table = KeyTable(keys.map(\.record))
        ledger = try Ledger(
            folder: TemporaryFolder.make(), rules: budgets, store: store,
            effects: LedgerEffects(now: { Self.now }, warn: { _ in }))
        let feedback = feedback
        let catalogue = FlowCatalogue(
            names: { flows.keys.sorted() },
            flow: { name in
                guard let flow = flows[name] else { throw PlainFailure("FlowNotFound", "no flow \(name)") }
                return flow
            },
            client: { _ in BoundedClient(models: NoModels()) { spent } },
            keepFeedback: { feedback.add($0) })
        serving = FlowServing(
            catalogue: catalogue, ledger: ledger, traffic: traffic.shard(0), settings: settings, now: { Self.now },
            warn: { _, _ in })
        access = RequestAccess(keys: { table }, now: { Self.now })
    }

    /// What the ledger has kept, once it is applied.
    func entries() throws -> [CallRecord] {
        try ledger.flush()
        return try store.entries(after: nil, limit: 1000)
    }

    /// Runs `test` against the routes.
    func withRoutes(_ test: @escaping @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        let router = Router(context: GatewayRequestContext.self)
        FlowRoutes(serving: serving, access: access, version: "1.2.3", rootFlow: "plain").add(to: router)
        let traffic = traffic
        MetricsRoutes(traffic: traffic, gauges: { TrafficGauges() }, access: access, now: { Self.now }).add(to: router)
        try await Application(responder: router.buildResponder()).test(.router) { try await test($0) }
    }

    /// Sends a chat-completions request and collects the answer.
    func chat(_ body: JSONValue, model: String = "chat") async -> Sent {
        let sent = Sent()
        let call = FlowCall(
            name: model, body: body.bytes(), key: record, attribution: Attribution(key: record.id, team: "payments"),
            call: TraceIdentifier.trace(), trace: TraceIdentifier.trace(), span: TraceIdentifier.span(),
            start: Self.now)
        await serving.answer(call) { sent.add($0) }
        return sent
    }
}

/// The parts of an answer, as they were sent.
final class Sent: Sendable {
    private let parts = Mutex<(heads: [(status: Int, headers: [(name: String, value: String)])], body: [UInt8])>(
        ([], []))

    func add(_ part: FlowPart) {
        parts.withLock { parts in
            switch part {
            case .head(let status, let headers): parts.heads.append((status, headers))
            case .body(let bytes): parts.body += bytes
            }
        }
    }

    var headCount: Int { parts.withLock { $0.heads.count } }
    var status: Int? { parts.withLock { $0.heads.first?.status } }
    var text: String { parts.withLock { String(decoding: $0.body, as: UTF8.self) } }
    var json: JSONValue? { try? JSONValue(parsing: text) }
    func header(_ name: String) -> String? {
        parts.withLock { $0.heads.first?.headers.first { $0.name == name }?.value }
    }

    /// The data of a stream's events, the end mark included.
    var events: [String] {
        text.split(separator: "\n\n").map { String($0.dropFirst("data: ".count)) }
    }
}

/// Folders for one test each.
enum TemporaryFolder {
    /// A path that is not there yet.
    static func make() -> String { "/tmp/pawang-tests-\(TraceIdentifier.trace())" }
}

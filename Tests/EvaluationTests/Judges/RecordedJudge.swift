import Domain
import Foundation
import Synchronization

@testable import Evaluation

/// A judge that answers from a list, in order, and remembers what it was asked.
final class RecordedJudge: ModelClient {
    enum Reply: Sendable {
        case text(String)
        case weighted(String, logprobs: JSONValue)
        case failure(ProviderFailure)
    }

    private struct State {
        var replies: [Reply]
        var requests: [JSONObject] = []
    }

    private let state: Mutex<State>

    init(_ replies: [Reply]) { state = Mutex(State(replies: replies)) }
    convenience init(_ texts: String...) { self.init(texts.map { .text($0) }) }

    var requests: [JSONObject] { state.withLock { $0.requests } }

    func send(
        _ request: ModelRequest, onText: (@Sendable (String) -> Void)?
    ) async throws(ProviderFailure) -> ModelResponse {
        let reply: Reply? = state.withLock { state in
            state.requests.append(request.body)
            return state.replies.isEmpty ? nil : state.replies.removeFirst()
        }
        var choice: JSONObject = [:]
        switch reply {
        case .text(let text)?: choice["message"] = ["content": .string(text)]
        case .weighted(let text, let logprobs)?:
            choice["message"] = ["content": .string(text)]
            choice["logprobs"] = logprobs
        case .failure(let failure)?: throw failure
        case nil: throw ProviderFailure(.replayMiss, "the test has no more replies")
        }
        return ModelResponse(
            body: ["choices": [.object(choice)]], usage: TokenUsage(input: 100, output: 10), cost: .known(nanoUSD: 5),
            model: "judge", provider: "test")
    }

    func model(store: (any RunStore)? = nil, settings: JSONObject = [:]) -> JudgeModel {
        JudgeModel(
            client: self, connection: Connection(name: "judge", type: .openAI), model: "judge-1", settings: settings,
            store: store)
    }
}

/// Keeps cached values in memory; everything else of a store is empty.
final class MemoryCache: RunStore {
    private let values = Mutex<[Digest: JSONValue]>([:])

    var count: Int { values.withLock { $0.count } }

    func cachedValue(for key: Digest) async throws -> JSONValue? { values.withLock { $0[key] } }
    func cache(_ entries: [(key: Digest, value: JSONValue)]) async throws {
        values.withLock { values in
            for entry in entries { values[entry.key] = entry.value }
        }
    }

    func insert(_ run: RunRecord) async throws {}
    func update(_ run: RunRecord) async throws {}
    func run(id: String) async throws -> RunRecord? { nil }
    func runs(limit: Int) async throws -> [RunRecord] { [] }
    func append(_ lines: [LineRecord], to run: String) async throws {}
    func lines(of run: String, after: Int, limit: Int) async throws -> [LineRecord] { [] }
    func completedLineNumbers(of run: String) async throws -> Set<Int> { [] }
    func spans(of run: String, line: Int) async throws -> [Span] { [] }
}

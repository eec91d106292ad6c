import Domain
import Foundation
import Providers
import Synchronization
import Testing

/// Where the repository's files are, seen from the tests.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    static var priceData: [UInt8] {
        Array(FileManager.default.contents(atPath: root + "/Sources/CAssets/prices/genai-prices-v2.json") ?? Data())
    }

    /// The interpreter with the packages that parity tests compare with.
    static func python() throws -> String {
        guard let path = ProcessInfo.processInfo.environment["PAWANG_TEST_PYTHON"], !path.isEmpty else {
            throw PlainFailure(
                "TestSetUp", "PAWANG_TEST_PYTHON is not set. Run the tests with bin/test, which sets Python up.")
        }
        return path
    }
}

/// A folder that goes away with the test.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "pawang-providers-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let file = path + "/" + name
        try FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        return file
    }
}

extension Effects {
    /// 2026-11-22 at noon UTC, for ever.
    static let fixed = Effects(now: { Date(timeIntervalSince1970: 1_795_348_800) }, newID: { "id" })
}

/// A client whose answers a test writes.
final class FakeClient: ModelClient {
    typealias Answer =
        @Sendable (ModelRequest, Int, (@Sendable (String) -> Void)?) async throws(ProviderFailure) -> ModelResponse
    private let answer: Answer
    private let count = Mutex(0)

    var calls: Int { count.withLock { $0 } }

    init(_ answer: @escaping Answer) { self.answer = answer }

    func send(_ request: ModelRequest, onText: (@Sendable (String) -> Void)?) async throws(ProviderFailure)
        -> ModelResponse
    {
        let number = count.withLock { count in
            count += 1
            return count
        }
        return try await answer(request, number, onText)
    }
}

/// Prices every call at one nano-dollar an input token and ten an output token, except of the model `unpriced`.
struct SimplePrices: PriceBook {
    let version = "simple"

    func cost(
        of usage: TokenUsage, provider: String, model: String, serviceTier: String?, at seconds: Double
    ) -> Cost {
        model == "unpriced" ? .unknown : .known(nanoUSD: usage.input + 10 * usage.output)
    }
}

/// Collects what is streamed.
final class Collector: Sendable {
    private let pieces = Mutex<[String]>([])
    var all: [String] { pieces.withLock { $0 } }
    func take(_ text: String) { pieces.withLock { $0.append(text) } }
}

extension ModelResponse {
    static func text(_ text: String, cost: Int = 0, model: String = "m") -> ModelResponse {
        ModelResponse(
            body: [
                "model": .string(model),
                "choices": [
                    ["index": 0, "message": ["role": "assistant", "content": .string(text)], "finish_reason": "stop"]
                ],
                "usage": ["prompt_tokens": 3, "completion_tokens": 2],
            ], usage: TokenUsage(input: 3, output: 2), cost: .known(nanoUSD: cost), model: model, provider: "openai")
    }
}

/// A client of ours against a scripted server, taken down at the end.
func withProvider<Result>(
    limits: ExchangeLimits = ExchangeLimits(), prices: any PriceBook = SimplePrices(),
    script: @escaping @Sendable (ScriptedServer.Request, Int) -> [ScriptedServer.Action],
    _ body: (ProviderClient, ScriptedServer) async throws -> Result
) async throws -> Result {
    let server = try await ScriptedServer(script)
    let client = ProviderClient(
        prices: prices, servers: LocalServers(workspace: "/nowhere", environment: [:]), limits: limits, effects: .fixed)
    do {
        let result = try await body(client, server)
        await client.shutDown()
        await server.stop()
        return result
    } catch {
        await client.shutDown()
        await server.stop()
        throw error
    }
}

extension ModelRequest {
    static func chat(
        _ base: String, type: ConnectionType = .openAI,
        body: JSONObject = ["model": "m", "messages": [["role": "user", "content": "Hi"]]],
        settings: [String: String] = [:], timeout: Duration = .seconds(20), operation: ModelOperation = .chat
    ) -> ModelRequest {
        var all = settings
        all[type == .azureOpenAI || type == .serverless ? "api_base" : "base_url"] = base
        return ModelRequest(
            operation: operation,
            connection: Connection(
                name: "con", type: type, settings: all, secrets: ["api_key": Secret("sk-very-secret-1234")]),
            body: body, timeout: timeout)
    }
}

/// The failure an operation ends with.
func failure(of operation: () async throws -> Void) async -> ProviderFailure? {
    do {
        try await operation()
        return nil
    } catch { return error as? ProviderFailure }
}

/// Expects a condition whose evaluation changes a value, which `#expect` cannot expand.
func holds(_ condition: Bool, at location: Testing.SourceLocation = #_sourceLocation) {
    #expect(condition, sourceLocation: location)
}

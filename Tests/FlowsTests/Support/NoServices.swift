import Domain

@testable import Flows

/// Services for flows that need none: each answers with a failure.
struct NoServices: ModelClient, ConnectionSource, PythonRuntime, DocumentIndex, HTTPFetcher {
    static var all: FlowServices {
        let none = NoServices()
        return FlowServices(
            models: none, connections: none, python: none, documents: none, fetcher: none, environment: [:])
    }

    var names: [String] { [] }

    func send(
        _ request: ModelRequest, onText: (@Sendable (String) -> Void)?
    ) async throws(ProviderFailure) -> ModelResponse {
        throw ProviderFailure(.misconfigured, "there is no model")
    }

    func connection(named name: String) throws -> Connection {
        throw PlainFailure("ConnectionNotFound", "no `\(name)`")
    }

    func signature(of tool: PythonTool, in place: PythonPlace) async throws(PythonFailure) -> PythonSignature {
        throw PythonFailure(.interpreter, "there is no Python")
    }

    func beginSession(in place: PythonPlace) async throws(PythonFailure) -> any PythonSession {
        throw PythonFailure(.interpreter, "there is no Python")
    }

    func shutDown() async {}

    func prepare(
        folder: String, embeddingModel: String?, embed: (@Sendable ([String]) async throws -> [[Float]])?
    ) async throws -> String { folder }

    func search(words: String, in index: String, limit: Int) async throws -> [FoundPassage] { [] }
    func search(vector: [Float], in index: String, limit: Int) async throws -> [FoundPassage] { [] }

    func fetch(
        method: String, url: String, headers: [(String, String)], body: [UInt8]?, timeout: Duration, limit: Int
    ) async throws(ProviderFailure) -> (status: Int, headers: [(String, String)], body: [UInt8]) {
        throw ProviderFailure(.connect, "there is no network")
    }
}

import Domain
import Gateway
import Providers

/// Where `pawang top` gets its reports from: a running server's `GET /traffic`.
struct TopSource: Sendable {
    let url: String
    /// A key that may read metrics; none is needed on the server's own machine.
    let key: String?
    private let fetcher: any HTTPFetcher

    init(url: String, key: String?, fetcher: any HTTPFetcher) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.key = key
        self.fetcher = fetcher
    }

    /// The server's report.
    func report() async throws -> TrafficReport {
        let headers = key.map { [("authorization", "Bearer \($0)")] } ?? []
        let answer: (status: Int, headers: [(String, String)], body: [UInt8])
        do {
            answer = try await fetcher.fetch(
                method: "GET", url: url + "/traffic", headers: headers, body: nil, timeout: .seconds(5),
                limit: 64 << 20)
        } catch {
            throw PlainFailure(
                "ServerUnreachable", "no server answers at \(url); start it with `pawang serve`, or name it with --url",
                blame: .environment)
        }
        guard answer.status != 401, answer.status != 403 else {
            throw PlainFailure(
                "NotAllowed",
                "the server at \(url) wants a key that may read metrics: make one with `pawang key create --models "
                    + "metrics` and set PAWANG_KEY to it")
        }
        guard answer.status == 200, let json = try? JSONValue(parsing: answer.body),
            let report = TrafficReport(json: json)
        else {
            throw PlainFailure(
                "ServerUnreachable", "what answers at \(url) is no `pawang serve` of this version",
                blame: .environment)
        }
        return report
    }
}

import ArgumentParser
import Domain
import Foundation
import Providers

/// `pawang top`: what goes through a running server, live.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Show live traffic, latency, cost and errors of a running server.",
        discussion: """
            Shows what `GET /traffic` of `pawang serve` counts, over the last ten seconds: per model, team and key, with the \
            state of every budget. Ctrl-C ends it. From another machine it needs a key that may read metrics (`pawang key \
            create --models metrics`) in the environment variable PAWANG_KEY.
            """)

    @Option(name: .long, help: ArgumentHelp("The server.", valueName: "url"))
    var url = "http://127.0.0.1:8790"

    @Flag(name: .long, help: "Show one second and end.")
    var once = false

    @Flag(name: .long, help: "Print one JSON object for each look.")
    var json = false

    func run() async throws {
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw PlainFailure("ArgumentInvalid", "--url must begin with http:// or https://")
        }
        let key = ProcessInfo.processInfo.environment["PAWANG_KEY"].flatMap { $0.isEmpty ? nil : $0 }
        let fetcher = AsyncHTTPFetcher()
        let loop = TopLoop(
            source: TopSource(url: url, key: key, fetcher: fetcher), terminal: .standard, isJSON: json)
        do {
            if once { try await loop.once() } else { try await loop.run() }
        } catch {
            await fetcher.shutDown()
            throw error
        }
        await fetcher.shutDown()
    }
}

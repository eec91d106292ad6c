import ArgumentParser
import Domain

/// `pawang serve`: the gateway and the flows as endpoints.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve models and flows to applications, and account for every token.",
        discussion: """
            Reads `gateway`, `models` and `budgets` of pawang.yaml and serves OpenAI's and Anthropic's APIs, and the \
            workspace's flows. Applications need a key: `pawang key create`. Changed files are read again by themselves, or on \
            SIGHUP, without ending a stream. SIGTERM and Ctrl-C let what runs end first.

            Logs go to standard error, one JSON object a line and request. They hold no prompt, answer or key.
            """)

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where to listen, over what pawang.yaml says; port 0 takes a free one.", valueName: "host:port"))
    var listen: String?

    @Option(name: .long, help: ArgumentHelp("The database: a file, or postgres://…", valueName: "path|url"))
    var database: String?

    @Option(
        name: .long, help: ArgumentHelp("Serve this flow at the root, too, as prompt flow does.", valueName: "name"))
    var flow: String?

    @Option(name: .long, help: ArgumentHelp("Write the port here once it is listening.", valueName: "file"))
    var portFile: String?

    @Option(name: .long, help: "Event loops; one for each core by default.")
    var threads: Int?

    func run() async throws {
        if let threads, !(1...256).contains(threads) {
            throw PlainFailure("ArgumentInvalid", "--threads must be from 1 to 256")
        }
        try await Serving(listen: listen, database: database, flow: flow, portFile: portFile, threads: threads).run()
    }
}

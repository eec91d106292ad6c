import ArgumentParser
import Domain
import Foundation
import Registry

/// `pawang init`: a workspace that runs at once.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a workspace from a template.",
        discussion: """
            The workspace runs at once and needs no key: its example answers come from recordings or are computed.

                pawang init my-workspace
                cd my-workspace && pawang run classify --data datasets/messages.jsonl
            """)

    enum Template: String, ExpressibleByArgument, CaseIterable {
        case basic, chat, rag, evaluation
    }

    @Option(
        name: .long, help: "Which template: a flow with two prompts, a chat, a search over documents, or an evaluation."
    )
    var template = Template.basic

    @Argument(help: "The folder to make.")
    var directory: String

    @Flag(name: .long, help: "Print one JSON object.")
    var json = false

    func run() throws {
        let name = URL(fileURLWithPath: directory).standardizedFileURL.lastPathComponent
        let files = Assets.texts(below: "templates/\(template.rawValue)").reduce(into: [String: String]()) {
            files, file in
            // Dot files cannot be told from stray ones in the source tree, so they are named `dot.…` there.
            let parts = file.key.split(separator: "/").map { $0.hasPrefix("dot.") ? "." + $0.dropFirst(4) : String($0) }
            files[parts.joined(separator: "/")] = file.value
        }
        let written = try WorkspaceTemplate(files: files).write(to: directory, name: name)
        let terminal = Terminal.standard
        if json {
            terminal.print(
                JSONValue.object(["workspace": .string(directory), "files": .array(written.map { .string($0) })]).text()
            )
            return
        }
        terminal.print("made the workspace \(terminal.bold(name)) with \(written.count) files in \(directory)")
        if let next = Assets.texts(below: "templates")["\(template.rawValue)/README.md"].flatMap(Self.firstCommands) {
            terminal.print("\nnext:\n  cd \(directory)\n\(next)")
        }
    }

    /// The commands of the README's first block.
    private static func firstCommands(_ readme: String) -> String? {
        guard let start = readme.firstRange(of: "```sh\n")?.upperBound,
            let end = readme[start...].firstRange(of: "```")?.lowerBound
        else {
            return nil
        }
        return readme[start..<end].split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
    }
}

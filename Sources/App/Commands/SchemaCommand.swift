import ArgumentParser
import Domain

/// `pawang schema`: the JSON Schema of a file of a workspace.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of a kind of file.",
        discussion: "Editors with a YAML language server complete and check files by it.")

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case workspace, connections, flow, prompty, experiment, evaluator, gate, recording
    }

    @Argument(help: "Which kind of file.")
    var kind: Kind

    func run() throws {
        Terminal.standard.print(bytes: Assets.bytes("schemas/\(kind.rawValue).schema.json"))
    }
}

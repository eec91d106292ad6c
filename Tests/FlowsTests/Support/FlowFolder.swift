import Domain
import Foundation

@testable import Flows

/// A temporary folder with a flow's files.
final class FlowFolder {
    let path: String

    init(_ files: [String: String]) throws {
        path = FileManager.default.temporaryDirectory.appending(path: "pawang-flow-\(UUID().uuidString)").path
        for (name, text) in files {
            let file = URL(filePath: "\(path)/\(name)")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The flow of a text, as `flow.dag.yaml` in a folder of its own.
    static func definition(_ yaml: String, variants: [String: String] = [:]) throws -> FlowDefinition {
        let folder = try FlowFolder(["flow.dag.yaml": yaml])
        return try DagReader(chosenVariants: variants).read(file: "\(folder.path)/flow.dag.yaml")
    }

    /// A plan for a flow of these lines below `nodes:`, with the inputs `text` and `number`.
    static func plan(nodes: String, outputs: String = "{}") throws -> (plan: FlowPlan, warnings: [String]) {
        try FlowValidator(definition: try definition(flow(nodes: nodes, outputs: outputs))).plan()
    }

    static func flow(nodes: String, outputs: String = "{}") -> String {
        "inputs: {text: {type: string}, number: {type: int, default: 1}}\noutputs: \(outputs)\nnodes:\n\(nodes)\n"
    }
}

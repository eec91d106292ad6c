import Domain
import Foundation

/// A new workspace's files.
package struct WorkspaceTemplate: Sendable {
    /// Contents by path below the workspace.
    private let files: [String: String]

    package init(files: [String: String]) { self.files = files }

    /// Writes the files into `folder`, which is made if need be.
    ///
    /// Nothing is overwritten: a file that is there already is an error before anything is written. Returns the
    /// paths written, sorted.
    package func write(to folder: String, name: String) throws -> [String] {
        let manager = FileManager.default
        let paths = files.keys.sorted()
        if let taken = paths.first(where: { manager.fileExists(atPath: "\(folder)/\($0)") }) {
            throw PlainFailure(
                "FileExists",
                "`\(folder)/\(taken)` is already there and would be overwritten; choose another folder or move it away")
        }
        // It stands within YAML's double quotes, which take JSON's escapes.
        let escaped = String(JSONValue.string(name).text().dropFirst().dropLast())
        for path in paths {
            let target = URL(fileURLWithPath: "\(folder)/\(path)")
            try manager.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
            let text = (files[path] ?? "").replacing("{{workspace_name}}", with: escaped)
            try Data(text.utf8).write(to: target, options: .atomic)
        }
        return paths
    }
}

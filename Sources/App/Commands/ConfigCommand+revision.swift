import Domain
import Foundation
import Registry

extension ConfigCommand {
    private static let maximumBytes = 16 << 20

    /// The document that a file's path or a Git revision stands for.
    static func document(_ other: String, workspace: Workspace) async throws -> YAMLNode {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: other, isDirectory: &isFolder) {
            return try YAMLReader.read(path: isFolder.boolValue ? "\(other)/\(Workspace.fileName)" : other)
        }
        return try YAMLReader.read(text: try revision(other, workspace), file: "\(other):\(Workspace.fileName)")
    }

    /// The workspace's file as it was at a revision; the revision may name another path: `HEAD:other/pawang.yaml`.
    private static func revision(_ name: String, _ workspace: Workspace) throws -> String {
        guard !name.isEmpty, !name.hasPrefix("-") else {
            throw PlainFailure("ArgumentInvalid", "`\(name)` is neither a file nor a Git revision")
        }
        let git = Process()
        git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        git.arguments = [
            "git", "-C", workspace.root, "show", name.contains(":") ? name : "\(name):./\(Workspace.fileName)",
        ]
        let output = Pipe()
        git.standardOutput = output
        git.standardError = FileHandle.nullDevice
        git.standardInput = FileHandle.nullDevice
        do {
            try git.run()
        } catch {
            throw PlainFailure("ArgumentInvalid", "`\(name)` is no file, and Git is not there to ask for a revision")
        }
        let data = try output.fileHandleForReading.read(upToCount: maximumBytes + 1) ?? Data()
        try output.fileHandleForReading.close()
        git.waitUntilExit()
        guard git.terminationStatus == 0, data.count <= maximumBytes,
            let text = String(validating: data, as: UTF8.self)
        else {
            throw PlainFailure(
                "ArgumentInvalid",
                "`\(name)` is neither a file nor a Git revision with a \(Workspace.fileName) in this workspace's folder"
            )
        }
        return text
    }
}

import Domain
import Foundation
import Glibc
import Synchronization

/// Keeps the Python sources of the worker in a folder that only this user can read, named by their digest.
final class SourceCache: Sendable {
    private let sources: [String: String]
    private let directory: String
    private let written = Mutex<String?>(nil)

    /// - Parameters:
    ///   - sources: The text of each file by its path.
    ///   - directory: Where folders of sources are kept; made if it is missing.
    init(sources: [String: String], directory: String) {
        self.sources = sources
        self.directory = directory
    }

    /// The folder with the sources, written or repaired on first use.
    func folder() throws(PythonFailure) -> String {
        if let folder = written.withLock({ $0 }) { return folder }
        let content = JSONValue.object(JSONObject(sources.map { ($0.key, .string($0.value)) }))
        let folder = directory + "/" + Digest(of: content).short
        do {
            try makeFolder(directory)
            try makeFolder(folder)
            for (path, text) in sources { try write(text, to: folder + "/" + path) }
        } catch {
            throw PythonFailure(.worker, "The Python worker's files cannot be written to \(folder): \(error)")
        }
        written.withLock { $0 = folder }
        return folder
    }

    private func write(_ text: String, to path: String) throws {
        let bytes = Data(text.utf8)
        if FileManager.default.contents(atPath: path) == bytes { return }
        let parent = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
        try FileManager.default.createDirectory(
            atPath: String(parent), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        // Another process may be writing the same file: each replaces it whole.
        try bytes.write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    /// Makes a folder for this user only; refuses one that others can write to.
    private func makeFolder(_ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        var information = stat()
        guard lstat(path, &information) == 0, information.st_mode & S_IFMT == S_IFDIR,
            information.st_uid == geteuid(), information.st_mode & 0o022 == 0
        else {
            throw PlainFailure(
                "UnsafeFolder", "the folder \(path) belongs to another user or can be written by others; remove it.",
                blame: .environment)
        }
    }
}

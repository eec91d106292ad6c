import Domain
import Foundation

/// Where a flow's Python runs: its own folder, or, where it includes files from elsewhere, a folder of links that
/// puts them beside its own.
///
/// A file of the flow itself wins over an included one of the same name.
enum FlowStaging {
    static func directory(for flow: FlowDefinition) throws -> String {
        guard !flow.additionalIncludes.isEmpty else { return flow.directory }
        var links: [(name: String, target: String)] = []
        let manager = FileManager.default
        for name in try manager.contentsOfDirectory(atPath: flow.directory).sorted() {
            links.append((name, "\(flow.directory)/\(name)"))
        }
        for include in flow.additionalIncludes {
            let target = URL(
                fileURLWithPath: include, relativeTo: URL(fileURLWithPath: flow.directory, isDirectory: true)
            ).standardizedFileURL.path
            guard manager.fileExists(atPath: target) else {
                throw FlowFailure(
                    "FlowDefinitionError", "`additional_includes` names `\(include)`, which does not exist")
            }
            let name = (target as NSString).lastPathComponent
            if !links.contains(where: { $0.name == name }) { links.append((name, target)) }
        }
        let key = Digest(of: links.map { "\($0.name)\n\($0.target)" }.joined(separator: "\n")).short
        let folder = manager.temporaryDirectory.appendingPathComponent("pawang-\(getuid())-flow-\(key)").path
        try manager.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for link in links {
            let path = "\(folder)/\(link.name)"
            if (try? manager.destinationOfSymbolicLink(atPath: path)) == link.target { continue }
            try? manager.removeItem(atPath: path)
            try manager.createSymbolicLink(atPath: path, withDestinationPath: link.target)
        }
        return folder
    }
}

import Domain
import Foundation

/// Finds the file that a flow's name or path means.
struct FlowLocator: Sendable {
    /// The folder that named flows are looked up in, if there is a workspace.
    let flowsDirectory: String?

    private static let fileNames = ["flow.dag.yaml", "flow.dag.yml", "flow.flex.yaml", "flow.flex.yml"]

    /// The flow file for a folder, a file, or the name of a flow in the workspace.
    ///
    /// The answer is absolute.
    func file(for flow: String) throws(FlowFailure) -> String {
        var tried: [String] = []
        for path in candidates(flow) {
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
                tried.append(path)
                continue
            }
            return isDirectory.boolValue ? try fileInside(path, flow: flow) : absolute(path)
        }
        throw FlowFailure(
            "FlowNotFound",
            "there is no flow `\(flow)`; looked for \(tried.map { "`\($0)`" }.joined(separator: ", "))\(nearest(flow))")
    }

    private func candidates(_ flow: String) -> [String] {
        guard let flowsDirectory, !flow.hasPrefix("/") else { return [flow] }
        return [flow, "\(flowsDirectory)/\(flow)", "\(flowsDirectory)/\(flow).prompty"]
    }

    private func fileInside(_ folder: String, flow: String) throws(FlowFailure) -> String {
        for name in Self.fileNames where FileManager.default.fileExists(atPath: "\(folder)/\(name)") {
            return absolute("\(folder)/\(name)")
        }
        let prompties = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
            .filter { $0.hasSuffix(".prompty") }.sorted()
        switch prompties.count {
        case 1: return absolute("\(folder)/\(prompties[0])")
        case 0:
            throw FlowFailure(
                "FlowNotFound",
                "the folder `\(folder)` has no flow: neither \(Self.fileNames.map { "`\($0)`" }.joined(separator: " nor ")) nor a `.prompty`"
            )
        default:
            throw FlowFailure(
                "FlowNotFound",
                "the folder `\(folder)` has several prompties; name one: \(prompties.map { "`\(folder)/\($0)`" }.joined(separator: ", "))"
            )
        }
    }

    private func nearest(_ flow: String) -> String {
        guard let flowsDirectory, let names = try? FileManager.default.contentsOfDirectory(atPath: flowsDirectory)
        else { return "" }
        return NearestName.find(flow, among: names.sorted()).map { "; did you mean `\($0)`?" } ?? ""
    }

    private func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }
}

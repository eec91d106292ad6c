import Domain
import Foundation

/// A written report, taken apart the way the page does it.
struct ReportFileContent {
    let text: String
    let summary: JSONValue
    let index: [[JSONValue]]
    /// The lines of each block, and the position that the block says it starts at.
    let blocks: [(from: Int, count: Int, lines: [JSONValue])]

    init(path: String) throws {
        text = try String(contentsOfFile: path, encoding: .utf8)
        summary = try JSONValue(parsing: Self.bodies(of: "<script id=summary>", in: text).first?.body ?? "")
        index = try Self.bodies(of: "<script type=\"application/json\" class=\"index\"", in: text).map {
            try JSONValue(parsing: $0.body).array ?? []
        }
        blocks = try Self.bodies(of: "<script type=\"application/json\" class=\"lines\"", in: text).map { element in
            func number(_ name: String) -> Int {
                let value = element.attributes.components(separatedBy: "\(name)=\"").dropFirst().first?.prefix {
                    $0 != "\""
                }
                return value.flatMap { Int($0) } ?? -1
            }
            return (number("data-from"), number("data-count"), try JSONValue(parsing: element.body).array ?? [])
        }
    }

    /// The text of each element that starts with `opening`, up to the first end tag: as an HTML parser reads it.
    static func bodies(of opening: String, in text: String) -> [(attributes: String, body: String)] {
        text.components(separatedBy: opening).dropFirst().map { part in
            let element = part.components(separatedBy: "</script")[0]
            guard !opening.hasSuffix(">") else { return ("", element) }
            let pieces = element.split(separator: ">", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(pieces[0]), pieces.count > 1 ? String(pieces[1]) : "")
        }
    }
}

/// A path for one test, in a folder that goes with its last owner.
final class ReportFolder: Sendable {
    let path = NSTemporaryDirectory() + "/pawang-report-\(UUID().uuidString)"
    var report: String { path + "/report.html" }
    var files: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

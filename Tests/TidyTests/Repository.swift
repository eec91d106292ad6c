import Foundation

/// A file of the repository, by its path from the root.
struct SourceFile: Sendable {
    let path: String
    let text: String

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// The lines, with those inside a string literal of several lines left empty: they are data, not Swift.
    var codeLines: [Substring] {
        var isInside = false
        return lines.map { line in
            let wasInside = isInside
            if !line.ranges(of: "\"\"\"").count.isMultiple(of: 2) { isInside.toggle() }
            return wasInside ? "" : line
        }
    }

    /// The target it belongs to: the folder below `Sources`.
    var target: String {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : ""
    }
}

/// The files that the rules read.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The text of one file.
    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The files below a folder that have an extension, by path.
    static func files(below folder: String, extension suffix: String) throws -> [SourceFile] {
        try FileManager.default.subpathsOfDirectory(atPath: root.appendingPathComponent(folder).path)
            .filter { $0.hasSuffix(".\(suffix)") && !$0.contains(".build/") }.sorted()
            .map { SourceFile(path: "\(folder)/\($0)", text: try text("\(folder)/\($0)")) }
    }

    /// The Swift files of the product.
    static func sources() throws -> [SourceFile] { try files(below: "Sources", extension: "swift") }

    /// The folders of `Sources`, one per target.
    static func targets() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("Sources").path)
            .filter { !$0.hasPrefix(".") }.sorted()
    }
}

/// A rule that was broken: where, and why the rule is there.
struct Violation: Equatable, CustomStringConvertible {
    let place: String
    let reason: String

    var description: String { "\(place): \(reason)" }
}

extension [Violation] {
    /// All of them, one a line, for the message of an expectation.
    var list: String { map(\.description).joined(separator: "\n") }
}

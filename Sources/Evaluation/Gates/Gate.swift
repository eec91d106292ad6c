package import Domain
import Foundation

/// A gate's file: what a variant must reach, and what it must not be worse than.
package struct Gate: Sendable {
    /// The experiment's file, absolute, or `nil` where a run is named.
    package var experiment: String?
    /// The id of an experiment's run, or `nil` for its newest.
    package var run: String?
    package var rules: [Rule]
    /// Failed or missing lines that are let pass, of each variant that a rule names.
    package var failedLines: FailedLines

    /// What failed or missing lines mean.
    package enum FailedLines: Sendable, Equatable {
        /// More than this many fail the gate.
        case atMost(Int)
        case ignored
    }

    /// One rule.
    package struct Rule: Sendable {
        package var metric: String
        /// The variant's id.
        package var variant: String
        package var bound: Bound
        package var location: SourceLocation
    }

    package enum Bound: Sendable {
        case atLeast(Double)
        case atMost(Double)
        /// Not worse than another variant by more than a margin, in the metric's unit: the confidence interval decides.
        case notWorse(than: String, margin: Double)
    }

    package static let keys = ["name", "description", "experiment", "run", "rules", "failed_lines"]
    package static let ruleKeys = ["metric", "variant", "at_least", "at_most", "not_worse_than", "by_more_than"]

    /// Reads a gate file.
    ///
    /// Throws ``DocumentError`` with the place and what is wrong.
    package init(file: String) throws {
        let map = try YAMLReader.read(path: file).map("the gate")
        try map.check(known: Self.keys, in: "a gate")
        run = try map.present("run")?.text("run")
        if let node = map.present("experiment") {
            experiment = try Self.path(of: node, beside: file)
        } else if run == nil {
            throw DocumentError(
                "a gate needs `experiment`, the experiment's file, or `run`, the id of one that was run",
                at: map.location)
        }
        failedLines = .atMost(0)
        if let node = map.present("failed_lines") {
            if case .scalar(.string("ignore")) = node.content {
                failedLines = .ignored
            } else {
                failedLines = .atMost(try node.integer("failed_lines"))
            }
        }
        rules = try map.required("rules", in: "a gate").list("rules").map(Self.rule)
        guard !rules.isEmpty else {
            throw DocumentError("a gate without rules lets everything pass; give it one", at: map.location)
        }
    }

    private static func path(of node: YAMLNode, beside file: String) throws -> String {
        let name = try node.text("experiment")
        if name.hasPrefix("/") { return name }
        var folder = URL(fileURLWithPath: file).standardizedFileURL.deletingLastPathComponent().path
        while true {
            let candidate = "\(folder)/\(name)"
            if FileManager.default.fileExists(atPath: candidate) { return candidate }
            let parent = (folder as NSString).deletingLastPathComponent
            guard parent != folder, !FileManager.default.fileExists(atPath: "\(folder)/pawang.yaml") else { break }
            folder = parent
        }
        throw DocumentError(
            "the experiment `\(name)` does not exist; paths are relative to the gate's folder or the workspace",
            at: node.location)
    }

    private static func rule(_ node: YAMLNode) throws -> Rule {
        let map = try node.map("a rule")
        try map.check(known: ruleKeys, in: "a rule")
        let metric = try map.required("metric", in: "a rule").text("metric")
        let variant = try map.required("variant", in: "a rule").text("variant")
        var bounds: [Bound] = []
        if let node = map.present("at_least") { bounds.append(.atLeast(try node.number("at_least"))) }
        if let node = map.present("at_most") { bounds.append(.atMost(try node.number("at_most"))) }
        if let node = map.present("not_worse_than") {
            let margin = try map.present("by_more_than")?.number("by_more_than") ?? 0
            guard margin >= 0 else { throw DocumentError("`by_more_than` must not be negative", at: node.location) }
            bounds.append(.notWorse(than: try node.text("not_worse_than"), margin: margin))
        }
        guard bounds.count == 1 else {
            throw DocumentError(
                "a rule has one of `at_least`, `at_most` and `not_worse_than`; write several rules for several bounds",
                at: map.location)
        }
        return Rule(metric: metric, variant: variant, bound: bounds[0], location: map.location)
    }
}

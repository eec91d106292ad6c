import Domain
import Foundation

/// Reads one node from its YAML map.
enum NodeReader {
    static func read(_ map: YAMLMap, name: String) throws -> NodeDefinition {
        var node = NodeDefinition(name: name, kind: try kind(map, name: name), location: map.location)
        node.source = try source(map, name: name)
        if let inputs = map.present("inputs") {
            node.inputs = try inputs.map("inputs").entries.map {
                ($0.key, try InputAssignment($0.value.json, at: $0.value.location))
            }
        }
        node.connection = try optionalText(map, "connection")
        node.provider = try optionalText(map, "provider")
        node.api = try optionalText(map, "api")
        node.isAggregation = try (map.present("aggregation") ?? map.present("reduce"))?.flag("aggregation") ?? false
        node.activate = try activation(map, name: name)
        return node
    }

    /// Empty texts count as absent, as they do in files that the visual editor wrote.
    private static func optionalText(_ map: YAMLMap, _ key: String) throws -> String? {
        guard let text = try map.present(key)?.text(key), !text.isEmpty else { return nil }
        return text
    }

    private static func kind(_ map: YAMLMap, name: String) throws -> NodeKind {
        let node = try map.required("type", in: "the node `\(name)`")
        let word = try node.text("type")
        guard let kind = NodeKind(rawValue: word) else {
            let known = NodeKind.allCases.map(\.rawValue)
            throw FlowFailure(
                "FlowDefinitionError",
                "the node `\(name)` has the unknown type `\(word)`\(NearestName.hint(for: word, among: known))",
                at: node.location)
        }
        return kind
    }

    private static func source(_ map: YAMLMap, name: String) throws -> NodeSource? {
        guard let node = map.present("source") else { return nil }
        let source = try node.map("source")
        try source.check(known: ["type", "path", "tool"], in: "the source of `\(name)`")
        let word = try source.present("type")?.text("type") ?? "code"
        guard let kind = NodeSource.Kind(rawValue: word) else {
            throw FlowFailure(
                "FlowDefinitionError",
                "the source of `\(name)` has the unknown type `\(word)`; known are `code`, `package`, `package_with_prompt`",
                at: node.location)
        }
        return NodeSource(kind: kind, path: try optionalText(source, "path"), tool: try optionalText(source, "tool"))
    }

    private static func activation(_ map: YAMLMap, name: String) throws -> Activation? {
        guard let node = map.present("activate") else { return nil }
        let activate = try node.map("activate")
        try activate.check(known: ["when", "is"], in: "`activate` of `\(name)`")
        guard let when = activate.present("when"), let value = activate["is"] else {
            throw FlowFailure(
                "FlowDefinitionError", "`activate` of the node `\(name)` needs both `when` and `is`",
                at: activate.location)
        }
        return Activation(when: try InputAssignment(when.json, at: when.location), equals: value.json)
    }
}

extension FileManager {
    /// The path as a person would write it from here: relative if it is below the current folder.
    func currentRelativePath(of path: String) -> String {
        let here = currentDirectoryPath + "/"
        return path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
    }
}

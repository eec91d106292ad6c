import Domain
import Foundation
import Yams

/// Reads connections from YAML: our `connections.yaml` and prompt flow's file per connection.
///
/// Values are taken as they are written, not as YAML understands them: a key of digits must not become a number.
struct ConnectionFileReader {
    let file: String
    private let directory: String

    init(file: String) {
        self.file = file
        directory = (file as NSString).deletingLastPathComponent
    }

    /// The declarations of the file at `file`.
    ///
    /// Throws with file, line and column; never shows a value.
    static func declarations(in file: String) throws -> [ConnectionDeclaration] {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw PlainFailure("ConnectionInvalid", "\(file) cannot be read.")
        }
        return try ConnectionFileReader(file: file).declarations(in: String(decoding: data, as: UTF8.self))
    }

    func declarations(in text: String) throws -> [ConnectionDeclaration] {
        guard !AliasBomb.isPossible(in: text) else {
            throw PlainFailure(
                "ConnectionInvalid", "\(file): has collections as keys beside many aliases; write them out.")
        }
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch let error as YamlError { throw failure(error) }
        guard let root else { return [] }
        guard let mapping = root.mapping else { throw failure("expected `name: {type: …}`.", at: root) }
        if mapping["type"]?.scalar != nil, let name = mapping["name"] {
            return [try declaration(named: self.text(name, "name"), root)]
        }
        guard let list = mapping["connections"] else { return try declarations(by: mapping) }
        if let elements = list.sequence {
            return try elements.map { element in
                guard let name = element.mapping?["name"] else {
                    throw failure("a connection needs a `name`.", at: element)
                }
                return try declaration(named: self.text(name, "name"), element)
            }
        }
        guard let named = list.mapping else { throw failure("expected a list or `name: {type: …}`.", at: list) }
        return try declarations(by: named)
    }

    private func declarations(by mapping: Node.Mapping) throws -> [ConnectionDeclaration] {
        try mapping.filter { $0.key.string != "$schema" }.map { try declaration(named: text($0.key, "name"), $0.value) }
    }

    private func declaration(named name: String, _ node: Node) throws -> ConnectionDeclaration {
        guard let mapping = node.mapping else { throw failure("connection `\(name)` must be a mapping.", at: node) }
        guard let typeNode = mapping["type"] ?? mapping["connection_type"] else {
            throw failure("connection `\(name)` needs a `type`.", at: node)
        }
        let word = try text(typeNode, "type")
        var declaration = try ConnectionDeclaration(
            name: name, typeWord: word, fields: [:], directory: directory, location: location(of: typeNode))
        let schema = ConnectionSchema.of(declaration.type, word: word)
        for (keyNode, value) in mapping {
            let key = try text(keyNode, "a key")
            if ["name", "type", "connection_type"].contains(key) || ConnectionSchema.ignored.contains(key) { continue }
            guard schema.isOpen || schema.fields.contains(key) else {
                throw failure(
                    "connection `\(name)` of type \(word) has no field `\(key.prefix(60))`"
                        + NearestName.hint(for: key, among: schema.fields + ["type"]), at: keyNode)
            }
            if declaration.type == .custom, key == "configs" || key == "secrets" {
                try addValues(of: value, as: key, to: &declaration)
            } else {
                declaration.fields[key] = .init(try text(value, key), at: location(of: value))
            }
        }
        return declaration
    }

    private func addValues(of node: Node, as kind: String, to declaration: inout ConnectionDeclaration) throws {
        guard node.null == nil else { return }
        guard let mapping = node.mapping else { throw failure("`\(kind)` must be a mapping.", at: node) }
        for (keyNode, value) in mapping {
            let key = try text(keyNode, "a key")
            declaration.fields[key] = .init(try text(value, key), at: location(of: value))
            if kind == "secrets" { declaration.declaredSecrets.insert(key) }
        }
    }

    private func text(_ node: Node, _ what: String) throws -> String {
        guard let scalar = node.scalar else { throw failure("`\(what)` must be a single value.", at: node) }
        // `null`, `~` and nothing mean that the value is to come from elsewhere.
        return node.null == nil ? scalar.string : ""
    }

    private func location(of node: Node) -> SourceLocation {
        SourceLocation(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    private func failure(_ sentence: String, at node: Node) -> PlainFailure {
        PlainFailure("ConnectionInvalid", "\(location(of: node)): \(sentence)")
    }

    /// The parser's own description shows the line, and with it a secret; only place and problem are kept.
    private func failure(_ error: YamlError) -> PlainFailure {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            PlainFailure(
                "ConnectionInvalid", "\(SourceLocation(file: file, line: mark.line, column: mark.column)): \(problem).")
        default: PlainFailure("ConnectionInvalid", "\(file): the file is not valid YAML.")
        }
    }
}

import Domain
import Evaluation
import Foundation
import Registry
import Testing

@testable import Flows
@testable import Providers

/// The published JSON Schemas: `Sources/CAssets/schemas`.
@Suite("Published schemas say what the readers accept")
struct ConformanceSchemaTests {
    private static let root = ConformanceEnvironment.folder.deletingLastPathComponent().deletingLastPathComponent()

    private static func document(_ kind: String) throws -> JSONValue {
        try JSONValue(parsing: Data(contentsOf: root.appending(path: "Sources/CAssets/schemas/\(kind).schema.json")))
    }

    /// The names of properties at a place of a schema.
    private static func names(_ kind: String, at path: String...) throws -> [String] {
        var place = try document(kind)
        for step in path { place = try #require(place[step] ?? place.array.flatMap { $0[Int(step) ?? 0] }) }
        return try #require(place["properties"]?.object).keys.sorted()
    }

    @Test("The keys of each file are those that its reader knows")
    func keys() throws {
        #expect(try Self.names("workspace") == WorkspaceConfiguration.keys.sorted())
        #expect(try Self.names("flow") == DagReader.flowKeys.sorted())
        #expect(try Self.names("flow", at: "$defs", "input") == DagReader.inputKeys.sorted())
        #expect(try Self.names("flow", at: "$defs", "output") == DagReader.outputKeys.sorted())
        #expect(try Self.names("flow", at: "$defs", "node") == DagReader.nodeKeys.sorted())
        #expect(try Self.names("prompty") == PromptyReader.keys.sorted())
        #expect(try Self.names("prompty", at: "properties", "model") == PromptyReader.modelKeys.sorted())
        #expect(try Self.names("experiment") == ExperimentReader.keys.sorted())
        let datasets = try Self.names("experiment", at: "properties", "datasets", "items")
        // `reference` belongs to the datasets of evaluators.
        #expect((datasets + ["reference"]).sorted() == ExperimentReader.datasetKeys.sorted())
        let evaluators = try Self.names("experiment", at: "properties", "evaluators", "items", "anyOf", "1")
        #expect(evaluators == ExperimentReader.evaluatorKeys.sorted())
        #expect(try Self.names("evaluator") == EvaluatorFile.keys.sorted())
        #expect(try Self.names("gate") == Gate.keys.sorted())
        #expect(try Self.names("gate", at: "properties", "rules", "items") == Gate.ruleKeys.sorted())
    }

    @Test("Each type of connection has the fields that its reader takes")
    func connections() throws {
        for type in ConnectionType.allCases {
            let fields = ConnectionSchema.of(type, word: type.rawValue).fields + ["name", "type", "connection_type"]
            #expect(
                try Self.names("connections", at: "$defs", type.rawValue)
                    == (fields + ConnectionSchema.ignored).sorted())
        }
    }

    @Test("The inputs of native nodes and the settings of llm nodes are those that the nodes know")
    func nodeInputs() throws {
        let node = try #require(try Self.document("flow")["$defs"]?["node"])
        let kinds = try #require(node["properties"]?["type"]?["enum"]?.array).compactMap(\.string)
        #expect(kinds.sorted() == NodeKind.allCases.map(\.rawValue).sorted())
        for rule in node["allOf"]?.array ?? [] {
            let word = try #require(rule["if"]?["properties"]?["type"]?["const"]?.string)
            let names = try #require(rule["then"]?["properties"]?["inputs"]?["properties"]?.object).keys.sorted()
            if let expected = NodeKind(rawValue: word).flatMap(NativeInputs.names) {
                #expect(names == expected.sorted())
            }
            if word == "llm" {
                let settings = Set(LLMInputs.parameters(api: .chat).keys).union(
                    LLMInputs.parameters(api: .completion).keys)
                #expect(names == settings.union(LLMInputs.own).union(LLMInputs.modelNames).sorted())
            }
        }
    }

    @Test(
        "Each schema has a title, a description, and a description for every key",
        arguments: ["workspace", "connections", "flow", "prompty", "experiment", "evaluator", "gate", "recording"])
    func described(_ kind: String) throws {
        let document = try Self.document(kind)
        _ = try JSONSchema(document)
        #expect(document["title"]?.string?.isEmpty == false && document["description"]?.string?.isEmpty == false)
        func check(_ value: JSONValue, _ path: String) {
            for (name, member) in value["properties"]?.object ?? [:]
            where !path.contains("/allOf") && !path.contains("/anyOf") {
                if case .bool = member { continue }
                let isCondition = path.hasSuffix("/if") || path.hasSuffix("/then") || path.hasSuffix("/else")
                #expect(isCondition || member["description"]?.string?.isEmpty == false, "\(kind)\(path)/\(name)")
            }
            for (key, member) in value.object ?? [:] { check(member, "\(path)/\(key)") }
            for (index, member) in (value.array ?? []).enumerated() { check(member, "\(path)/\(index)") }
        }
        check(document, "")
    }

    @Test("The repository's own files are valid by the schemas")
    func ownFiles() throws {
        var checked: [String: Int] = [:]
        for folder in ["examples", "Sources/CAssets/templates", "Tests/conformance"] {
            let files = FileManager.default.enumerator(atPath: Self.root.appending(path: folder).path)
            while let name = files?.nextObject() as? String {
                guard let kind = Self.kind(of: name), !Self.isWrongOnPurpose(name) else { continue }
                let schema = try JSONSchema(Self.document(kind))
                for value in try Self.values(in: Self.root.appending(path: "\(folder)/\(name)").path, kind: kind) {
                    let violations = schema.violations(of: value, limit: 2)
                    #expect(violations.isEmpty, "\(folder)/\(name): \(violations)")
                    checked[kind, default: 0] += 1
                }
            }
        }
        for kind in ["workspace", "connections", "flow", "prompty", "experiment", "evaluator", "gate", "recording"] {
            #expect(checked[kind, default: 0] > 0, "no file of the kind \(kind)")
        }
    }

    private static let refusedTable: [(String, String)] = [
        ("workspace", "flow: x"), ("flow", "inputs: {a: {default: 1}}"), ("flow", "nodes: [{name: a, type: jsn}]"),
        ("flow", "nodes: [{name: a, type: json, inputs: {pth: x}}]"), ("flow", "imputs: {}"), ("flow", "nodes: {}"),
        ("prompty", "name: x"), ("prompty", "model: {apii: chat}"), ("connections", "c: {type: open_ai, apikey: x}"),
        ("connections", "c: {type: opn_ai}"), ("connections", "c: {api_key: x}"), ("experiment", "flow: x"),
        ("experiment", "{name: x, design: some}"), ("experiment", "{name: x, variants: {a: [{node: b}]}}"),
        ("evaluator", "{name: x, kind: judge, evaluator: relevance, rubric: {task: t, levels: {1: a, 2: b}}}"),
        ("evaluator", "{name: x, kind: flow, flow: f}"), ("gate", "{experiment: e, rules: []}"),
        ("gate", "{experiment: e, rules: [{metric: m, variant: v, at_least: 1, at_most: 2}]}"),
        ("gate", "{rules: [{metric: m, variant: v, at_least: 1}]}"),
        ("recording", "{key: x, response: {}}"),
    ]

    @Test("What a reader refuses, its schema refuses", arguments: refusedTable)
    func refuses(_ kind: String, _ yaml: String) throws {
        let value = try YAMLReader.read(text: yaml, file: "x").json
        #expect(!(try JSONSchema(Self.document(kind)).violations(of: value, limit: 1)).isEmpty)
    }

    /// The kind of file that a path means, by where it is.
    private static func kind(of path: String) -> String? {
        let parts = path.split(separator: "/")
        guard let file = parts.last else { return nil }
        let folder = parts.dropLast().last ?? ""
        switch (folder, file) {
        case (_, "pawang.yaml"): return "workspace"
        case (_, "connections.yaml"): return "connections"
        case (_, "flow.dag.yaml"): return "flow"
        case (_, _) where file.hasSuffix(".prompty"): return "prompty"
        case ("experiments", _) where file.hasSuffix(".yaml"): return "experiment"
        case ("evaluators", _) where file.hasSuffix(".yaml"): return "evaluator"
        case ("gates", _) where file.hasSuffix(".yaml"): return "gate"
        case ("recordings", _) where file.hasSuffix(".jsonl"): return "recording"
        default: return nil
        }
    }

    /// Conformance cases 36 to 46 and 50 are flows that the reader refuses.
    private static func isWrongOnPurpose(_ path: String) -> Bool {
        guard let number = Int(path.prefix(2)) else { return false }
        return (36...46).contains(number) || number == 50
    }

    private static func values(in path: String, kind: String) throws -> [JSONValue] {
        switch kind {
        case "recording":
            return try Data(contentsOf: URL(filePath: path)).split(separator: 0x0A).map { try JSONValue(parsing: $0) }
        case "prompty":
            let text = try TextFile.read(path: path)
            let front = text.components(separatedBy: "---\n").dropFirst().first ?? ""
            return [try YAMLReader.read(text: front, file: path).json]
        default: return [try YAMLReader.read(path: path).json]
        }
    }
}

import Domain
import Foundation
import Testing

@testable import Gateway

/// The gateway's part of `workspace.schema.json`.
@Suite("The workspace's schema says what the gateway's reader accepts")
struct WorkspaceSchemaTests {
    private static let root = ConformanceEnvironment.folder.deletingLastPathComponent().deletingLastPathComponent()

    private static func document() throws -> JSONValue {
        try JSONValue(
            parsing: Data(contentsOf: root.appending(path: "Sources/CAssets/schemas/workspace.schema.json")))
    }

    private static func names(_ path: String...) throws -> [String] {
        var place = try document()
        for step in path { place = try #require(place[step]) }
        return try #require(place["properties"]?.object).keys.sorted()
    }

    @Test("The keys of each section are those of its reader")
    func keys() throws {
        #expect(try Self.names("properties", "gateway") == ServerSettings.keys.sorted())
        #expect(
            try Self.names("properties", "gateway", "properties", "limits") == ServerSettings.limitKeys.sorted())
        #expect(
            try Self.names("properties", "gateway", "properties", "ledger") == ServerSettings.ledgerKeys.sorted())
        let model = ["properties", "models", "additionalProperties"]
        #expect(try Self.names(model[0], model[1], model[2]) == ModelsReader.keys.sorted())
        let target = model + ["properties", "targets", "items"]
        #expect(
            try Self.names(target[0], target[1], target[2], target[3], target[4], target[5])
                == TargetReader.keys.sorted())
        #expect(try Self.names("properties", "budgets", "items") == BudgetsReader.keys.sorted())
    }

    @Test("The documented example is right, by the schema and by the reader")
    func example() throws {
        let page = try String(
            contentsOf: Self.root.appending(path: "docs/reference/configuration.md"), encoding: .utf8)
        let example = try #require(page.split(separator: "```yaml\n").dropFirst().first?.split(separator: "```").first)
        let node = try YAMLReader.read(text: "name: w\n\(example)", file: "example")
        #expect(try JSONSchema(Self.document()).violations(of: node.json, limit: 5).isEmpty)
        let map = try node.map("example")
        let reading = ConfigurationReading(
            GatewaySections(gateway: map["gateway"], models: map["models"], budgets: map["budgets"]),
            connections: ["openai", "openai-second", "azure", "anthropic"].map {
                ConnectionFact(name: $0, type: .openAI)
            })
        #expect(reading.problems.map(\.message) == [])
        #expect(reading.configuration.models.count >= 2 && !reading.configuration.budgets.isEmpty)
    }

    @Test(
        "What the reader refuses, the schema refuses",
        arguments: [
            "gateway: {lisen: x}", "gateway: {idle: 30}", "gateway: {limits: {body: 32}}",
            "gateway: {unknown_prices: maybe}", "models: {m: {}}", "models: {m: {targets: []}}",
            "models: {m: {targets: [{model: x}]}}", "models: {m: {targets: [{connection: c, weight: -1}]}}",
            "models: {m: {targets: [{connection: c, timeouts: {total: 1s}}]}}",
            "models: {m: {targets: [{connection: c}], retries: {share: 0.2}}}",
            "models: {m: {targets: [{connection: c}], on_disconnect: stop}}", "budgets: {}",
            "budgets: [{scope: global, per: week, limit: 1 USD}]", "budgets: [{scope: global, per: day, limit: 200}]",
        ])
    func refused(yaml: String) throws {
        let node = try YAMLReader.read(text: "name: w\n\(yaml)", file: "x")
        #expect(!(try JSONSchema(Self.document()).violations(of: node.json, limit: 1)).isEmpty)
    }
}

import Domain
import Testing

@testable import Evaluation

@Suite("JSON Schema")
struct JSONSchemaTests {
    @Test("16,000 random verdicts are those of Python's jsonschema, drafts 7 and 2020-12")
    func parity() throws {
        var compared = 0
        for row in try Reference.rows("json_schema") {
            let document = try #require(row["schema"])
            let schema = try JSONSchema(document)
            for (value, verdict) in zip(row["values"]?.array ?? [], row["valid"]?.array ?? []) {
                #expect(.bool(schema.accepts(value)) == verdict, "\(value.text()) against \(document.text())")
                compared += 1
            }
        }
        #expect(compared == 16_000)
    }

    @Test("Every violation is named with its place")
    func places() throws {
        let schema = try JSONSchema([
            "type": "object", "required": ["name", "tags"],
            "properties": [
                "name": ["type": "string", "minLength": 2], "a/b~c": ["type": "integer"],
                "tags": ["type": "array", "items": ["type": "string"], "maxItems": 1],
            ],
            "additionalProperties": false,
        ])
        let violations = schema.violations(of: ["name": "x", "a/b~c": 1.5, "extra": 1, "tags": ["a", 2]])
        #expect(
            Set(violations.map { "\($0.path) \($0.keyword)" }) == [
                "/name minLength", "/a~1b~0c type", "/extra additionalProperties", "/tags/1 type", "/tags maxItems",
            ])
        #expect(schema.violations(of: ["name": "x"]).map(\.message).contains("`tags` is missing"))
        #expect(schema.violations(of: 5, limit: 1).count == 1)
    }

    @Test("Recursive references work, and a reference to itself ends")
    func recursion() throws {
        let tree = try JSONSchema([
            "$ref": "#/$defs/node",
            "$defs": [
                "node": [
                    "type": "object", "required": ["value"],
                    "properties": ["value": ["type": "integer"], "next": ["$ref": "#/$defs/node"]],
                ]
            ],
        ])
        #expect(tree.accepts(["value": 1, "next": ["value": 2]]))
        #expect(tree.violations(of: ["value": 1, "next": ["value": "x"]]).map(\.path) == ["/next/value"])
        let circle = try JSONSchema(["$ref": "#"])
        #expect(!circle.accepts(1))
        let named = try JSONSchema([
            "$defs": ["a": ["$anchor": "number", "type": "number"]], "items": ["$ref": "#number"],
        ])
        #expect(named.accepts([1]))
        #expect(!named.accepts(["x"]))
    }

    @Test(
        "What cannot be honoured is refused when the schema is read",
        arguments: [
            (["unevaluatedProperties": false], "/unevaluatedProperties", "unsupported keyword"),
            (["properties": ["a": ["unevaluatedItems": false]]], "/properties/a/unevaluatedItems", "unsupported"),
            (["$dynamicRef": "#x"], "/$dynamicRef", "unsupported"),
            (["$ref": "#/$defs/none"], "/$ref", "leads nowhere"),
            (["$ref": "https://example.com/a"], "/$ref", "in this document"), (["type": "text"], "/type", "JSON type"),
            (["pattern": "("], "/pattern", "regular expression"), (["minLength": -1], "/minLength", "whole number"),
            (["anyOf": []], "/anyOf", "list of schemas"), (["items": [["type": "string"]]], "/items", "prefixItems"),
            (["required": "a"], "/required", "list of strings"), (["multipleOf": 0], "/multipleOf", "above 0"),
            (["$schema": "http://json-schema.org/draft-04/schema#"], "/$schema", "draft"),
            (["$schema": "https://example.com/draft2020-12/mine"], "/$schema", "mine"), (5, "", "schema is an object"),
        ] as [(JSONValue, String, String)])
    func refused(schema: JSONValue, path: String, part: String) {
        let problem = #expect(throws: JSONSchema.Problem.self) { try JSONSchema(schema) }
        #expect(problem?.path == path)
        #expect(problem?.problem.contains(part) == true, "\(problem?.problem ?? "")")
    }

    @Test("A pattern that takes too much work does not match instead of running for ever")
    func boundedPattern() throws {
        let schema = try JSONSchema(["pattern": "^(a+)+$"])
        #expect(schema.accepts("aaaa"))
        #expect(!schema.accepts(.string(String(repeating: "a", count: 60) + "!")))
        #expect(BoundedPattern("^(a+)+$")?.search(String(repeating: "a", count: 60) + "!") == .gaveUp)
    }
}

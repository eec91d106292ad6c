import Domain
import Testing

@testable import Flows

@Suite("A flow's digest")
struct FlowDigestTests {
    private static let base = """
        inputs: {a: {type: string}, b: {type: int, default: 1}}
        outputs: {o: {type: string, reference: "${x.output}"}}
        nodes:
          - {name: x, type: prompt, source: {type: code, path: x.jinja2}, inputs: {a: "${inputs.a}", b: "${inputs.b}"}}
          - {name: y, type: json, inputs: {text: "1"}}
        """

    private static func digest(
        _ yaml: String, sources: [String: String] = ["x.jinja2": "{{a}}"], subflows: [String: Digest] = [:]
    ) throws -> Digest {
        FlowDigest(definition: try FlowFolder.definition(yaml), sources: sources, subflows: subflows).digest
    }

    @Test("Comments, layout, descriptions and the place on disk do not count")
    func same() throws {
        let laidOut = """
            # A comment.
            description: says nothing to a run
            inputs:
              a:
                type: string   # another
                description: a text
              b: {type: int, default: 1}

            outputs:
              o:
                type: string
                reference: ${x.output}
            nodes:
            - name: x
              type: prompt
              source:
                type: code
                path: x.jinja2
              inputs:
                a: ${inputs.a}
                b: ${inputs.b}
            - name: y
              type: json
              inputs:
                text: "1"
            """
        #expect(try Self.digest(Self.base) == Self.digest(laidOut))
    }

    private static let differentTable: [(String, String)] = [
        ("a: {type: string}, b: {type: int, default: 1}", "b: {type: int, default: 1}, a: {type: string}"),
        ("name: y", "name: z"),
        ("default: 1", "default: 2"), ("type: int", "type: double"), ("{o: ", "{p: "), ("${x.output}", "${y.output}"),
        ("b: \"${inputs.b}\"", "b: \"${inputs.a}\""), ("text: \"1\"", "text: \"2\""), ("type: json", "type: score"),
        ("path: x.jinja2", "path: y.jinja2"), ("text: \"1\"}}", "text: \"1\"}, activate: {when: 1, is: 1}}"),
        ("text: \"1\"}}", "text: \"1\"}, aggregation: true}"),
    ]

    @Test("Names, order, types, defaults, references and settings count", arguments: differentTable)
    func different(_ found: String, _ replacement: String) throws {
        let changed = Self.base.replacing(found, with: replacement)
        #expect(changed != Self.base)
        #expect(try Self.digest(changed) != Self.digest(Self.base))
    }

    @Test("The order of nodes counts")
    func order() throws {
        var lines = Self.base.split(separator: "\n")
        lines.swapAt(3, 4)
        #expect(try Self.digest(lines.joined(separator: "\n")) != Self.digest(Self.base))
    }

    @Test("Content and names of sources count, and so do the flows that nodes call")
    func sources() throws {
        let digest = try Self.digest(Self.base)
        #expect(try Self.digest(Self.base, sources: ["x.jinja2": "{{a}} "]) != digest)
        #expect(try Self.digest(Self.base, sources: ["z.jinja2": "{{a}}"]) != digest)
        #expect(try Self.digest(Self.base, sources: [:]) != digest)
        #expect(try Self.digest(Self.base, subflows: ["y": Digest(of: "inner")]) != digest)
        #expect(try Self.digest(Self.base, sources: ["x.jinja2": "{{a}}"]) == digest)
    }
}

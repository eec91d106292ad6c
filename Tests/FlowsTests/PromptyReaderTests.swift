import Domain
import Testing

@testable import Flows

@Suite("Prompty files")
struct PromptyReaderTests {
    private func read(_ text: String, files: [String: String] = [:], environment: [String: String] = [:]) throws -> (
        flow: FlowDefinition, prompt: Prompty
    ) {
        let folder = try FlowFolder(files.merging(["greet.prompty": text]) { $1 })
        return try PromptyReader(environment: environment).read(file: "\(folder.path)/greet.prompty")
    }

    private static func prompty(
        _ more: String = "", model: String = "{api: chat, configuration: {connection: c, model: m}}",
        body: String = "user:\n{{a}}\n"
    ) -> String {
        "---\nname: Greet\nmodel: \(model)\n\(more)---\n\(body)"
    }

    @Test("A prompty is a flow with one node, named after the file")
    func one() throws {
        let (flow, prompt) = try read(
            Self.prompty(
                "inputs: {a: {type: string, default: x}}\n",
                model: "{configuration: {connection: c, azure_deployment: d}, parameters: {temperature: 0.5}}"))
        #expect(flow.name == "Greet" && flow.nodes.map(\.name) == ["greet"] && flow.nodes[0].connection == "c")
        #expect(flow.nodes[0].inputs.map(\.name) == ["temperature", "model", "prompt:a"])
        #expect(flow.nodes[0].inputs[1].value == .literal("d"))
        #expect(flow.inputs[0].defaultValue == "x" && flow.inputs[0].type == .string)
        #expect(prompt.body == "user:\n{{a}}\n" && prompt.bodyLine == 6 && prompt.response == "first")
    }

    @Test("A blank line may stand before the front matter, and the line ends may be those of Windows")
    func blank() throws {
        #expect(try read("\n" + Self.prompty()).prompt.bodyLine == 6)
        #expect(try read(Self.prompty().replacing("\n", with: "\r\n")).flow.name == "Greet")
    }

    @Test("The first closing rule ends the front matter; later ones are text")
    func rule() throws {
        #expect(try read(Self.prompty(body: "user:\na\n---\nb\n")).prompt.body == "user:\na\n---\nb\n")
    }

    @Test("Variables are replaced where they are set, and stay as they are where they are not")
    func variables() throws {
        let text = Self.prompty(model: "{configuration: {connection: \"${env:CON}\", model: \"${env:UNSET}\"}}")
        let flow = try read(text, environment: ["CON": "given"]).flow
        #expect(flow.nodes[0].connection == "given" && flow.nodes[0].inputs[0].value == .literal("${env:UNSET}"))
    }

    @Test("Files are read as what they are")
    func files() throws {
        let files = ["s.json": "{\"a\": 3}", "p.yaml": "temperature: 0.25\n", "n.txt": "named"]
        let text =
            "---\nname: ${file:n.txt}\nmodel: {configuration: {connection: c}, parameters: \"${file:p.yaml}\"}\nsample: ${file:s.json}\n---\nuser:\nx\n"
        let flow = try read(text, files: files).flow
        #expect(flow.name == "named" && flow.sample == ["a": 3])
        #expect(flow.nodes[0].inputs[0].name == "temperature" && flow.nodes[0].inputs[0].value == .literal(0.25))
    }

    @Test("Without inputs the sample tells their names and types")
    func sample() throws {
        let flow = try read(Self.prompty("sample: {n: 1, x: 1.5, t: a, l: [], o: {}, f: true}\n")).flow
        #expect(flow.inputs.map(\.name) == ["n", "x", "t", "l", "o", "f"])
        #expect(flow.inputs.map(\.type) == [.int, .double, .string, .list, .object, .bool])
    }

    @Test("The short form of an input is its default, and other words for types are known")
    func shortForm() throws {
        let flow = try read(Self.prompty("inputs: {a: 5, b: {type: array}, c: {type: number, default: null}, d: }\n"))
            .flow
        #expect(flow.inputs.map(\.type) == [.int, .list, .double, .string])
        #expect(flow.inputs.map(\.defaultValue) == [5, nil, nil, nil])
    }

    private static let refusesTable: [(String, String)] = [
        ("user:\nhi\n", "greet.prompty:1:1: a prompty begins with `---`"), ("---\nname: x\n", "greet.prompty:1:1"),
        ("", "greet.prompty:1:1"),
        ("---\nname: x\n---\nuser:\n", "needs `model`"), ("---\nmodl: {}\n---\n", "greet.prompty:2:1"),
        ("---\nname: x\nmodel: {apii: chat}\n---\n", "greet.prompty:3:9"),
        ("\n---\nname: [\n---\n", "greet.prompty:"),
        ("---\nmodel: {}\ninputs: {a: {type: strin}}\n---\n", "`strin`"),
        ("---\nmodel: {}\nsample: ${file:gone.json}\n---\n", "`gone.json`"),
    ]

    @Test("What is wrong is named with its line in the file", arguments: refusesTable)
    func refuses(_ text: String, _ says: String) {
        let failure = #expect(throws: (any Error).self) { try read(text) }
        #expect((failure as? any Failure)?.message.contains(says) == true)
    }
}

import Domain
import Foundation

/// Reads `.prompty` files: a front matter in YAML, then a chat prompt.
///
/// The flow has one node, named after the file.
struct PromptyReader {
    static let keys = [
        "name", "description", "version", "authors", "tags", "model", "inputs", "outputs", "sample", "template", "base",
        "environment",
    ]
    static let modelKeys = ["api", "configuration", "parameters", "response"]

    let environment: [String: String]

    /// The flow, and the prompt's text.
    func read(file: String) throws -> (flow: FlowDefinition, prompt: Prompty) {
        let shown = FileManager.default.currentRelativePath(of: file)
        let text = try TextFile.read(path: file, shownAs: shown)
        let (front, body, bodyLine) = try split(text, file: shown)
        let directory = (file as NSString).deletingLastPathComponent
        let stem = ((file as NSString).lastPathComponent as NSString).deletingPathExtension
        let map = try YAMLReader.read(text: front, file: shown).map("the front matter")
        try map.check(known: Self.keys, in: "a prompty")
        let values = try interpolate(.object(map.json), directory: directory)
        guard let model = values["model"]?.object else {
            throw FlowFailure("FlowDefinitionError", "a prompty needs `model`", at: map.location)
        }
        try map.required("model", in: "a prompty").map("model").check(known: Self.modelKeys, in: "`model`")
        var sample = values["sample"]?.object ?? [:]
        if let name = values["sample"]?.string { sample = try content(of: name, directory: directory).object ?? [:] }
        var flow = FlowDefinition(
            format: .prompty, name: values["name"]?.string ?? stem, file: file, directory: directory)
        flow.inputs = try inputs(map, values: values, sample: sample)
        flow.outputs = [
            FlowOutput(name: "output", reference: .node(stem, path: []), location: map.location)
        ]
        var node = NodeDefinition(name: stem, kind: .llm, location: map.location)
        node.api = model["api"]?.string ?? "chat"
        node.inputs = (model["parameters"]?.object ?? [:]).map { ($0, .literal($1)) }
        let configuration = model["configuration"]?.object ?? [:]
        if let deployment = configuration["azure_deployment"] ?? configuration["model"] {
            node.inputs.append(("model", .literal(deployment)))
        }
        node.inputs += flow.inputs.map { (LLMInputs.promptPrefix + $0.name, .flowInput($0.name)) }
        node.connection = configuration["connection"]?.string
        flow.nodes = [node]
        flow.sample = sample
        let prompt = Prompty(
            body: body, bodyLine: bodyLine, configuration: configuration,
            response: model["response"]?.string ?? "first",
            outputNames: values["outputs"]?.object?.keys ?? [])
        return (flow, prompt)
    }

    /// The front matter ends at the first line of dashes after it begins.
    ///
    /// Prompt flow takes the last such line of the whole file, which breaks prompts that contain a rule; that is
    /// not copied.
    private func split(_ text: String, file: String) throws(FlowFailure) -> (front: String, body: String, bodyLine: Int)
    {
        // By scalars: as a character, the line end of Windows is not "\n".
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { Substring($0) }
        func isFence(_ line: Substring) -> Bool {
            let bare = line.hasSuffix("\r") ? line.dropLast() : line
            return bare.count >= 3 && bare.allSatisfy { $0 == "-" }
        }
        let start = lines.firstIndex { !$0.allSatisfy(\.isWhitespace) }
        guard let start, isFence(lines[start]),
            let end = lines[(start + 1)...].firstIndex(where: isFence)
        else {
            throw FlowFailure(
                "FlowDefinitionError", "a prompty begins with `---`, its settings in YAML, and `---` again",
                at: SourceLocation(file: file, line: 1, column: 1))
        }
        // Blank lines in front keep the line numbers of messages true.
        let front = String(repeating: "\n", count: start + 1) + lines[(start + 1)..<end].joined(separator: "\n")
        return (front, lines[(end + 1)...].joined(separator: "\n"), end + 2)
    }

    private func inputs(_ map: YAMLMap, values: JSONValue, sample: JSONObject) throws -> [FlowInput] {
        guard let declared = map.present("inputs") else {
            return sample.map { name, value in
                FlowInput(name: name, type: Self.type(of: value), location: map.location)
            }
        }
        return try declared.map("inputs").entries.map { entry in
            var input = FlowInput(name: entry.key, type: .string, location: entry.location)
            guard case .map(let declaration) = entry.value.content else {
                // The short form: the value itself is the default.
                if !entry.value.isNull {
                    input.defaultValue = entry.value.json
                    input.type = Self.type(of: entry.value.json)
                }
                return input
            }
            try declaration.check(known: DagReader.inputKeys + ["sample"], in: "the input `\(entry.key)`")
            if let word = try declaration.present("type")?.text("type") {
                guard let type = ValueType(rawValue: Self.typeWords[word] ?? word) else {
                    throw DocumentError(
                        "the input `\(entry.key)` has the unknown type `\(word)`", at: declaration["type"]?.location)
                }
                input.type = type
            }
            if let value = values["inputs"]?[entry.key]?["default"], !value.isNull { input.defaultValue = value }
            input.isChatInput = try declaration.present("is_chat_input")?.flag("is_chat_input") ?? false
            input.description = declaration.present("description")?.json.string
            input.isChatHistory = try declaration.present("is_chat_history")?.flag("is_chat_history") ?? false
            return input
        }
    }

    private static let typeWords = [
        "array": "list", "number": "double", "integer": "int", "boolean": "bool", "dict": "object",
    ]

    private static func type(of value: JSONValue) -> ValueType {
        switch value {
        case .int: .int
        case .double: .double
        case .bool: .bool
        case .array: .list
        case .object: .object
        default: .string
        }
    }

    /// Replaces `${env:NAME}` (left as it is where unset) and `${file:path}` (JSON and YAML files parsed) in texts.
    private func interpolate(_ value: JSONValue, directory: String) throws -> JSONValue {
        switch value {
        case .array(let elements): return .array(try elements.map { try interpolate($0, directory: directory) })
        case .object(let object):
            return .object(JSONObject(try object.map { ($0, try interpolate($1, directory: directory)) }))
        case .string(let text):
            if text.hasPrefix("${file:"), text.hasSuffix("}") {
                return try content(of: String(text.dropFirst(7).dropLast()), directory: directory)
            }
            if text.hasPrefix("${env:"), text.hasSuffix("}"),
                let set = environment[String(text.dropFirst(6).dropLast())]
            {
                return .string(set)
            }
            return value
        default: return value
        }
    }

    private func content(of name: String, directory: String) throws -> JSONValue {
        let path = name.hasPrefix("/") ? name : "\(directory)/\(name)"
        if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            return try YAMLReader.read(path: path, shownAs: name).json
        }
        let text = try TextFile.read(path: path, shownAs: name)
        guard name.hasSuffix(".json") else { return .string(text) }
        do { return try JSONValue(parsing: text) } catch { throw DocumentError("`\(name)`: \(error)", at: nil) }
    }
}

/// What a prompty says beyond a flow's node.
struct Prompty: Sendable {
    var body: String
    /// The line of the file on which the body begins.
    var bodyLine: Int
    /// `type`, `azure_endpoint`, `api_key`… of the connection that is written into the file.
    var configuration: JSONObject
    /// `first`: the text; `all`: the whole answer.
    var response: String
    /// With `response_format: json_object`, the keys that are returned; empty for all.
    var outputNames: [String]
}

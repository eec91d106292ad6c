import Domain
import Foundation

/// Reads `flow.flex.yaml`: a Python function or class that is a flow by itself.
struct FlexReader {
    static let keys = [
        "$schema", "entry", "init", "inputs", "outputs", "sample", "environment", "environment_variables", "name",
        "description",
        "display_name", "tags", "type", "language", "additional_includes", "chat_group", "code",
    ]

    func read(file: String) throws -> FlowDefinition {
        let map = try YAMLReader.read(path: file, shownAs: FileManager.default.currentRelativePath(of: file)).map(
            "the flow")
        try map.check(known: Self.keys, in: "a flex flow")
        let directory = (file as NSString).deletingLastPathComponent
        let entry = try map.required("entry", in: "a flex flow")
        var flow = FlowDefinition(
            format: .flex, name: try map.present("name")?.text("name") ?? (directory as NSString).lastPathComponent,
            file: file, directory: directory)
        let text = try entry.text("entry")
        guard text.contains(":") else {
            throw FlowFailure(
                "FlowDefinitionError", "`entry` is `module:function` or `module:Class`, not `\(text)`",
                at: entry.location)
        }
        flow.entry = text
        flow.environment = try map.present("environment_variables")?.map("environment_variables").json ?? [:]
        for (name, declared) in map.present("init")?.json.object ?? [:] {
            if let value = declared["default"], !value.isNull { flow.initialization[name] = value }
        }
        let sample = map.present("sample")?.json
        flow.initialization.merge(sample?["init"]?.object ?? [:])
        flow.sample = sample?["inputs"]?.object ?? [:]
        flow.additionalIncludes =
            try map.present("additional_includes")?.list("additional_includes").map {
                try $0.text("additional_includes")
            } ?? []
        if let inputs = map.present("inputs") {
            flow.inputs = try inputs.map("inputs").entries.map { input in
                let declaration = try input.value.map("inputs.\(input.key)")
                return FlowInput(
                    name: input.key,
                    type: ValueType(rawValue: try declaration.present("type")?.text("type") ?? "object") ?? .object,
                    defaultValue: declaration.present("default")?.json, location: input.location)
            }
        }
        return flow
    }
}

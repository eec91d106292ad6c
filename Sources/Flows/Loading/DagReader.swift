import Domain
import Foundation

/// Reads `flow.dag.yaml`: prompt flow's keys, unchanged, and our node types.
struct DagReader {
    /// Variants to use instead of the defaults, by node.
    let chosenVariants: [String: String]

    /// Keys of prompt flow's own files, seen in use or in its schema; some mean nothing to a run.
    static let flowKeys = [
        "$schema", "type", "name", "id", "version", "display_name", "description", "tags", "inputs", "outputs", "nodes",
        "node_variants", "environment", "environment_variables", "additional_includes", "message_format", "language",
        "tools", "path", "entry", "sample", "init", "is_archived", "flow_type", "flow_tools_json_path", "remote",
        "code",
    ]
    static let inputKeys = [
        "type", "default", "description", "is_chat_input", "is_chat_history", "enum", "is_multi_select", "ui_hints",
    ]
    static let outputKeys = ["type", "reference", "description", "is_chat_output", "evaluation_only"]
    static let nodeKeys = [
        "name", "type", "source", "inputs", "tool", "provider", "api", "connection", "module", "use_variants",
        "activate",
        "aggregation", "reduce", "skip", "comment", "enable_cache", "description", "ui_hints",
    ]

    func read(file: String) throws -> FlowDefinition {
        let shown = FileManager.default.currentRelativePath(of: file)
        let root = try YAMLReader.read(path: file, shownAs: shown)
        let map = try root.map("the flow")
        try map.check(known: Self.flowKeys, in: "a flow")
        let directory = (file as NSString).deletingLastPathComponent
        var flow = FlowDefinition(
            format: .dag,
            name: try map.present("name").map { try $0.text("name") } ?? (directory as NSString).lastPathComponent,
            file: file, directory: directory)
        if let language = try map.present("language")?.text("language"), language != "python" {
            throw FlowFailure(
                "FlowDefinitionError", "the flow's language is `\(language)`; Pawang runs `python` flows",
                at: map["language"]?.location)
        }
        flow.inputs = try inputs(map)
        flow.outputs = try outputs(map)
        let variants = try readVariants(map)
        flow.variants = variants.map(\.summary)
        try checkChosen(variants)
        for node in try map.present("nodes")?.list("nodes") ?? [] {
            flow.nodes.append(try self.node(node, variants: variants))
        }
        flow.environment = try map.present("environment_variables")?.map("environment_variables").json ?? [:]
        flow.additionalIncludes =
            try map.present("additional_includes")?.list("additional_includes").map {
                try $0.text("additional_includes")
            } ?? []
        if case .map(let environment)? = map.present("environment")?.content {
            flow.requirements = try environment.present("python_requirements_txt")?.text("python_requirements_txt")
        }
        return flow
    }

    private func inputs(_ map: YAMLMap) throws -> [FlowInput] {
        guard let inputs = map.present("inputs") else { return [] }
        return try inputs.map("inputs").entries.map { entry in
            let declaration = try entry.value.map("inputs.\(entry.key)")
            try declaration.check(known: Self.inputKeys, in: "the input `\(entry.key)`")
            return FlowInput(
                name: entry.key, type: try valueType(declaration, of: "the input `\(entry.key)`"),
                defaultValue: declaration.present("default")?.json,
                isChatInput: try declaration.present("is_chat_input")?.flag("is_chat_input") ?? false,
                isChatHistory: try declaration.present("is_chat_history")?.flag("is_chat_history") ?? false,
                description: declaration.present("description")?.json.string, location: entry.location)
        }
    }

    private func valueType(_ declaration: YAMLMap, of what: String) throws -> ValueType {
        let node = try declaration.required("type", in: what)
        let word = try node.text("type")
        guard let type = ValueType(rawValue: word) else {
            throw DocumentError(
                "\(what) has the unknown type `\(word)`\(NearestName.hint(for: word, among: ValueType.allCases.map(\.rawValue)))",
                at: node.location)
        }
        return type
    }

    private func outputs(_ map: YAMLMap) throws -> [FlowOutput] {
        guard let outputs = map.present("outputs") else { return [] }
        return try outputs.map("outputs").entries.map { entry in
            let declaration = try entry.value.map("outputs.\(entry.key)")
            try declaration.check(known: Self.outputKeys, in: "the output `\(entry.key)`")
            guard let reference = declaration.present("reference"), reference.json != .string("") else {
                throw FlowFailure(
                    "EmptyOutputReference",
                    "the output `\(entry.key)` has no reference; write `reference: ${NODE.output}`",
                    at: entry.location)
            }
            return FlowOutput(
                name: entry.key, reference: try InputAssignment(reference.json, at: reference.location),
                isChatOutput: try declaration.present("is_chat_output")?.flag("is_chat_output") ?? false,
                isEvaluationOnly: try declaration.present("evaluation_only")?.flag("evaluation_only") ?? false,
                type: declaration.present("type")?.json.string.flatMap { ValueType(rawValue: $0) },
                description: declaration.present("description")?.json.string,
                location: reference.location)
        }
    }

    private func node(_ node: YAMLNode, variants: [Variants]) throws -> NodeDefinition {
        let declared = try node.map("a node")
        try declared.check(known: Self.nodeKeys, in: "a node")
        let name = try declared.required("name", in: "a node").text("name")
        let usesVariants = try declared.present("use_variants")?.flag("use_variants") ?? false
        guard usesVariants else { return try NodeReader.read(declared, name: name) }
        guard let own = variants.first(where: { $0.summary.node == name }) else {
            throw FlowFailure(
                "FlowDefinitionError", "the node `\(name)` uses variants, but `node_variants` has no `\(name)`",
                at: declared.location)
        }
        let wanted = chosenVariants[name] ?? own.summary.defaultVariant
        guard let variant = own.nodes[wanted] else {
            throw FlowFailure(
                "VariantNotFound",
                "the node `\(name)` has no variant `\(wanted)`\(NearestName.hint(for: wanted, among: own.summary.all))",
                at: own.location)
        }
        try variant.check(known: Self.nodeKeys, in: "a variant of `\(name)`")
        return try NodeReader.read(variant, name: name)
    }

    private struct Variants {
        var summary: NodeVariants
        var nodes: [String: YAMLMap]
        var location: SourceLocation
    }

    private func readVariants(_ map: YAMLMap) throws -> [Variants] {
        guard let declared = map.present("node_variants") else { return [] }
        return try declared.map("node_variants").entries.map { entry in
            let node = try entry.value.map("node_variants.\(entry.key)")
            try node.check(known: ["default_variant_id", "variants"], in: "the variants of `\(entry.key)`")
            let variants = try node.required("variants", in: "`node_variants.\(entry.key)`").map("variants")
            var nodes: [String: YAMLMap] = [:]
            for variant in variants.entries {
                let body = try variant.value.map("the variant `\(variant.key)`")
                try body.check(known: ["node", "description"], in: "the variant `\(variant.key)`")
                nodes[variant.key] = try body.required("node", in: "the variant `\(variant.key)`").map("node")
            }
            let all = variants.entries.map(\.key)
            let fallback = try node.required("default_variant_id", in: "`node_variants.\(entry.key)`")
            let name = try fallback.text("default_variant_id")
            guard nodes[name] != nil else {
                throw FlowFailure(
                    "VariantNotFound",
                    "the default variant `\(name)` of `\(entry.key)` does not exist\(NearestName.hint(for: name, among: all))",
                    at: fallback.location)
            }
            return Variants(
                summary: NodeVariants(node: entry.key, defaultVariant: name, all: all), nodes: nodes,
                location: entry.location)
        }
    }

    private func checkChosen(_ variants: [Variants]) throws {
        for node in chosenVariants.keys.sorted() where !variants.contains(where: { $0.summary.node == node }) {
            throw FlowFailure(
                "VariantNotFound",
                "the flow has no variants for a node `\(node)`\(NearestName.hint(for: node, among: variants.map(\.summary.node)))"
            )
        }
    }
}

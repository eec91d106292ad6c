package import Domain

/// An evaluator that a workspace defines in `evaluators/NAME.yaml`.
///
/// ```yaml
/// name: polite
/// kind: judge                 # deterministic | judge | flow
/// evaluator: relevance        # deterministic and judge: a name of the catalogue…
/// rubric:                     # …or, for a judge, a rubric of one's own
///   inputs: [query, response]
///   task: Grade how polite the response is.
///   levels: {1: rude, 3: neutral, 5: kind}
/// flow: flows/grade           # flow: which
/// outputs: [grade]            # flow: which outputs are metrics
/// connection: aoai            # judge
/// model: gpt-4o               # judge
/// parameters: {threshold: 4}
/// mappings: {response: "${run.outputs.answer}"}
/// ```
package struct EvaluatorFile: Sendable {
    /// How an evaluator comes to its scores.
    package enum Kind: Sendable {
        case deterministic(EvaluatorUse)
        case judge(JudgeDefinition)
        case flow(FlowDefinition)
    }

    /// A judge, without the model that a connection leads to.
    package struct JudgeDefinition: Sendable {
        package let entry: JudgeCatalogue.Entry
        package let connection: String?
        package let model: String?
        package let modelSettings: JSONObject
        package let parameters: JSONObject
        package let mappings: JSONObject
    }

    /// A flow evaluator, without the flow itself.
    package struct FlowDefinition: Sendable {
        package let flow: String
        package let outputs: [MetricDefinition]
        package let threshold: Double?
        package let mappings: JSONObject
    }

    package let name: String
    package let kind: Kind

    /// The keys that a file may have.
    package static let keys = [
        "name", "description", "kind", "evaluator", "rubric", "flow", "outputs", "connection", "model", "settings",
        "parameters",
        "mappings", "direction",
    ]

    /// Reads a file.
    ///
    /// Throws ``DocumentError`` or ``EvaluatorError`` with the place and what is wrong.
    package init(path: String, shownAs shown: String? = nil) throws {
        try self.init(YAMLReader.read(path: path, shownAs: shown))
    }

    package init(_ document: YAMLNode) throws {
        let map = try document.map("an evaluator file")
        try map.check(known: Self.keys, in: "an evaluator file")
        name = try map.required("name", in: "an evaluator file").text("name")
        let kindNode = try map.required("kind", in: "an evaluator file")
        let allowed: [String]
        switch try kindNode.text("kind") {
        case "deterministic":
            allowed = ["evaluator"]
            kind = .deterministic(try Self.deterministic(map, name))
        case "judge":
            allowed = ["evaluator", "rubric", "connection", "model", "settings", "direction"]
            kind = .judge(try Self.judge(map, name))
        case "flow":
            allowed = ["flow", "outputs", "direction"]
            kind = .flow(try Self.flow(map))
        case let other:
            let hint = NearestName.hint(for: other, among: ["deterministic", "judge", "flow"])
            throw DocumentError("`kind` is `\(other)`\(hint)", at: kindNode.location)
        }
        let common = ["name", "description", "kind", "parameters", "mappings"]
        for entry in map.entries where !(allowed + common).contains(entry.key) && !entry.key.hasPrefix("x-") {
            throw DocumentError("`\(entry.key)` means nothing for an evaluator of this kind", at: entry.location)
        }
    }

    private static func object(_ key: String, _ map: YAMLMap) throws -> JSONObject {
        try map.present(key)?.map(key).json ?? [:]
    }

    /// Puts the place of `key` before what is wrong with it.
    private static func located<Result>(_ map: YAMLMap, _ key: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as EvaluatorError {
            throw DocumentError(error.message, at: map[key]?.location ?? map.location)
        }
    }

    private static func deterministic(_ map: YAMLMap, _ name: String) throws -> EvaluatorUse {
        let node = try map.required("evaluator", in: "a deterministic evaluator")
        let evaluator = try node.text("evaluator")
        _ = try located(map, "evaluator") { try EvaluatorCatalogue.find(evaluator) }
        let (parameters, mappings) = (try object("parameters", map), try object("mappings", map))
        return try located(map, parameters.isEmpty ? "mappings" : "parameters") {
            let use = try EvaluatorUse(name: name, evaluator: evaluator, parameters: parameters, mappings: mappings)
            _ = try EvaluatorSet([use])
            return use
        }
    }

    private static func judge(_ map: YAMLMap, _ name: String) throws -> JudgeDefinition {
        let entry: JudgeCatalogue.Entry
        if let node = map.present("rubric") {
            guard map.present("evaluator") == nil else {
                throw DocumentError("a judge has either `evaluator` or `rubric`, not both", at: node.location)
            }
            entry = JudgeCatalogue.Entry(
                name: name, aliases: [], summary: "", kind: .rubric(try rubric(node), try direction(map)))
        } else {
            let node = try map.required("evaluator", in: "a judge without `rubric`")
            let wanted = try node.text("evaluator")
            guard let found = JudgeCatalogue.find(wanted) else {
                let hint = NearestName.hint(for: wanted, among: JudgeCatalogue.all.map(\.name))
                throw DocumentError("there is no judge `\(wanted)`\(hint)", at: node.location)
            }
            entry = found
        }
        return JudgeDefinition(
            entry: entry, connection: try map.present("connection")?.text("connection"),
            model: try map.present("model")?.text("model"), modelSettings: try object("settings", map),
            parameters: try object("parameters", map), mappings: try object("mappings", map))
    }

    private static func direction(_ map: YAMLMap) throws -> MetricDirection {
        guard let node = map.present("direction") else { return .higher }
        guard let direction = MetricDirection(rawValue: try node.text("direction")) else {
            throw DocumentError("`direction` must be `higher` or `lower`", at: node.location)
        }
        return direction
    }

    private static func rubric(_ node: YAMLNode) throws -> Rubric {
        let map = try node.map("rubric")
        try map.check(known: ["inputs", "optional", "task", "levels", "steps"], in: "a rubric")
        func texts(_ key: String) throws -> [String] { try map.present(key)?.list(key).map { try $0.text(key) } ?? [] }
        let levelsNode = try map.required("levels", in: "a rubric")
        var levels: [(score: Int, meaning: String)] = []
        for entry in try levelsNode.map("levels").entries {
            guard let score = Int(entry.key) else {
                throw DocumentError("a level must be a whole number, not `\(entry.key)`", at: entry.location)
            }
            levels.append((score, try entry.value.text("levels")))
        }
        guard Set(levels.map(\.score)).count >= 2 else {
            throw DocumentError("a rubric needs at least two levels", at: levelsNode.location)
        }
        levels.sort { $0.score < $1.score }
        let inputs = try texts("inputs")
        return Rubric(
            inputs: inputs.isEmpty ? ["response"] : inputs, optional: try texts("optional"),
            task: try map.required("task", in: "a rubric").text("task"), levels: levels, steps: try texts("steps"))
    }

    private static func flow(_ map: YAMLMap) throws -> FlowDefinition {
        let direction = try direction(map)
        let outputs = try map.required("outputs", in: "a flow evaluator")
        let names = try outputs.list("outputs").map { try $0.text("outputs") }
        guard !names.isEmpty, Set(names).count == names.count else {
            throw DocumentError("`outputs` must name at least one output, each once", at: outputs.location)
        }
        let parameters = try object("parameters", map)
        let settings = try located(map, "parameters") { try EvaluatorSettings(parameters, of: "flow", parameters: []) }
        return FlowDefinition(
            flow: try map.required("flow", in: "a flow evaluator").text("flow"),
            outputs: names.map { MetricDefinition($0, direction: direction) }, threshold: settings.number("threshold"),
            mappings: try object("mappings", map))
    }
}

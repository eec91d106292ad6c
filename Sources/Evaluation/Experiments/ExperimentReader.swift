import Domain
import Foundation

/// Reads experiment files: ours, and those of the GenAIOps prompt flow template with their overlays, unchanged.
package struct ExperimentReader {
    package static let keys = [
        "name", "flow", "baseline", "design", "variants", "connections", "datasets", "evaluators", "primary",
        "repetitions", "seed",
        "limits", "concurrency", "runtime", "description", "ignore_clusters",
    ]
    package static let datasetKeys = [
        "name", "source", "mappings", "description", "cluster", "limit", "expected", "reference",
    ]
    package static let evaluatorKeys = [
        "name", "evaluator", "flow", "datasets", "mappings", "parameters", "connection", "model", "description",
    ]
    /// What an overlay may replace, each whole.
    private static let overlayKeys = ["datasets", "evaluators", "connections", "runtime"]

    let file: String
    let directory: String
    private let shown: String

    package init(file: String) {
        self.file = URL(fileURLWithPath: file).standardizedFileURL.path
        directory = (self.file as NSString).deletingLastPathComponent
        shown = file
    }

    /// The experiment, with the overlay `experiment.<environment>.yaml` beside the file over it where there is one.
    package func read(environment: String? = nil) throws -> Experiment {
        let map = try YAMLReader.read(path: file, shownAs: shown).map("the experiment")
        try map.check(known: Self.keys, in: "an experiment")
        let overlay = try environment.flatMap(overlayMap)
        func block(_ key: String) -> YAMLNode? {
            // A block that is there but empty clears the base's; one that is absent leaves it.
            if let overlay, overlay[key] != nil, Self.overlayKeys.contains(key) { return overlay.present(key) }
            return map.present(key)
        }
        let name = try map.required("name", in: "an experiment").text("name")
        var experiment = Experiment(
            name: name, flow: try map.present("flow")?.text("flow") ?? name, directory: directory, factors: [],
            design: nil, datasets: [],
            evaluators: [], repetitions: 1, seed: 0, connections: [:], declaredConnections: [], concurrency: 4,
            ignoresClusters: false)
        if let node = map.present("design") {
            guard let design = Experiment.Design(rawValue: try node.text("design")) else {
                throw DocumentError("`design` is `all` or `one_at_a_time`", at: node.location)
            }
            experiment.design = design
        }
        experiment.factors = try map.present("variants").map(factors) ?? []
        experiment.baseline = try map.present("baseline")?.text("baseline")
        experiment.primary = try map.present("primary")?.text("primary")
        experiment.repetitions = try bounded(map.present("repetitions"), "repetitions", 1...1000) ?? 1
        experiment.seed = try map.present("seed")?.integer("seed") ?? 0
        experiment.concurrency = try bounded(map.present("concurrency"), "concurrency", 1...1000) ?? 4
        experiment.ignoresClusters = try map.present("ignore_clusters")?.flag("ignore_clusters") ?? false
        try readConnections(block("connections"), into: &experiment)
        try readLimits(map.present("limits"), into: &experiment)
        experiment.datasets = try datasets(block("datasets"), at: map.location)
        experiment.evaluators = try evaluators(block("evaluators"), datasets: experiment.datasets)
        return experiment
    }

    private func overlayMap(_ environment: String) throws -> YAMLMap? {
        let stem = (file as NSString).deletingPathExtension
        for ending in ["yaml", "yml"] {
            let path = "\(stem).\(environment).\(ending)"
            guard FileManager.default.fileExists(atPath: path) else { continue }
            let node = try YAMLReader.read(path: path)
            if node.isNull { return nil }
            let map = try node.map("the overlay")
            try map.check(known: Self.keys, in: "an overlay")
            return map
        }
        return nil
    }

    private func bounded(_ node: YAMLNode?, _ key: String, _ range: ClosedRange<Int>) throws -> Int? {
        guard let node else { return nil }
        let value = try node.integer(key)
        guard range.contains(value) else {
            throw DocumentError("`\(key)` must be from \(range.lowerBound) to \(range.upperBound)", at: node.location)
        }
        return value
    }

    private func readLimits(_ node: YAMLNode?, into experiment: inout Experiment) throws {
        guard let node else { return }
        let limits = try node.map("limits")
        try limits.check(known: ["max_calls", "max_cost_usd"], in: "`limits`")
        experiment.maximumCalls = try bounded(limits.present("max_calls"), "max_calls", 0...Int.max)
        experiment.maximumCostUSD = try limits.present("max_cost_usd")?.number("max_cost_usd")
    }

    private func readConnections(_ node: YAMLNode?, into experiment: inout Experiment) throws {
        guard let node else { return }
        switch node.content {
        case .map(let map):
            for entry in map.entries { experiment.connections[entry.key] = try entry.value.text(entry.key) }
        case .list(let declared):
            experiment.declaredConnections = try declared.map { try $0.map("a connection").json }
        case .scalar:
            throw DocumentError(
                "`connections` is a map of nodes to connections, or a list of declarations", at: node.location)
        }
    }

    private func factors(_ node: YAMLNode) throws -> [Experiment.Factor] {
        try node.map("variants").entries.map { entry in
            var ids: Set<String> = []
            let levels = try entry.value.list("variants.\(entry.key)").map { node in
                let level = try level(node, factor: entry.key)
                guard ids.insert(level.id).inserted else {
                    throw DocumentError("the factor `\(entry.key)` has two levels `\(level.id)`", at: node.location)
                }
                return level
            }
            guard !levels.isEmpty else {
                throw DocumentError("the factor `\(entry.key)` has no levels", at: entry.location)
            }
            return Experiment.Factor(name: entry.key, levels: levels)
        }
    }

    private func level(_ node: YAMLNode, factor: String) throws -> Experiment.Level {
        let map = try node.map("a level of `\(factor)`")
        try map.check(
            known: ["id", "node", "variant", "set", "connection", "variants", "connections"],
            in: "a level of `\(factor)`")
        var level = Experiment.Level(id: try map.required("id", in: "a level of `\(factor)`").text("id"))
        if let variant = map.present("variant") {
            level.variants[try map.required("node", in: "a level with a `variant`").text("node")] = try variant.text(
                "variant")
        }
        for entry in try map.present("variants")?.map("variants").entries ?? [] {
            level.variants[entry.key] = try entry.value.text(entry.key)
        }
        if let connection = map.present("connection") {
            level.connections[try map.present("node")?.text("node") ?? "*"] = try connection.text("connection")
        }
        for entry in try map.present("connections")?.map("connections").entries ?? [] {
            level.connections[entry.key] = try entry.value.text(entry.key)
        }
        for entry in try map.present("set")?.map("set").entries ?? [] {
            guard let dot = entry.key.firstIndex(of: ".") else {
                throw DocumentError("a setting is `NODE.INPUT: VALUE`, not `\(entry.key)`", at: entry.location)
            }
            let input = String(entry.key[entry.key.index(after: dot)...])
            level.overrides[String(entry.key[..<dot]), default: [:]][input] = entry.value.json
        }
        return level
    }

    private func datasets(_ node: YAMLNode?, at location: SourceLocation) throws -> [ExperimentDataset] {
        guard let node else { throw DocumentError("an experiment needs `datasets`", at: location) }
        var names: Set<String> = []
        let nodes = try node.list("datasets")
        guard !nodes.isEmpty else { throw DocumentError("`datasets` is empty; name at least one", at: node.location) }
        return try nodes.map { node in
            let map = try node.map("a dataset")
            try map.check(known: Self.datasetKeys, in: "a dataset")
            if let reference = map["reference"] {
                throw DocumentError("a base dataset has no `reference`", at: reference.location)
            }
            let name = try map.required("name", in: "a dataset").text("name")
            guard names.insert(name).inserted else {
                throw DocumentError("two datasets are named `\(name)`", at: map.location)
            }
            let source = try map.required("source", in: "the dataset `\(name)`")
            return ExperimentDataset(
                name: name, source: try path(of: source),
                mappings: try map.present("mappings")?.map("mappings").json ?? [:],
                cluster: try map.present("cluster")?.text("cluster"),
                limit: try bounded(map.present("limit"), "limit", 1...Int.max),
                expected: try map.present("expected")?.text("expected"))
        }
    }

    /// A source beside the file, in its `data` folder, or in a folder above it.
    private func path(of node: YAMLNode) throws -> String {
        let source = try node.text("source")
        guard !source.hasPrefix("azureml:") else {
            throw DocumentError("`\(source)` is a dataset in Azure; download it and name the file", at: node.location)
        }
        if source.hasPrefix("/") { return source }
        var folder = directory
        while true {
            for candidate in ["\(folder)/\(source)", "\(folder)/data/\(source)"]
            where FileManager.default.fileExists(atPath: candidate) {
                return URL(fileURLWithPath: candidate).standardizedFileURL.path
            }
            let parent = (folder as NSString).deletingLastPathComponent
            guard parent != folder, !FileManager.default.fileExists(atPath: "\(folder)/pawang.yaml") else { break }
            folder = parent
        }
        throw DocumentError(
            "the dataset `\(source)` does not exist; paths are relative to the experiment's folder or the workspace",
            at: node.location)
    }

    private func evaluators(_ node: YAMLNode?, datasets: [ExperimentDataset]) throws -> [ExperimentEvaluator] {
        guard let node else { return [] }
        var names: Set<String> = []
        return try node.list("evaluators").map { node in
            if case .scalar(.string(let name)) = node.content {
                guard names.insert(name).inserted else {
                    throw DocumentError("two evaluators are named `\(name)`", at: node.location)
                }
                return ExperimentEvaluator(name: name, kind: .named(name), mappings: [:], parameters: [:], sources: [:])
            }
            let map = try node.map("an evaluator")
            try map.check(known: Self.evaluatorKeys, in: "an evaluator")
            let name = try map.required("name", in: "an evaluator").text("name")
            guard names.insert(name).inserted else {
                throw DocumentError("two evaluators are named `\(name)`", at: map.location)
            }
            var evaluator = ExperimentEvaluator(
                name: name, kind: .named(try map.present("evaluator")?.text("evaluator") ?? name),
                mappings: try map.present("mappings")?.map("mappings").json ?? [:],
                parameters: try map.present("parameters")?.map("parameters").json ?? [:], sources: [:],
                connection: try map.present("connection")?.text("connection"),
                model: try map.present("model")?.text("model"))
            if let flow = map.present("flow") { evaluator.kind = .flow(try flow.text("flow")) }
            guard let own = map.present("datasets") else { return evaluator }
            if map["evaluator"] == nil, map["flow"] == nil { evaluator.kind = .flow(name) }
            evaluator.datasets = [:]
            for node in try own.list("datasets") { try read(node, into: &evaluator, datasets: datasets) }
            return evaluator
        }
    }

    /// A dataset of an evaluator: the name of a base dataset, or a source of its own that belongs to one.
    private func read(_ node: YAMLNode, into evaluator: inout ExperimentEvaluator, datasets: [ExperimentDataset]) throws
    {
        let map = try node.map("a dataset of `\(evaluator.name)`")
        try map.check(known: Self.datasetKeys, in: "a dataset of `\(evaluator.name)`")
        let name = try map.required("name", in: "a dataset of `\(evaluator.name)`").text("name")
        let mappings = try map.present("mappings")?.map("mappings").json ?? [:]
        let known = datasets.map(\.name)
        func add(_ base: String) throws {
            guard evaluator.datasets?.updateValue(mappings, forKey: base) == nil else {
                throw DocumentError("`\(evaluator.name)` scores `\(base)` twice", at: map.location)
            }
        }
        guard let source = map.present("source") else {
            guard map["reference"] == nil else {
                throw DocumentError("`reference` goes with `source`", at: map.location)
            }
            guard known.contains(name) else {
                throw DocumentError(
                    "`\(evaluator.name)` scores `\(name)`, but there is no such dataset\(NearestName.hint(for: name, among: known))",
                    at: map.location)
            }
            try add(name)
            return
        }
        guard !known.contains(name) else {
            throw DocumentError("`\(name)` is a base dataset, so it has no `source` here", at: source.location)
        }
        let node = try map.required("reference", in: "a dataset with a `source` in an evaluator")
        let reference = try node.text("reference")
        guard known.contains(reference) else {
            throw DocumentError(
                "`reference` names `\(reference)`, but there is no such dataset\(NearestName.hint(for: reference, among: known))",
                at: node.location)
        }
        try add(reference)
        evaluator.sources[reference] = try path(of: source)
    }
}

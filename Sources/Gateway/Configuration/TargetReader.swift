import Domain

/// Reads one target of a model.
struct TargetReader {
    static let keys = [
        "id", "connection", "model", "weight", "when", "concurrency", "cool_down", "timeouts",
        "min_tokens_per_second", "max_output_tokens", "priced_as",
    ]
    static let conditionKeys = ["team", "key", "header", "input_tokens"]
    static let timeoutKeys = ["connect", "head", "first_token", "stall"]
    static let maximumConnections = 16

    let connections: [ConnectionFact]
    let log: ReadingLog

    func target(_ node: YAMLNode, path: String, model: String) -> TargetDeclaration? {
        let section = SectionReader(path: path, node: node, known: Self.keys, log: log)
        guard let map = section.map else { return nil }
        let names = section.texts("connection")
        guard !names.isEmpty else {
            log.problem("`\(path)` needs a `connection`", at: map.location)
            return nil
        }
        check(connections: names, at: section.location(of: "connection"))
        let upstream = section.read("model", default: model, text: { $0 }) { node, what throws(DocumentError) in
            try node.text(what)
        }
        if upstream.isEmpty { log.problem("`\(path).model` is empty", at: section.location(of: "model")) }
        let id = section.read("id", default: Self.identifier("\(names[0])/\(upstream)"), text: { $0 }) {
            node, what throws(DocumentError) in
            let text = try node.text(what)
            guard !text.isEmpty, text.utf8.count <= 200, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw DocumentError(
                    "`\(what)` must have from 1 to 200 characters of ASCII without spaces", at: node.location)
            }
            return text
        }
        var target = TargetDeclaration(id: id, connections: names, model: upstream)
        target.weight = section.integer("weight", default: target.weight, in: 0...1_000_000)
        target.conditions = conditions(section)
        target.concurrency = section.integer("concurrency", in: 1...1_000_000)
        target.coolDown = section.duration(
            "cool_down", default: target.coolDown, in: .zero...TargetState.longestCoolDown)
        readTimeouts(section, into: &target)
        target.minimumTokensPerSecond = section.read(
            "min_tokens_per_second", default: nil, text: { $0.map { "\($0)" } ?? "none" }
        ) { node, what throws(DocumentError) in
            let number = try node.number(what)
            guard number > 0, number <= 1_000_000 else {
                throw DocumentError("`\(what)` must be above 0 and at most 1000000", at: node.location)
            }
            return number
        }
        target.maximumOutputTokens = section.integer("max_output_tokens", in: 1...10_000_000)
        target.pricedAs = section.text("priced_as")
        return target
    }

    private func readTimeouts(_ section: SectionReader, into target: inout TargetDeclaration) {
        let range = Duration.milliseconds(1)...(.seconds(3600))
        let timeouts = section.section("timeouts", known: Self.timeoutKeys)
        target.connectTimeout = timeouts.duration("connect", default: target.connectTimeout, in: range)
        target.headTimeout = timeouts.duration("head", default: target.headTimeout, in: range)
        target.firstTokenTimeout = timeouts.duration("first_token", default: target.firstTokenTimeout, in: range)
        target.stallTimeout = timeouts.duration("stall", default: target.stallTimeout, in: range)
    }

    private func check(connections names: [String], at location: SourceLocation?) {
        if names.count > Self.maximumConnections {
            log.problem("a target may have \(Self.maximumConnections) connections", at: location)
        }
        for (index, name) in names.enumerated() {
            guard let fact = connections.first(where: { $0.name == name }) else {
                let hint = NearestName.hint(for: name, among: connections.map(\.name))
                log.problem("there is no connection `\(name)`\(hint)", at: location)
                continue
            }
            if names[..<index].contains(name) { log.problem("the connection `\(name)` is named twice", at: location) }
            if let problem = fact.problem {
                log.problem("the connection `\(name)` cannot be used: \(problem)", at: location)
            }
            if fact.type == .custom || fact.type == .replay {
                log.problem(
                    "the connection `\(name)` is of type \(fact.type?.rawValue ?? ""), which leads to no model that can be served",
                    at: location)
            }
        }
    }

    private func conditions(_ target: SectionReader) -> TargetConditions {
        var conditions = TargetConditions()
        let section = target.section("when", known: Self.conditionKeys)
        guard section.map != nil else {
            log.settings.append(EffectiveSetting(path: section.path, text: conditions.text, origin: .default))
            return conditions
        }
        conditions.teams = section.texts("team")
        conditions.keys = section.texts("key")
        conditions.headers = section.read("header", default: [:], text: Self.text(ofHeaders:)) {
            node, what throws(DocumentError) in
            var headers: [String: String] = [:]
            for entry in try node.map(what).entries {
                let name = entry.key.lowercased()
                guard !name.isEmpty, name.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") })
                else {
                    throw DocumentError(
                        "`\(what)` has `\(entry.key.shown)`, which is no header's name", at: entry.location)
                }
                headers[name] = try entry.value.text("\(what).\(entry.key)")
            }
            return headers
        }
        let tokens = section.section("input_tokens", known: ["min", "max"])
        guard tokens.map != nil else { return conditions }
        conditions.minimumInputTokens = tokens.integer("min", in: 0...1_000_000_000)
        conditions.maximumInputTokens = tokens.integer("max", in: 0...1_000_000_000)
        if let minimum = conditions.minimumInputTokens, let maximum = conditions.maximumInputTokens, minimum > maximum {
            log.problem(
                "`\(tokens.path)` can never hold: `min` is \(minimum) and `max` is \(maximum)", at: tokens.map?.location
            )
        }
        return conditions
    }

    /// A text as an id: it is sent in headers, so what is not plain ASCII becomes a hyphen.
    private static func identifier(_ text: String) -> String {
        String(decoding: text.utf8.map { (0x21...0x7E).contains($0) ? $0 : UInt8(ascii: "-") }, as: UTF8.self)
    }

    private static func text(ofHeaders headers: [String: String]) -> String {
        headers.isEmpty
            ? "none" : headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    }
}

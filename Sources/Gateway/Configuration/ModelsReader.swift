import Domain

/// Reads `models:`, the served models and how their calls are answered.
struct ModelsReader {
    static let keys = ["targets", "fallback", "retries", "cache", "on_disconnect"]
    /// More would make a call's choice slow.
    static let maximumTargets = 64
    static let maximumModels = 10_000
    /// What flows are called by.
    static let flowPrefix = "flow/"

    let connections: [ConnectionFact]
    let log: ReadingLog

    func models(_ node: YAMLNode) -> [ModelRoute] {
        do throws(DocumentError) {
            let map = try node.map("models")
            guard map.entries.count <= Self.maximumModels else {
                throw DocumentError("`models` may have \(Self.maximumModels) entries", at: node.location)
            }
            let models = map.entries.filter { !$0.key.hasPrefix("x-") }.map(model)
            checkFallbacks(models, in: map)
            return models
        } catch {
            log.problems.append(error)
            return []
        }
    }

    private func model(_ entry: YAMLMap.Entry) -> ModelRoute {
        let path = "models.\(entry.key)"
        if let problem = ModelRoute.problem(withName: entry.key) { log.problem(problem, at: entry.location) }
        let section = SectionReader(path: path, node: entry.value, known: Self.keys, log: log)
        var route = ModelRoute(name: entry.key, targets: targets(section, model: entry.key, entry))
        route.fallbacks = section.texts("fallback")
        let retries = section.section("retries", known: ["attempts", "share", "pause"])
        route.retries.attempts = retries.integer("attempts", default: route.retries.attempts, in: 1...10)
        route.retries.share = retries.read("share", default: route.retries.share, text: Quantity.text(ofShare:)) {
            node, what throws(DocumentError) in
            let text = try node.text(what)
            guard let share = Quantity.share(text) else {
                throw DocumentError(
                    "`\(what)` must be a share from 0% to 100%, such as 20%, but is `\(text.shown)`", at: node.location)
            }
            return share
        }
        route.retries.pause = retries.duration("pause", default: route.retries.pause, in: .zero...(.seconds(60)))
        if section.map?["cache"] != nil {
            let cache = section.section("cache", known: ["ttl", "shared"])
            var settings = CacheSettings()
            settings.timeToLive = cache.duration(
                "ttl", default: settings.timeToLive, in: .seconds(1)...(.seconds(30 * 86_400)))
            settings.isShared = cache.flag("shared", default: settings.isShared)
            route.cache = settings
        } else {
            log.settings.append(EffectiveSetting(path: "\(path).cache", text: "none", origin: .default))
        }
        route.onDisconnect = section.word("on_disconnect", default: route.onDisconnect)
        return route
    }

    private func targets(_ section: SectionReader, model: String, _ entry: YAMLMap.Entry) -> [TargetDeclaration] {
        guard let node = section.map?.present("targets") else {
            if section.map != nil { log.problem("the model `\(model)` needs `targets`", at: entry.location) }
            return []
        }
        do throws(DocumentError) {
            let elements = try node.list("\(section.path).targets")
            guard (1...Self.maximumTargets).contains(elements.count) else {
                throw DocumentError(
                    "the model `\(model)` must have from 1 to \(Self.maximumTargets) targets", at: node.location)
            }
            let reader = TargetReader(connections: connections, log: log)
            let targets = elements.enumerated().compactMap { index, element in
                reader.target(element, path: "\(section.path).targets.\(index)", model: model)
            }
            for (index, target) in targets.enumerated()
            where targets[..<index].contains(where: { $0.id == target.id }) {
                log.problem(
                    "two targets of `\(model)` have the id `\(target.id)`; give one of them an `id`", at: node.location)
            }
            if targets.count == elements.count, targets.allSatisfy({ $0.weight == 0 }) {
                log.problem(
                    "every target of `\(model)` has the weight 0: give at least one a share of the calls",
                    at: node.location)
            }
            return targets
        } catch {
            log.problems.append(error)
            return []
        }
    }

    /// Fallbacks must be known, name nobody twice and lead in no circle.
    private func checkFallbacks(_ models: [ModelRoute], in map: YAMLMap) {
        let routes = Dictionary(models.map { ($0.name, $0) }) { first, _ in first }
        for model in models {
            guard let place = map[model.name].flatMap({ try? $0.map("") })?["fallback"]?.location else { continue }
            for (index, name) in model.fallbacks.enumerated() {
                if routes[name] == nil {
                    let hint = NearestName.hint(for: name, among: models.map(\.name))
                    log.problem("`\(model.name)` falls back to the unknown model `\(name)`\(hint)", at: place)
                } else if model.fallbacks[..<index].contains(name) {
                    log.problem("`\(model.name)` falls back to `\(name)` twice", at: place)
                }
            }
            if let circle = Self.circle(from: model.name, routes) {
                // Told once, at its first model in the file.
                guard
                    circle.allSatisfy({ name in
                        (models.firstIndex { $0.name == name } ?? 0)
                            >= (models.firstIndex { $0.name == model.name } ?? 0)
                    })
                else { continue }
                log.problem(
                    "fallbacks lead in a circle: \((circle + [model.name]).map { "`\($0)`" }.joined(separator: " → "))",
                    at: place)
            }
        }
    }

    /// The models on the way from a model back to itself, or `nil` if there is no such way.
    private static func circle(from start: String, _ routes: [String: ModelRoute]) -> [String]? {
        var seen: Set<String> = []
        func search(_ name: String, _ way: [String]) -> [String]? {
            for next in routes[name]?.fallbacks ?? [] {
                if next == start { return way }
                guard seen.insert(next).inserted else { continue }
                if let found = search(next, way + [next]) { return found }
            }
            return nil
        }
        return search(start, [start])
    }
}

extension ModelRoute {
    /// Why a text cannot be a served model's name.
    static func problem(withName name: String) -> String? {
        if name.isEmpty || name.utf8.count > 200 { return "a model's name must have from 1 to 200 bytes" }
        if name.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F }) {
            return "the model's name `\(name.shown)` must not have spaces or control characters"
        }
        if name.hasPrefix(ModelsReader.flowPrefix) {
            return
                "the model's name `\(name.shown)` must not begin with `\(ModelsReader.flowPrefix)`: that is how flows are called"
        }
        return nil
    }

    /// The models of a workspace without `models:`: every connection that names a model gives one of that name, and
    /// connections that name the same one are its targets.
    static func models(of connections: [ConnectionFact], log: ReadingLog) -> [ModelRoute] {
        var models: [ModelRoute] = []
        for fact in connections where fact.problem == nil && fact.type != .custom && fact.type != .replay {
            guard let name = fact.model, problem(withName: name) == nil else { continue }
            let target = TargetDeclaration(id: "\(fact.name)/\(name)", connections: [fact.name], model: name)
            let index = models.firstIndex { $0.name == name } ?? models.count
            if index == models.count { models.append(ModelRoute(name: name, targets: [])) }
            let path = "models.\(name).targets.\(models[index].targets.count).connection"
            log.settings.append(EffectiveSetting(path: path, text: fact.name, origin: .connection(fact.name)))
            models[index].targets.append(target)
        }
        return models
    }
}

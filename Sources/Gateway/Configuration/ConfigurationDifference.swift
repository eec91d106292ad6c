/// What would change for callers between two configurations, a sentence each.
package struct ConfigurationDifference: Sendable, Equatable {
    /// In the order: models, budgets, server.
    ///
    /// Empty if nothing changes.
    package private(set) var sentences: [String] = []

    package init(from old: GatewayConfiguration, to new: GatewayConfiguration) {
        compareModels(old, new)
        compareBudgets(old, new)
        compareServers(old.server, new.server)
    }

    private mutating func say(_ sentence: String) { sentences.append(sentence) }

    private mutating func compareModels(_ old: GatewayConfiguration, _ new: GatewayConfiguration) {
        for model in new.models where old.route(of: model.name) == nil {
            say("model `\(model.name)` is added, with \(Self.list(model.targets.map(\.id)))")
        }
        for model in old.models where new.route(of: model.name) == nil { say("model `\(model.name)` is removed") }
        for model in new.models {
            guard let before = old.route(of: model.name), before != model else { continue }
            compare(before, model)
        }
    }

    private mutating func compare(_ old: ModelRoute, _ new: ModelRoute) {
        let model = "model `\(new.name)`"
        for target in new.targets where !old.targets.contains(where: { $0.id == target.id }) {
            say("\(model): target `\(target.id)` is added")
        }
        for target in old.targets where !new.targets.contains(where: { $0.id == target.id }) {
            say("\(model): target `\(target.id)` is removed")
        }
        for target in new.targets {
            guard let before = old.targets.first(where: { $0.id == target.id }), before != target else { continue }
            for change in Self.changes(before, target) { say("\(model): target `\(target.id)`: \(change)") }
        }
        let kept = Set(old.targets.map(\.id)).intersection(new.targets.map(\.id))
        if old.targets.map(\.id).filter(kept.contains) != new.targets.map(\.id).filter(kept.contains) {
            say("\(model): the order of its targets changes")
        }
        Self.change("fallback", Self.list(old.fallbacks), Self.list(new.fallbacks)).map { say("\(model): \($0)") }
        Self.change("retries", old.retries.text, new.retries.text).map { say("\(model): \($0)") }
        Self.change("cache", old.cache?.text ?? "none", new.cache?.text ?? "none").map { say("\(model): \($0)") }
        Self.change("on_disconnect", old.onDisconnect.rawValue, new.onDisconnect.rawValue).map {
            say("\(model): \($0)")
        }
    }

    private static func changes(_ old: TargetDeclaration, _ new: TargetDeclaration) -> [String] {
        [
            change("connection", list(old.connections), list(new.connections)),
            change("model", old.model, new.model),
            change("weight", "\(old.weight)", "\(new.weight)"),
            change("when", old.conditions.text, new.conditions.text),
            change("concurrency", text(old.concurrency), text(new.concurrency)),
            change("cool_down", Quantity.text(of: old.coolDown), Quantity.text(of: new.coolDown)),
            change("timeouts.connect", Quantity.text(of: old.connectTimeout), Quantity.text(of: new.connectTimeout)),
            change("timeouts.head", Quantity.text(of: old.headTimeout), Quantity.text(of: new.headTimeout)),
            change(
                "timeouts.first_token", old.firstTokenTimeout.map(Quantity.text(of:)) ?? "none",
                new.firstTokenTimeout.map(Quantity.text(of:)) ?? "none"),
            change("timeouts.stall", Quantity.text(of: old.stallTimeout), Quantity.text(of: new.stallTimeout)),
            change("min_tokens_per_second", text(old.minimumTokensPerSecond), text(new.minimumTokensPerSecond)),
            change("max_output_tokens", text(old.maximumOutputTokens), text(new.maximumOutputTokens)),
            change("priced_as", old.pricedAs ?? "none", new.pricedAs ?? "none"),
        ].compactMap { $0 }
    }

    private mutating func compareBudgets(_ old: GatewayConfiguration, _ new: GatewayConfiguration) {
        func same(_ rule: BudgetRule, in rules: [BudgetRule]) -> BudgetRule? {
            rules.first { $0.scope == rule.scope && $0.window == rule.window }
        }
        for rule in new.budgets {
            let limit = Quantity.text(ofNanoUSD: rule.limitNanoUSD)
            guard let before = same(rule, in: old.budgets) else {
                say("budget of \(rule.name), is added: \(limit)")
                continue
            }
            Self.change("limit", Quantity.text(ofNanoUSD: before.limitNanoUSD), limit)
                .map { say("budget of \(rule.name): \($0)") }
            Self.change("owner", before.owner ?? "none", rule.owner ?? "none").map {
                say("budget of \(rule.name): \($0)")
            }
        }
        for rule in old.budgets where same(rule, in: new.budgets) == nil { say("budget of \(rule.name), is removed") }
    }

    private mutating func compareServers(_ old: ServerSettings, _ new: ServerSettings) {
        let pairs = zip(old.texts, new.texts)
        for (before, after) in pairs {
            guard let change = Self.change(before.key, before.text, after.text) else { continue }
            say("gateway: \(change)\(ServerSettings.needingRestart.contains(before.key) ? " (takes a restart)" : "")")
        }
    }

    private static func change(_ what: String, _ old: String, _ new: String) -> String? {
        old == new ? nil : "`\(what)` changes from \(old) to \(new)"
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.map { "`\($0)`" }.joined(separator: ", ")
    }

    private static func text(_ value: (some CustomStringConvertible)?) -> String { value?.description ?? "none" }
}

extension RetrySettings {
    var text: String {
        "\(attempts) attempts, share \(Quantity.text(ofShare: share)), pause \(Quantity.text(of: pause))"
    }
}

extension CacheSettings {
    var text: String { "\(Quantity.text(of: timeToLive))\(isShared ? ", shared by all keys" : "")" }
}

extension TargetConditions {
    var text: String {
        var parts: [String] = []
        if !teams.isEmpty { parts.append("team \(teams.joined(separator: " or "))") }
        if !keys.isEmpty { parts.append("key \(keys.joined(separator: " or "))") }
        parts += headers.sorted { $0.key < $1.key }.map { "header \($0.key): \($0.value)" }
        if let minimumInputTokens { parts.append("at least \(minimumInputTokens) input tokens") }
        if let maximumInputTokens { parts.append("at most \(maximumInputTokens) input tokens") }
        return parts.isEmpty ? "always" : parts.joined(separator: " and ")
    }
}

extension ServerSettings {
    /// What a running server cannot change.
    package static let needingRestart: Set<String> = ["listen", "tls.certificate", "tls.key", "ledger.sync"]

    var texts: [(key: String, text: String)] {
        [
            ("listen", ListenAddress(host: host, port: port).text), ("tls.certificate", certificatePath ?? "none"),
            ("tls.key", privateKeyPath ?? "none"), ("insecure", "\(isInsecure)"),
            ("limits.body", Quantity.text(ofBytes: bodyLimit)), ("limits.answer", Quantity.text(ofBytes: answerLimit)),
            ("limits.connections", "\(connectionLimit)"), ("limits.requests", "\(requestLimit)"),
            ("idle", Quantity.text(of: idleTimeout)), ("deadline", Quantity.text(of: deadline)),
            ("drain", Quantity.text(of: drain)), ("unknown_prices", allowsUnknownPrices ? "allow" : "refuse"),
            ("ledger.sync", ledgerSync.rawValue),
            ("ledger.fail_open", failOpenScopes.isEmpty ? "none" : failOpenScopes.map(\.text).joined(separator: ", ")),
        ]
    }
}

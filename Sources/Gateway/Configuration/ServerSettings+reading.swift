import Domain

extension ServerSettings {
    static let keys = [
        "listen", "tls", "insecure", "limits", "idle", "deadline", "drain", "unknown_prices", "ledger",
    ]
    static let limitKeys = ["body", "answer", "connections", "requests"]
    static let ledgerKeys = ["sync", "fail_open"]

    private enum UnknownPrices: String, CaseIterable {
        case allow
        case refuse
    }

    /// Reads `gateway:`; what is wrong is noted.
    init(reading node: YAMLNode?, root: String, overrides: SettingOverrides, log: ReadingLog) {
        self.init()
        let section = SectionReader(path: "gateway", node: node, known: Self.keys, log: log, overrides: overrides)
        let address = section.read("listen", default: ListenAddress(host: host, port: port), text: \.text) {
            node, what throws(DocumentError) in
            try ListenAddress(node, what)
        }
        (host, port) = (address.host, address.port)
        let tls = section.section("tls", known: ["certificate", "key"])
        func path(_ key: String) -> String? {
            tls.text(key).map { $0.hasPrefix("/") || root.isEmpty ? $0 : "\(root)/\($0)" }
        }
        certificatePath = path("certificate")
        privateKeyPath = path("key")
        isInsecure = section.flag("insecure", default: isInsecure)
        let limits = section.section("limits", known: Self.limitKeys)
        bodyLimit = limits.bytes("body", default: bodyLimit, in: 1 << 10...1 << 30)
        answerLimit = limits.bytes("answer", default: answerLimit, in: 1 << 10...1 << 30)
        connectionLimit = limits.integer("connections", default: connectionLimit, in: 1...1_000_000)
        requestLimit = limits.integer("requests", default: requestLimit, in: 1...1_000_000)
        idleTimeout = section.duration("idle", default: idleTimeout, in: .seconds(1)...(.seconds(3600)))
        deadline = section.duration("deadline", default: deadline, in: .seconds(1)...(.seconds(86_400)))
        drain = section.duration("drain", default: drain, in: .zero...(.seconds(3600)))
        allowsUnknownPrices =
            section.word("unknown_prices", default: allowsUnknownPrices ? UnknownPrices.allow : .refuse) == .allow
        let ledger = section.section("ledger", known: Self.ledgerKeys)
        ledgerSync = ledger.word("sync", default: ledgerSync)
        failOpenScopes = ledger.read(
            "fail_open", default: [], text: { $0.isEmpty ? "none" : $0.map(\.text).joined(separator: ", ") }
        ) {
            node, what throws(DocumentError) in
            try Self.scopes(node, what)
        }
        check(section: section, tls: tls, log: log)
        Self.checkVariables(overrides, log: log)
    }

    private func check(section: SectionReader, tls: SectionReader, log: ReadingLog) {
        if (certificatePath == nil) != (privateKeyPath == nil) {
            let (there, missing) = certificatePath == nil ? ("key", "certificate") : ("certificate", "key")
            log.problem("`gateway.tls` has a `\(there)` but no `\(missing)`; TLS needs both", at: tls.map?.location)
        }
        if certificatePath == nil, !isInsecure, !ListenAddress.isLoopback(host) {
            log.problem(
                "`gateway.listen` is reachable from other machines (\(host)) without TLS: keys and prompts would travel in the clear. Set `tls: {certificate: …, key: …}`, listen on 127.0.0.1, or write `insecure: true` if something before the gateway speaks TLS",
                at: section.location(of: "listen"))
        }
    }

    private static func scopes(_ node: YAMLNode, _ what: String) throws(DocumentError) -> [BudgetScope] {
        var scopes: [BudgetScope] = []
        for element in try node.list(what) {
            let map = try element.map(what)
            try map.check(known: ["scope", "name"], in: "`\(what)`")
            scopes.append(try BudgetScope(reading: map, in: what))
        }
        return scopes
    }

    /// A misspelt variable must not be silently nothing.
    private static func checkVariables(_ overrides: SettingOverrides, log: ReadingLog) {
        let paths =
            [
                "listen", "insecure", "idle", "deadline", "drain", "unknown_prices", "tls.certificate", "tls.key",
                "ledger.sync",
            ]
            + limitKeys.map { "limits.\($0)" }
        let known = paths.map { SettingOverrides.variable(of: "gateway.\($0)") }
        for name in overrides.variableNames where !known.contains(name) {
            log.problem(
                "the environment variable \(name) sets nothing\(NearestName.hint(for: name, among: known))", at: nil)
        }
    }
}

/// Host and port to listen on: `127.0.0.1:8790`, `[::1]:8790`, `0.0.0.0:0`.
struct ListenAddress: Sendable, Equatable {
    var host: String
    var port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    init(_ node: YAMLNode, _ what: String) throws(DocumentError) {
        let text = try node.text(what)
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { throw Self.wrong(text, what, node) }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            throw Self.wrong(text, what, node)
        }
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || $0 == "/" }) else {
            throw Self.wrong(text, what, node)
        }
        self.init(host: host, port: port)
    }

    private static func wrong(_ text: String, _ what: String, _ node: YAMLNode) -> DocumentError {
        DocumentError(
            "`\(what)` must be a host and a port such as 127.0.0.1:8790 or [::1]:8790, but is `\(text.shown)`",
            at: node.location)
    }

    var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether only this machine can reach a host; a name other than `localhost` counts as reachable.
    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

import Domain
import Gateway
import Providers

/// Turns declared targets into ones that can be called: addresses, paths and secrets of their connections.
///
/// A `local` connection's server has no address before it runs: its origin has port 0 until whoever starts it fills it in.
struct RouteResolver: Sendable {
    let connections: any ConnectionSource

    /// What is wrong with a target; the sentence never holds a secret.
    struct Problem: Error {
        let sentence: String
    }

    /// The target of a declaration.
    ///
    /// What the declaration leaves out is taken from its first connection: `concurrency`, `max_output_tokens`,
    /// `priced_as`.
    func target(_ declaration: TargetDeclaration) throws(Problem) -> Target {
        var found: [Connection] = []
        for name in declaration.connections { found.append(try connection(name)) }
        guard let first = found.first else { throw Problem(sentence: "names no connection") }
        if let other = found.first(where: { Kind($0) != Kind(first) }) {
            throw Problem(
                sentence:
                    "its connections must lead to the same kind of API, but \(first) and \(other) do not; make two targets of them"
            )
        }
        var accesses: [UpstreamAccess] = []
        for connection in found {
            let access = try access(connection, model: declaration.model)
            try check(access)
            accesses.append(access)
        }
        let isAzure = accesses.contains { $0.basePath.contains(UpstreamAccess.deployments) }
        guard !isAzure || accesses.allSatisfy({ $0.basePath.contains(UpstreamAccess.deployments) }) else {
            throw Problem(sentence: "its connections must all use Azure's v1 addresses, or none of them")
        }
        return Target(
            declaration: Self.filled(declaration, from: first),
            dialect: first.type == .anthropic ? .anthropic : .openAI,
            isAzure: isAzure, isLocal: first.type == .local, provider: ProviderName.of(first), accesses: accesses)
    }

    /// What must be the same for all connections of a target.
    private struct Kind: Equatable {
        let type: ConnectionType
        let provider: String

        init(_ connection: Connection) {
            type = connection.type
            provider = ProviderName.of(connection)
        }
    }

    private func connection(_ name: String) throws(Problem) -> Connection {
        do {
            return try connections.connection(named: name)
        } catch {
            throw Problem(sentence: (error as? any Failure)?.message ?? "the connection `\(name)` cannot be read")
        }
    }

    /// A key with a line break, as files and variables often have one at their end, would break the request.
    private func check(_ access: UpstreamAccess) throws(Problem) {
        let values = access.headers + (access.secretHeader.map { [(name: $0.name, value: $0.value.reveal())] } ?? [])
        for (name, value) in values where value.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value > 0x7E }) {
            throw Problem(
                sentence:
                    "the connection `\(access.connection)` has a line break or a character outside of ASCII in what is sent as the header `\(name)`; remove it"
            )
        }
    }

    private static func filled(_ declaration: TargetDeclaration, from connection: Connection) -> TargetDeclaration {
        var declaration = declaration
        func number(_ key: String) -> Int? {
            connection.settings[key].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        }
        declaration.concurrency = declaration.concurrency ?? number("concurrency")
        declaration.maximumOutputTokens = declaration.maximumOutputTokens ?? number("max_output_tokens")
        declaration.pricedAs = declaration.pricedAs ?? connection.settings["priced_as"]
        return declaration
    }

    private func access(_ connection: Connection, model: String) throws(Problem) -> UpstreamAccess {
        switch connection.type {
        case .custom, .replay:
            throw Problem(
                sentence:
                    "the connection `\(connection.name)` is of type \(connection.type.rawValue), which leads to no model that can be served"
            )
        case .local:
            return UpstreamAccess(
                connection: connection.name, origin: Origin(host: "127.0.0.1", port: 0, isTLS: false), basePath: "/v1")
        case .anthropic: return try anthropic(connection)
        case .azureOpenAI: return try azure(connection, deployment: model)
        case .openAI, .serverless: return try openAI(connection)
        }
    }

    private func openAI(_ connection: Connection) throws(Problem) -> UpstreamAccess {
        guard let base = connection.base ?? (connection.type == .openAI ? ProviderDefaults.openAIBase : nil) else {
            throw Problem(sentence: "the connection `\(connection.name)` has no `api_base`")
        }
        let address = try address(base, of: connection)
        return UpstreamAccess(
            connection: connection.name, origin: address.origin, basePath: address.path,
            headers: connection.settings["organization"].map { [("openai-organization", $0)] } ?? [],
            secretHeader: Self.bearer(connection))
    }

    private func azure(_ connection: Connection, deployment: String) throws(Problem) -> UpstreamAccess {
        guard let base = connection.base else {
            throw Problem(sentence: "the connection `\(connection.name)` has no `api_base`")
        }
        let address = try address(base, of: connection)
        let version = connection.settings["api_version"] ?? ProviderDefaults.azureVersion
        let usesToken =
            connection.settings["api_type"] == "azure_ad" || connection.settings["auth_mode"] == "meid_token"
        let secret =
            usesToken ? Self.bearer(connection) : connection.secrets["api_key"].map { (name: "api-key", value: $0) }
        var path = address.path
        for ending in ["/v1", "/openai"] where path.hasSuffix(ending) { path.removeLast(ending.utf8.count) }
        // The v1 surface takes the deployment from the body and needs no version.
        let isV1 = address.path.hasSuffix("/openai/v1") || version == "v1"
        return UpstreamAccess(
            connection: connection.name, origin: address.origin,
            basePath: isV1
                ? "\(path)/openai/v1" : "\(path)\(UpstreamAccess.deployments)\(Self.percentEncoded(deployment))",
            query: isV1 ? "" : "?api-version=\(Self.percentEncoded(version))", secretHeader: secret)
    }

    private func anthropic(_ connection: Connection) throws(Problem) -> UpstreamAccess {
        let address = try address(connection.base ?? ProviderDefaults.anthropicBase, of: connection)
        let path = address.path.hasSuffix("/v1") ? address.path : "\(address.path)/v1"
        let version = connection.settings["api_version"] ?? ProviderDefaults.anthropicVersion
        return UpstreamAccess(
            connection: connection.name, origin: address.origin, basePath: path,
            headers: [("anthropic-version", version)],
            secretHeader: connection.secrets["api_key"].map { ("x-api-key", $0) })
    }

    private func address(_ text: String, of connection: Connection) throws(Problem) -> Address {
        guard let address = Address(text) else {
            throw Problem(
                sentence:
                    "the connection `\(connection.name)` has an address that cannot be used; write it as https://host[:port][/path], without a query"
            )
        }
        return address
    }

    private static func bearer(_ connection: Connection) -> (name: String, value: Secret)? {
        connection.secrets["api_key"].map { ("authorization", Secret("Bearer \($0.reveal())")) }
    }

    /// A text with everything but unreserved characters percent-encoded.
    private static func percentEncoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            let character = Character(Unicode.Scalar(byte))
            if byte < 0x80, character.isLetter || character.isNumber || "-._~".contains(character) {
                encoded.append(character)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += "%\(digits.count == 1 ? "0" : "")\(digits)"
            }
        }
        return encoded
    }
}

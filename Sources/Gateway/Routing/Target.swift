package import Domain

/// Where an upstream listens.
package struct Origin: Sendable, Hashable {
    package var host: String
    package var port: Int
    package var isTLS: Bool

    package init(host: String, port: Int, isTLS: Bool) {
        self.host = host
        self.port = port
        self.isTLS = isTLS
    }
}

/// One way to authenticate to an upstream, with where it leads.
package struct UpstreamAccess: Sendable, Hashable {
    /// The connection's name.
    package var connection: String
    package var origin: Origin
    /// What goes before an operation's own path, without a trailing slash: `/v1`, `/openai/deployments/gpt`.
    package var basePath: String
    /// What goes after it: `?api-version=2024-10-21`, or empty.
    package var query: String
    /// Headers beside the secret: `anthropic-version`, `openai-organization` and others.
    package var headers: [(name: String, value: String)]
    /// The header that carries the secret, and the secret; `nil` where none is needed.
    package var secretHeader: (name: String, value: Secret)?

    package init(
        connection: String, origin: Origin, basePath: String, query: String = "",
        headers: [(name: String, value: String)] = [], secretHeader: (name: String, value: Secret)? = nil
    ) {
        self.connection = connection
        self.origin = origin
        self.basePath = basePath
        self.query = query
        self.headers = headers
        self.secretHeader = secretHeader
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.connection == right.connection && left.origin == right.origin && left.basePath == right.basePath
            && left.query == right.query && left.headers.elementsEqual(right.headers) { $0 == $1 }
            && left.secretHeader?.name == right.secretHeader?.name
            && left.secretHeader?.value == right.secretHeader?.value
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(connection)
        hasher.combine(origin)
        hasher.combine(basePath)
    }
}

/// A target with its connections resolved: what the data path works with.
package struct Target: Sendable {
    package var declaration: TargetDeclaration
    package var dialect: Dialect
    /// Whether the deployment in the path decides the model (Azure).
    package var isAzure: Bool
    /// Whether it is a llama.cpp server that Pawang starts; its origin is known once it runs.
    package var isLocal: Bool
    /// OpenTelemetry's name of the provider.
    package var provider: String
    /// In order of preference; never empty.
    package var accesses: [UpstreamAccess]

    package init(
        declaration: TargetDeclaration, dialect: Dialect, isAzure: Bool = false, isLocal: Bool = false,
        provider: String, accesses: [UpstreamAccess]
    ) {
        self.declaration = declaration
        self.dialect = dialect
        self.isAzure = isAzure
        self.isLocal = isLocal
        self.provider = provider
        self.accesses = accesses
    }

    package var id: String { declaration.id }
}

extension UpstreamAccess {
    /// Azure's older paths, where the deployment stands before the operation.
    package static let deployments = "/openai/deployments/"

    /// The whole request target of an operation: path and query.
    ///
    /// Azure offers the Responses API beside its deployments, not below one: there the body names the deployment.
    package func requestTarget(of operation: Operation) -> String {
        if operation == .responses, let range = basePath.firstRange(of: Self.deployments) {
            return basePath[..<range.lowerBound] + "/openai/responses" + query
        }
        return basePath + operation.path + query
    }
}

extension Operation {
    /// What follows an API's base path.
    package var path: String {
        switch self {
        case .chat: "/chat/completions"
        case .responses: "/responses"
        case .embeddings: "/embeddings"
        case .messages: "/messages"
        case .countTokens: "/messages/count_tokens"
        }
    }
}

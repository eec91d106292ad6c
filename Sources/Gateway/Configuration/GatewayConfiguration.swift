/// What `pawang.yaml` says under `gateway`, `models` and `budgets`.
package struct GatewayConfiguration: Sendable, Equatable {
    package var server = ServerSettings()
    /// The served models in the file's order.
    package var models: [ModelRoute] = []
    package var budgets: [BudgetRule] = []

    package init() {}

    /// The route of a served name.
    package func route(of model: String) -> ModelRoute? { models.first { $0.name == model } }
}

/// `gateway:`, how the server listens and what bounds every request.
package struct ServerSettings: Sendable, Equatable {
    package var host = "127.0.0.1"
    package var port = 8790
    /// Certificate chain and private key (PEM); with them the server speaks TLS and HTTP/2.
    package var certificatePath: String?
    package var privateKeyPath: String?
    /// Whether to listen beyond this machine without TLS, because something before the server speaks it.
    package var isInsecure = false
    /// Bytes of a request's body.
    package var bodyLimit = 32 << 20
    /// Bytes of an upstream's answer that is not streamed, after decompression.
    package var answerLimit = 64 << 20
    package var connectionLimit = 8192
    /// Requests in work; more are refused with 503.
    package var requestLimit = 4096
    /// How long a connection may be silent between requests.
    package var idleTimeout = Duration.seconds(75)
    /// The longest deadline of a call; a client's own header can only shorten it.
    package var deadline = Duration.seconds(600)
    /// How long a stopping server waits for what is running.
    package var drain = Duration.seconds(30)
    /// Whether calls of models without a known price are let through, with their cost unknown.
    package var allowsUnknownPrices = false
    /// What a dispatch has survived when its first byte goes out.
    package var ledgerSync = LedgerSettings.Sync.interval
    /// Scopes whose calls are let through while the ledger cannot write; none unless said.
    package var failOpenScopes: [BudgetScope] = []

    package init() {}
}

/// A served model name and how calls of it are answered.
package struct ModelRoute: Sendable, Equatable {
    package var name: String
    package var targets: [TargetDeclaration]
    /// Public models tried in order when no target of this one could answer.
    package var fallbacks: [String] = []
    package var retries = RetrySettings()
    package var cache: CacheSettings?
    /// What happens upstream when the client goes away.
    package var onDisconnect = DisconnectPolicy.cancel

    package init(name: String, targets: [TargetDeclaration]) {
        self.name = name
        self.targets = targets
    }
}

/// One upstream of a route, as declared.
package struct TargetDeclaration: Sendable, Equatable {
    /// Unique in its route: `connection/model` unless given.
    package var id: String
    /// Connections, the first of which is used until its key is refused.
    package var connections: [String]
    /// The upstream's own name of the model or deployment; the served one unless given.
    package var model: String
    /// Share of the calls among targets that are eligible; 0 is used only when no other can be.
    package var weight = 1
    /// When it is eligible; all must hold.
    package var conditions = TargetConditions()
    /// Calls at the same time; `nil` for no bound.
    package var concurrency: Int?
    /// How long it is left alone after a failure that is its own.
    package var coolDown = Duration.seconds(30)
    /// From connecting to the answer's head.
    package var headTimeout = Duration.seconds(120)
    package var connectTimeout = Duration.seconds(5)
    /// To a stream's first content event.
    package var firstTokenTimeout: Duration?
    /// Between two events of a stream, or two pieces of a body.
    package var stallTimeout = Duration.seconds(60)
    /// The slowest acceptable stream after its first content, measured over ten seconds.
    package var minimumTokensPerSecond: Double?
    /// The most tokens the upstream gives: the bound where a client sets none.
    package var maximumOutputTokens: Int?
    /// The model's name in the price data, where it differs.
    package var pricedAs: String?

    package init(id: String, connections: [String], model: String) {
        self.id = id
        self.connections = connections
        self.model = model
    }
}

/// When a target is eligible.
package struct TargetConditions: Sendable, Equatable {
    /// Key ids.
    package var keys: [String] = []
    package var teams: [String] = []
    /// Header names in lower case and the value they must have.
    package var headers: [String: String] = [:]
    /// Estimated input tokens, both ends included.
    package var minimumInputTokens: Int?
    package var maximumInputTokens: Int?

    package init() {}
}

package struct RetrySettings: Sendable, Equatable {
    /// Attempts over all targets and fallbacks.
    package var attempts = 3
    /// Retries may be this share of the route's calls over a minute (with ten always allowed), so that an outage is not multiplied.
    package var share = 0.2
    /// The first pause before the same target is tried again; doubles, with jitter, to eight seconds.
    package var pause = Duration.milliseconds(250)

    package init() {}
}

/// The exact cache of a route.
package struct CacheSettings: Sendable, Equatable {
    package var timeToLive = Duration.seconds(600)
    /// Whether one key's answers may be given to another.
    package var isShared = false

    package init() {}
}

package enum DisconnectPolicy: String, Sendable, Equatable, CaseIterable {
    /// The upstream call is ended; what was counted until then is billed as estimated.
    case cancel
    /// The answer is read to its end (bounded) for its exact usage.
    case drain
}

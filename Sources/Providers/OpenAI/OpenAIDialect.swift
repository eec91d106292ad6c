import Domain

/// OpenAI's API: at OpenAI, at Azure, at a serverless endpoint, or at anything that speaks it.
struct OpenAIDialect: Dialect {
    let provider: String
    private let connection: Connection
    /// The address to use instead of the connection's own: that of a server we started.
    private let base: String?

    init(connection: Connection, base: String? = nil) {
        self.connection = connection
        self.base = base
        provider = ProviderName.of(connection)
    }

    func call(for request: ModelRequest, isStreaming: Bool) throws(ProviderFailure) -> HTTPCall {
        var body = request.body
        body["stream"] = isStreaming ? true : nil
        if isStreaming {
            var options = body["stream_options"]?.object ?? [:]
            options["include_usage"] = true
            body["stream_options"] = .object(options)
        }
        if connection.type != .azureOpenAI, body["model"] == nil, let model = connection.settings["model"] {
            body["model"] = .string(model)
        }
        return HTTPCall(
            url: try url(for: request), headers: try headers(), body: JSONValue.object(body).bytes(sortedKeys: false))
    }

    func answer(from body: JSONObject, to request: ModelRequest) throws(ProviderFailure) -> JSONObject {
        if let error = body["error"], !error.isNull {
            throw ProviderFailure(event: error, redactor: Redactor(connection))
        }
        let list = request.operation == .embedding ? "data" : "choices"
        guard let elements = body[list]?.array, !elements.isEmpty else {
            throw ProviderFailure(.malformed, "The provider's answer has no `\(list)`.", status: 200)
        }
        return body
    }

    func assembler(for request: ModelRequest) -> any StreamAssembler {
        ChatStreamAssembler(operation: request.operation, redactor: Redactor(connection))
    }

    private func url(for request: ModelRequest) throws(ProviderFailure) -> String {
        let path =
            switch request.operation {
            case .chat: "/chat/completions"
            case .completion: "/completions"
            case .embedding: "/embeddings"
            }
        guard connection.type == .azureOpenAI else {
            guard let base = base ?? connection.base ?? (connection.type == .openAI ? ProviderDefaults.openAIBase : nil)
            else {
                throw .missing("api_base", of: connection)
            }
            return base.trimmingSlashes + path
        }
        guard let base = connection.base else { throw .missing("api_base", of: connection) }
        let deployment = connection.settings["deployment"] ?? request.model
        let chosen = request.body["model"]?.string ?? deployment
        guard !chosen.isEmpty else {
            throw ProviderFailure(
                .misconfigured,
                "No deployment is named for connection `\(connection.name)`. Set `deployment_name` in the node or "
                    + "`deployment` in the connection."
            )
        }
        let version = connection.settings["api_version"] ?? ProviderDefaults.azureVersion
        return
            "\(base.trimmingSlashes)/openai/deployments/\(chosen.percentEncoded)\(path)?api-version=\(version.percentEncoded)"
    }

    private func headers() throws(ProviderFailure) -> [(name: String, value: String)] {
        var headers = [
            (name: "content-type", value: "application/json"),
            (name: "accept", value: "application/json, text/event-stream"),
        ]
        let key = connection.secrets["api_key"]?.reveal()
        switch connection.type {
        case .azureOpenAI:
            guard let key else { throw .missing("api_key", of: connection) }
            let usesToken =
                connection.settings["api_type"] == "azure_ad" || connection.settings["auth_mode"] == "meid_token"
            headers.append(usesToken ? ("authorization", "Bearer \(key)") : ("api-key", key))
        case .openAI, .serverless:
            if let key {
                headers.append(("authorization", "Bearer \(key)"))
            } else if connection.type == .serverless || connection.base == nil {
                throw .missing("api_key", of: connection)
            }
        default: break
        }
        if let organization = connection.settings["organization"] {
            headers.append(("openai-organization", organization))
        }
        return headers
    }
}

extension ProviderFailure {
    /// A connection lacks a value it cannot do without.
    static func missing(_ property: String, of connection: Connection) -> Self {
        let variable = VariableName.of(property, connection: connection.name)
        return Self(
            .misconfigured,
            "Connection `\(connection.name)` has no `\(property)`. Set \(variable) in the environment or in .env, "
                + "or declare it in connections.yaml."
        )
    }
}

extension String {
    var trimmingSlashes: String {
        var text = self
        while text.hasSuffix("/") { text.removeLast() }
        return text
    }

    /// This text with everything but unreserved characters percent-encoded.
    var percentEncoded: String {
        var bytes: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes.append(UInt8(ascii: "%"))
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

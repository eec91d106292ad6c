import Gateway

/// What the data path does with a request, by its method and path.
enum ModelPath: Equatable {
    /// A call of a model; Azure's deployment is in the path.
    case call(Operation, model: String?)
    /// `GET /v1/models`.
    case models
    /// `GET /v1/models/{id}`.
    case model(String)
    /// An answer or conversation that OpenAI would keep; Pawang keeps none.
    case notKept
    /// A path of ours with another method than it takes.
    case wrongMethod(allowed: String)

    /// `nil` for what belongs to the router.
    ///
    /// - Parameters:
    ///   - method: in upper case.
    ///   - target: path and query, as they came.
    init?(method: String, target: String) {
        let path = target.utf8.firstIndex(of: UInt8(ascii: "?")).map { target[..<$0] } ?? target[...]
        switch path {
        case "/v1/chat/completions": self = Self.post(.chat, method)
        case "/v1/messages": self = Self.post(.messages, method)
        case "/v1/responses": self = Self.post(.responses, method)
        case "/v1/embeddings": self = Self.post(.embeddings, method)
        case "/v1/messages/count_tokens": self = Self.post(.countTokens, method)
        case "/v1/models": self = method == "GET" ? .models : .wrongMethod(allowed: "GET")
        default:
            guard let found = Self.prefixed(method: method, path: path) else { return nil }
            self = found
        }
    }

    private static func post(_ operation: Operation, model: String? = nil, _ method: String) -> Self {
        method == "POST" ? .call(operation, model: model) : .wrongMethod(allowed: "POST")
    }

    private static func prefixed(method: String, path: Substring) -> Self? {
        if let rest = path.dropping("/v1/") { return resource(method: method, rest: rest) }
        if let rest = path.dropping("/openai/deployments/") { return deployment(method: method, rest: rest) }
        if let rest = path.dropping("/openai/v1/") ?? path.dropping("/openai/") {
            return operation(method: method, rest: rest) ?? resource(method: method, rest: rest)
        }
        // SDKs whose base URL was given without `/v1`.
        return operation(method: method, rest: path.dropFirst()) ?? resource(method: method, rest: path.dropFirst())
    }

    private static func operation(method: String, rest: Substring) -> Self? {
        switch rest {
        case "chat/completions": post(.chat, method)
        case "responses": post(.responses, method)
        case "embeddings": post(.embeddings, method)
        case "messages": post(.messages, method)
        case "messages/count_tokens": post(.countTokens, method)
        case "models": method == "GET" ? .models : .wrongMethod(allowed: "GET")
        default: nil
        }
    }

    private static func resource(method: String, rest: Substring) -> Self? {
        if let id = rest.dropping("models/"), !id.isEmpty {
            return method == "GET" ? .model(id.percentDecoded) : .wrongMethod(allowed: "GET")
        }
        if rest.hasPrefix("responses/") || rest.hasPrefix("conversations") { return .notKept }
        return nil
    }

    private static func deployment(method: String, rest: Substring) -> Self? {
        guard let slash = rest.utf8.firstIndex(of: UInt8(ascii: "/")), slash > rest.startIndex else { return nil }
        let model = rest[..<slash].percentDecoded
        switch rest[rest.index(after: slash)...] {
        case "chat/completions": return post(.chat, model: model, method)
        case "embeddings": return post(.embeddings, model: model, method)
        case "responses": return post(.responses, model: model, method)
        default: return nil
        }
    }
}

extension Substring {
    /// What follows a beginning, or `nil` if it begins otherwise.
    fileprivate func dropping(_ start: String) -> Substring? {
        hasPrefix(start) ? self[index(startIndex, offsetBy: start.count)...] : nil
    }

    /// The text with `%2F` and the like written out; an escape that is none stays as it is.
    var percentDecoded: String {
        guard utf8.contains(UInt8(ascii: "%")) else { return String(self) }
        let bytes = Array(utf8)
        var decoded: [UInt8] = []
        var place = 0
        while place < bytes.count {
            if bytes[place] == UInt8(ascii: "%"), place + 2 < bytes.count, let high = bytes[place + 1].hexadecimalValue,
                let low = bytes[place + 2].hexadecimalValue
            {
                decoded.append(UInt8(high << 4 | low))
                place += 3
            } else {
                decoded.append(bytes[place])
                place += 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}

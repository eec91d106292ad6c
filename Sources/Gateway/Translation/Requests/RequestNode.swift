import Domain

/// A value inside a client's request together with the way to it, for messages that say where something is wrong.
struct RequestNode {
    let value: JSONValue
    /// Such as `messages[2].content[0].type`; empty for the body itself.
    let path: String

    init(_ value: JSONValue, path: String = "") {
        self.value = value
        self.path = path
    }

    /// The member named `key`, or `nil` if there is none or it is `null`.
    func member(_ key: String) -> RequestNode? {
        guard let value = value[key], !value.isNull else { return nil }
        return RequestNode(value, path: pathOf(key))
    }

    /// The way to a member of this value.
    func pathOf(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The member named `key`, which has to be there.
    func required(_ key: String) throws(GatewayFailure) -> RequestNode {
        guard let member = member(key) else {
            throw GatewayFailure(.invalidRequest, "`\(pathOf(key))` is missing.", parameter: pathOf(key))
        }
        return member
    }

    /// The members of this value, which has to be an object.
    func object() throws(GatewayFailure) -> JSONObject {
        guard let object = value.object else { throw wrongType("an object") }
        return object
    }

    /// The elements of this value, which has to be a list; with `orText` it could have been a text as well.
    func elements(orText: Bool = false) throws(GatewayFailure) -> [RequestNode] {
        guard let elements = value.array else { throw wrongType(orText ? "a string or a list" : "a list") }
        return elements.enumerated().map { RequestNode($1, path: "\(path)[\($0)]") }
    }

    /// This value, which has to be a string.
    func string() throws(GatewayFailure) -> String {
        guard let string = value.string else { throw wrongType("a string") }
        return string
    }

    func bool() throws(GatewayFailure) -> Bool {
        guard let bool = value.bool else { throw wrongType("a Boolean") }
        return bool
    }

    func int() throws(GatewayFailure) -> Int {
        if let int = value.int { return int }
        if case .double(let number) = value, let int = Int(exactly: number) { return int }
        throw wrongType("an integer")
    }

    func number() throws(GatewayFailure) -> Double {
        guard let number = value.double, number.isFinite else { throw wrongType("a number") }
        return number
    }

    /// What to say of a value of the wrong kind.
    func wrongType(_ expected: String) -> GatewayFailure {
        GatewayFailure(
            .invalidRequest, "`\(path.isEmpty ? "body" : path)` must be \(expected), not \(value.kindName).",
            parameter: path.isEmpty ? nil : path)
    }

    /// What to say of a value that is of the right kind and still wrong.
    func invalid(_ reason: String) -> GatewayFailure {
        GatewayFailure(.invalidRequest, "`\(path)` \(reason)", parameter: path)
    }

    /// What to say of a value the upstream's dialect has no words for.
    func untranslatable(_ reason: String) -> GatewayFailure {
        GatewayFailure(.untranslatable, "`\(path)` \(reason)", parameter: path)
    }
}

extension String {
    /// This text cut to a length fit for a message, where it is the client's own word for a kind of thing.
    var shortened: String { String(prefix(40)) }
}

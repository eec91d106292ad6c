/// A member of a request's body that the gateway reads.
enum RequestMember: String {
    case model
    case stream
    case streamOptions = "stream_options"
    case maxTokens = "max_tokens"
    case maxCompletionTokens = "max_completion_tokens"
    case maxOutputTokens = "max_output_tokens"
    /// llama.cpp's own word, which counts more there than `max_tokens`.
    case nPredict = "n_predict"
    case n
    case user
    case safetyIdentifier = "safety_identifier"
    case metadata
    case encodingFormat = "encoding_format"
    case serviceTier = "service_tier"
    case tools
    case functions
    case modalities
    case previousResponse = "previous_response_id"
    case conversation
    case input
    case messages

    /// The member whose key this is; chosen by length first, since most keys are none of them.
    init?(_ key: JSONNode) {
        let bytes = key.bytes
        switch bytes.count {
        case 1: self.init(bytes, .n, "n")
        case 4: self.init(bytes, .user, "user")
        case 5:
            if bytes.isText("model") {
                self = .model
            } else if bytes.isText("tools") {
                self = .tools
            } else {
                self.init(bytes, .input, "input")
            }
        case 6: self.init(bytes, .stream, "stream")
        case 8:
            if bytes.isText("messages") { self = .messages } else { self.init(bytes, .metadata, "metadata") }
        case 9:
            if bytes.isText("functions") { self = .functions } else { self.init(bytes, .nPredict, "n_predict") }
        case 10:
            if bytes.isText("max_tokens") { self = .maxTokens } else { self.init(bytes, .modalities, "modalities") }
        case 12:
            if bytes.isText("conversation") {
                self = .conversation
            } else {
                self.init(bytes, .serviceTier, "service_tier")
            }
        case 14: self.init(bytes, .streamOptions, "stream_options")
        case 15: self.init(bytes, .encodingFormat, "encoding_format")
        case 17:
            if bytes.isText("max_output_tokens") {
                self = .maxOutputTokens
            } else {
                self.init(bytes, .safetyIdentifier, "safety_identifier")
            }
        case 20: self.init(bytes, .previousResponse, "previous_response_id")
        case 21: self.init(bytes, .maxCompletionTokens, "max_completion_tokens")
        default: return nil
        }
    }

    private init?(_ bytes: UnsafeRawBufferPointer, _ member: RequestMember, _ name: StaticString) {
        guard bytes.isText(name) else { return nil }
        self = member
    }

    /// Whether it limits the output of an operation.
    func limits(_ operation: Operation) -> Bool {
        switch operation {
        case .chat: self == .maxTokens || self == .maxCompletionTokens || self == .nPredict
        case .responses: self == .maxOutputTokens
        case .messages: self == .maxTokens
        case .embeddings, .countTokens: false
        }
    }
}

/// Reads members of a body with the checks they need.
struct MemberReader {
    let body: UnsafeRawBufferPointer
    private var seen: [RequestMember] = []

    init(body: UnsafeRawBufferPointer) {
        self.body = body
        seen.reserveCapacity(16)
    }

    mutating func refuseRepeated(_ member: RequestMember) throws(GatewayFailure) {
        guard !seen.contains(member) else {
            throw GatewayFailure(
                .invalidRequest, "`\(member.rawValue)` is given more than once: leave one of them.",
                parameter: member.rawValue)
        }
        seen.append(member)
    }

    func text(_ value: JSONNode, _ member: RequestMember) throws(GatewayFailure) -> String? {
        guard !value.isNull else { return nil }
        guard let text = value.string else { throw Self.wrong(member, value, "a string") }
        return text
    }

    func flag(_ value: JSONNode, _ member: RequestMember) throws(GatewayFailure) -> Bool? {
        guard !value.isNull else { return nil }
        guard let flag = value.bool else { throw Self.wrong(member, value, "true or false") }
        return flag
    }

    func number(_ value: JSONNode, _ member: RequestMember, atLeast least: Int) throws(GatewayFailure) -> Int? {
        guard !value.isNull else { return nil }
        guard let number = value.int, number >= least else {
            throw Self.wrong(member, value, "a whole number of at least \(least)")
        }
        return number
    }

    static func wrong(_ member: RequestMember, _ value: JSONNode, _ wanted: String) -> GatewayFailure {
        GatewayFailure(
            .invalidRequest, "`\(member.rawValue)` must be \(wanted), but it is \(value.kind).",
            parameter: member.rawValue)
    }
}

extension RequestScan {
    private static let maximumMetadata = 64
    private static let maximumTextBytes = 512

    mutating func read(_ tree: borrowing JSONTree, of body: UnsafeRawBufferPointer) throws(GatewayFailure) {
        var reader = MemberReader(body: body)
        let pathModel = model
        let root = tree.root
        places.firstMember = JSONText.firstMemberPlace(body)
        places.hasMembers = root.count > 0
        for (key, value) in root.members {
            guard let member = Member(key) else { continue }
            try reader.refuseRepeated(member)
            try read(member, value, at: tree.offset(of: key) ?? 0, &reader)
        }
        if !pathModel.isEmpty { model = pathModel }
        try readStreamOptions(root, tree, body)
        estimatedInputTokens = InputEstimate.read(tree, into: &self)
    }

    private mutating func read(
        _ member: Member, _ value: JSONNode, at place: Int, _ reader: inout MemberReader
    ) throws(GatewayFailure) {
        switch member {
        case .model:
            places.model = JSONText.valueRange(reader.body, keyAt: place)
            model = try reader.text(value, .model) ?? ""
        case .stream: isStream = try reader.flag(value, .stream) ?? false
        case .maxTokens, .maxCompletionTokens, .maxOutputTokens, .nPredict:
            guard member.limits(operation) else { return }
            let tokens = try reader.number(value, member, atLeast: 0)
            let range = JSONText.valueRange(reader.body, keyAt: place)
            places.limits.append(RequestPlaces.Limit(value: range, tokens: tokens))
            if let tokens { maximumOutputTokens = max(maximumOutputTokens ?? 0, tokens) }
        case .n: choices = try reader.number(value, .n, atLeast: 1) ?? 1
        case .user, .safetyIdentifier:
            if let text = Self.bounded(value) { user = member == .safetyIdentifier ? text : user ?? text }
        case .metadata: readMetadata(value)
        case .encodingFormat: encodingFormat = try reader.text(value, .encodingFormat)
        case .serviceTier: serviceTier = try reader.text(value, .serviceTier)
        case .tools, .functions: hasTools = hasTools || value.count > 0
        case .modalities: hasAudio = hasAudio || value.elements.contains { $0.isString("audio") }
        case .previousResponse, .conversation: hasStoredInput = hasStoredInput || value.isGiven
        case .input: try readInput(value)
        case .messages:
            guard value.isArray else { throw MemberReader.wrong(.messages, value, "an array") }
        case .streamOptions: places.streamOptions = JSONText.valueRange(reader.body, keyAt: place)
        }
    }

    private mutating func readMetadata(_ value: JSONNode) {
        for (key, value) in value.members {
            guard metadata.count < Self.maximumMetadata else { return }
            guard let name = Self.bounded(key), let text = Self.bounded(value) else { continue }
            metadata[name] = text
            if operation.dialect == .anthropic, name == "user_id" { user = text }
        }
    }

    private mutating func readInput(_ value: JSONNode) throws(GatewayFailure) {
        guard operation == .embeddings else { return }
        guard value.isString || value.isArray else {
            throw MemberReader.wrong(.input, value, "a string or an array")
        }
        // A single list of tokens is one input.
        inputs = value.isArray && value.first.int == nil ? value.count : 1
    }

    private mutating func readStreamOptions(
        _ root: JSONNode, _ tree: borrowing JSONTree, _ body: UnsafeRawBufferPointer
    ) throws(GatewayFailure) {
        let options = root["stream_options"]
        guard options.isGiven else { return }
        guard options.isObject else { throw MemberReader.wrong(.streamOptions, options, "an object") }
        places.hasStreamOptions = true
        places.streamOptionsAreEmpty = options.count == 0
        for (key, value) in options.members where key.isString("include_usage") {
            guard places.includeUsage == nil else {
                throw GatewayFailure(
                    .invalidRequest, "`stream_options.include_usage` is given more than once.",
                    parameter: "stream_options")
            }
            guard value.isNull || value.bool != nil else {
                throw GatewayFailure(
                    .invalidRequest, "`stream_options.include_usage` must be true or false.",
                    parameter: "stream_options")
            }
            places.includeUsage = JSONText.valueRange(body, keyAt: tree.offset(of: key) ?? 0)
            wantsStreamUsage = value.bool ?? false
        }
    }

    private static func bounded(_ node: JSONNode) -> String? {
        node.bytes.count <= maximumTextBytes && !node.bytes.isEmpty ? node.string : nil
    }
}

/// A member of a request's body that the gateway reads.
enum Member: String {
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
            if bytes.isText("model") { self = .model } else if bytes.isText("tools") { self = .tools } else {
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
            if bytes.isText("conversation") { self = .conversation } else {
                self.init(bytes, .serviceTier, "service_tier")
            }
        case 14: self.init(bytes, .streamOptions, "stream_options")
        case 15: self.init(bytes, .encodingFormat, "encoding_format")
        case 17:
            if bytes.isText("max_output_tokens") { self = .maxOutputTokens } else {
                self.init(bytes, .safetyIdentifier, "safety_identifier")
            }
        case 20: self.init(bytes, .previousResponse, "previous_response_id")
        case 21: self.init(bytes, .maxCompletionTokens, "max_completion_tokens")
        default: return nil
        }
    }

    private init?(_ bytes: UnsafeRawBufferPointer, _ member: Member, _ name: StaticString) {
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
    private var seen: [Member] = []

    init(body: UnsafeRawBufferPointer) {
        self.body = body
        seen.reserveCapacity(16)
    }

    mutating func refuseRepeated(_ member: Member) throws(GatewayFailure) {
        guard !seen.contains(member) else {
            throw GatewayFailure(
                .invalidRequest, "`\(member.rawValue)` is given more than once: leave one of them.",
                parameter: member.rawValue)
        }
        seen.append(member)
    }

    func text(_ value: JSONNode, _ member: Member) throws(GatewayFailure) -> String? {
        guard !value.isNull else { return nil }
        guard let text = value.string else { throw Self.wrong(member, value, "a string") }
        return text
    }

    func flag(_ value: JSONNode, _ member: Member) throws(GatewayFailure) -> Bool? {
        guard !value.isNull else { return nil }
        guard let flag = value.bool else { throw Self.wrong(member, value, "true or false") }
        return flag
    }

    func number(_ value: JSONNode, _ member: Member, atLeast least: Int) throws(GatewayFailure) -> Int? {
        guard !value.isNull else { return nil }
        guard let number = value.int, number >= least else {
            throw Self.wrong(member, value, "a whole number of at least \(least)")
        }
        return number
    }

    static func wrong(_ member: Member, _ value: JSONNode, _ wanted: String) -> GatewayFailure {
        GatewayFailure(
            .invalidRequest, "`\(member.rawValue)` must be \(wanted), but it is \(value.kind).",
            parameter: member.rawValue)
    }
}
